/// The topic prefixes that somebody reads, as an XPUB socket tells them.
struct Subscriptions {
    /// Prefixes kept; beyond it everything counts as wanted, which costs time and no message.
    static let prefixesMax = 10_000

    private var prefixes: Set<[UInt8]> = []

    var isEmpty: Bool { prefixes.isEmpty }

    /// Takes one subscription message: a byte, 1 for a new prefix and 0 for one nobody reads any more, and the prefix.
    mutating func take(_ message: UnsafeRawBufferPointer) {
        guard let kind = message.first else { return }
        let prefix = Array(message.dropFirst())
        if kind == 1, prefixes.count < Self.prefixesMax {
            prefixes.insert(prefix)
        } else if kind == 1 {
            prefixes = [[]]
        } else if kind == 0 {
            prefixes.remove(prefix)
        }
    }

    func contains(_ topic: String) -> Bool { prefixes.contains { topic.utf8.starts(with: $0) } }
}
