import DequeModule
import JSON

/// Replies that wait until what they say is durable, in the order of their requests.
///
/// Bytes lie in one arena that is reused, so a reply costs two copies and no allocation.
package struct ReplyQueue {
    private struct Entry {
        let addressStart: Int
        let textStart: Int
        let end: Int
        /// The block that must be synced first.
        let awaits: UInt64
    }

    private var entries: Deque<Entry> = []
    private var arena: [UInt8] = []
    /// Bytes of replies already sent, at the arena's beginning.
    private var spent = 0

    private static let compactionBytesMin = 1 << 20

    package init() {}

    package var count: Int { entries.count }
    package var byteCount: Int { arena.count - spent }

    /// Adds a reply.
    ///
    /// - Parameters:
    ///   - address: the frames that stood before the payload, each as four bytes of length and its bytes.
    ///   - text: the receipts, one a line.
    ///   - awaits: the last block that holds anything the reply speaks of.
    package mutating func append(address: [UInt8], text: UnsafeRawBufferPointer, awaits: UInt64) {
        let start = arena.count
        arena.append(contentsOf: address)
        let textStart = arena.count
        arena.append(contentsOf: text)
        // Replies leave in the order of requests, so one never overtakes what waits before it.
        let order = max(awaits, entries.last?.awaits ?? 0)
        entries.append(Entry(addressStart: start, textStart: textStart, end: arena.count, awaits: order))
    }

    /// Hands every reply whose block is synced to `send`, oldest first.
    package mutating func release(
        through synced: UInt64, _ send: (_ address: UnsafeRawBufferPointer, _ text: UnsafeRawBufferPointer) -> Void
    ) {
        arena.withUnsafeBytes { bytes in
            while let entry = entries.first, entry.awaits <= synced {
                send(
                    UnsafeRawBufferPointer(rebasing: bytes[entry.addressStart..<entry.textStart]),
                    UnsafeRawBufferPointer(rebasing: bytes[entry.textStart..<entry.end]))
                entries.removeFirst()
                spent = entry.end
            }
        }
        compact()
    }

    /// Rewrites the text of every reply that waits for a block from `first` on, because those blocks could not be written.
    package mutating func rewrite(awaiting first: UInt64, settled: UInt64, _ rewritten: (String) -> [UInt8]) {
        var renewed = ReplyQueue()
        for entry in entries {
            let address = Array(arena[entry.addressStart..<entry.textStart])
            let text = arena[entry.textStart..<entry.end]
            if entry.awaits < first {
                text.withUnsafeBytes { renewed.append(address: address, text: $0, awaits: entry.awaits) }
            } else {
                rewritten(String(decoding: text, as: UTF8.self)).withUnsafeBytes {
                    renewed.append(address: address, text: $0, awaits: settled)
                }
            }
        }
        self = renewed
    }

    private mutating func compact() {
        if entries.isEmpty {
            arena.removeAll(keepingCapacity: arena.count < 64 << 20)
            spent = 0
        } else if spent > Self.compactionBytesMin, spent > arena.count / 2 {
            arena.removeSubrange(..<spent)
            entries = Deque(
                entries.map {
                    Entry(
                        addressStart: $0.addressStart - spent, textStart: $0.textStart - spent, end: $0.end - spent,
                        awaits: $0.awaits)
                })
            spent = 0
        }
    }
}
