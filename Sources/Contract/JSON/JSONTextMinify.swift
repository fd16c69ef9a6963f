internal import CSimdJSON

extension JSONText {
    /// Writes the document as one value that contains no line end: as it is when it has none, which takes a few
    /// nanoseconds to see, else minified.
    public static func oneLine(_ text: UnsafeRawBufferPointer, into writer: inout JSONWriter) {
        if hasLineEnd(text) { minify(text, into: &writer) } else { writer.raw(text) }
    }

    /// Whether a line feed or carriage return occurs; in valid JSON they stand only between tokens. Looks at eight
    /// bytes at a time: taking 1 from a zero byte borrows, which sets its top bit.
    static func hasLineEnd(_ text: UnsafeRawBufferPointer) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        var position = 0
        while position &+ 8 <= text.count {
            let word = text.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            let (feed, carriage) = (word ^ (ones &* 0x0A), word ^ (ones &* 0x0D))
            if ((feed &- ones) & ~feed | (carriage &- ones) & ~carriage) & (ones &* 0x80) != 0 { return true }
            position &+= 8
        }
        return text[position...].contains { $0 == 0x0A || $0 == 0x0D }
    }

    /// Writes the document without its insignificant white space, line feeds above all, as one value. Strings and
    /// numbers keep their spelling.
    public static func minify(_ text: UnsafeRawBufferPointer, into writer: inout JSONWriter) {
        guard let start = text.baseAddress else { return }
        writer.beginValue()
        writer.reserve(text.count + JSONParser.paddingBytes)
        let source = start.assumingMemoryBound(to: UInt8.self)
        let written = csimdjson_minify(source, text.count, writer.end)
        // Only text with an open string fails, and then nothing has been said about what comes out.
        if written <= text.count { writer.advance(written) } else { writer.append(verbatim: text) }
    }
}
