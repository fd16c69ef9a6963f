internal import CSimdJSON

extension JSONText {
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
