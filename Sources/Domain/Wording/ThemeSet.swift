/// The themes a comment speaks of, by their place among the definitions.
package struct ThemeSet: Hashable, Sendable, Sequence {
    /// Bit n is theme n.
    package var bits: UInt64

    package init(bits: UInt64 = 0) { self.bits = bits }

    package var isEmpty: Bool { bits == 0 }

    package var count: Int { bits.nonzeroBitCount }

    package func contains(_ theme: Int) -> Bool { theme >= 0 && theme < 64 && bits & 1 << UInt64(theme) != 0 }

    /// The themes in rising order.
    package func makeIterator() -> Iterator { Iterator(rest: bits) }

    package struct Iterator: IteratorProtocol {
        fileprivate var rest: UInt64

        package mutating func next() -> Int? {
            guard rest != 0 else { return nil }
            defer { rest &= rest - 1 }
            return rest.trailingZeroBitCount
        }
    }
}
