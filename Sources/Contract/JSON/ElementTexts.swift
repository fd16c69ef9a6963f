/// The places in a batch's text of its elements, in order, found from what the parser already knows.
///
/// The same as `JSONText.elements(ofArray:)` of the text, but faster: the parser keeps the offsets of all brackets,
/// commas, colons and scalars, so nothing between them is looked at again.
public struct ElementTexts: Sequence, IteratorProtocol {
    private let text: UnsafePointer<UInt8>
    private var structural: UnsafePointer<UInt32>
    private let end: UnsafePointer<UInt32>

    /// `structurals` are those of a whole valid document; at least one.
    init(text: UnsafePointer<UInt8>, structurals: UnsafeBufferPointer<UInt32>) {
        self.text = text
        structural = structurals.baseAddress.unsafelyUnwrapped
        end = structural + structurals.count - 1
        // An empty array has no element behind its bracket, and a scalar has no brackets.
        structural = structurals.count > 2 && text[Int(structural.pointee)] == UInt8(ascii: "[") ? structural + 1 : end
    }

    public mutating func next() -> Range<Int>? {
        guard structural < end else { return nil }
        let lower = Int(structural.pointee)
        let upper = text[lower] | 0x20 == UInt8(ascii: "{") ? behindContainer() : behindScalar(lower)
        // Behind the comma, or to the closing bracket, which is the end.
        if structural < end { structural += 1 }
        return lower..<upper
    }

    /// Moves to the structural behind the container that begins here; returns where its text ends.
    private mutating func behindContainer() -> Int {
        var depth = 0
        while structural < end {
            let offset = Int(structural.pointee)
            structural += 1
            // Setting bit 5 makes one bracket of `{` and `[`, and of `}` and `]`; nothing else becomes either.
            let folded = text[offset] | 0x20
            if folded == UInt8(ascii: "{") {
                depth &+= 1
            } else if folded == UInt8(ascii: "}") {
                depth &-= 1
                if depth == 0 { return offset + 1 }
            }
        }
        return Int(end.pointee)
    }

    /// Moves to the structural behind the scalar that begins here; its text ends before that one and its white space.
    private mutating func behindScalar(_ lower: Int) -> Int {
        structural += 1
        var upper = Int(structural.pointee)
        while upper > lower, text[upper - 1] <= 0x20 { upper -= 1 }
        return upper
    }
}
