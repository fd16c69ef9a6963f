import Satisfaction

extension Segment {
    /// "channel chat, region eu"; "all answers" for the total. Values that are more than a word stand in quotation marks.
    var words: String {
        parts.isEmpty ? "all answers" : parts.map { "\($0.dimension) \(Self.spoken($0.value))" }.joined(separator: ", ")
    }

    /// What this segment says beyond `known`, which the reader has just read.
    func words(beyond known: Segment) -> String {
        let rest = Segment(parts.filter { known[$0.dimension] != $0.value })
        return rest.parts.isEmpty ? words : rest.words
    }

    private static func spoken(_ value: String) -> String {
        let isWord =
            !value.isEmpty
            && value.unicodeScalars.allSatisfy { scalar in
                scalar == "-" || scalar == "_" || scalar == "." || scalar.properties.isAlphabetic
                    || scalar.properties.numericType != nil
            }
        return isWord ? SpokenText.line(value) : SpokenText.quoted(value)
    }
}

/// Texts of others within a sentence: on one line, and not endless.
enum SpokenText {
    private static let charactersMax = 60

    static func line(_ text: String) -> String {
        let words = text.unicodeScalars.split { $0.properties.isWhitespace || isControl($0) }
        let line = words.map(String.init).joined(separator: " ")
        return line.count > charactersMax ? "\(line.prefix(charactersMax - 1))…" : line
    }

    /// Control characters, and those that turn the direction of the rest of a line.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .control || (0x202A...0x202E).contains(scalar.value)
            || (0x2066...0x2069).contains(scalar.value)
    }

    static func quoted(_ text: String) -> String { "'\(line(text))'" }

    /// A remark as a sentence: a capital first, a full stop last.
    static func sentence(_ text: String) -> String {
        let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard let last = words.last else { return "" }
        return words.prefix(1).uppercased() + words.dropFirst() + (".!?…".contains(last) ? "" : ".")
    }
}
