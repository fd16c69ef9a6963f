/// Texts as the library takes them: C strings of a bounded length.
enum SAVText {
    /// The text without NUL, which would end a C string: U+FFFD stands in its place.
    static func withoutNUL(_ text: String) -> String {
        guard text.utf8.contains(0) else { return text }
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { scalars.append(scalar == "\0" ? "\u{FFFD}" : scalar) }
        return String(scalars)
    }

    /// The text without NUL, cut behind the last character that fits whole into so many bytes of UTF-8.
    static func fitting(_ text: String, bytesMax: Int) -> String {
        let text = withoutNUL(text)
        guard text.utf8.count > bytesMax else { return text }
        var bytes = 0
        var end = text.startIndex
        for index in text.indices {
            bytes += text[index].utf8.count
            if bytes > bytesMax { break }
            end = text.index(after: index)
        }
        return String(text[..<end])
    }
}
