/// The identity of a block: 64 random bits, kept by all generations of the block (PROTOCOL.md, rule 3).
package struct Mark: Hashable, Sendable, CustomStringConvertible {
    package var rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    /// The mark before the first block of a journal.
    package static let none = Mark(rawValue: 0)

    /// A mark that is not `none`.
    package static func random(using generator: inout some RandomNumberGenerator) -> Mark {
        Mark(rawValue: UInt64.random(in: 1...UInt64.max, using: &generator))
    }

    /// Sixteen lowercase hexadecimal digits; `nil` for anything else.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.count == 16 else { return nil }
        var value: UInt64 = 0
        for byte in text.utf8 {
            guard let digit = hexadecimalDigit(byte) else { return nil }
            value = value << 4 | UInt64(digit)
        }
        rawValue = value
    }

    /// Sixteen lowercase hexadecimal digits.
    package var description: String { String(decoding: hexadecimal(rawValue, digits: 16), as: UTF8.self) }
}
