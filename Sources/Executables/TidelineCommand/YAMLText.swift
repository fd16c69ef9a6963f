import JSON

/// Small trees as YAML in one line, the way people write it.
enum YAMLText {
    static func flow(_ tree: JSONTree) -> String {
        switch tree {
        case .string(let text): scalar(text)
        case .array(let elements): "[\(elements.map(flow).joined(separator: ", "))]"
        case .object(let members): "{\(members.map { "\(scalar($0.0)): \(flow($0.1))" }.joined(separator: ", "))}"
        case .null, .bool, .integer, .number: tree.text
        }
    }

    /// A text without quotes where it can only be a text, as 1..5 is; else with those of JSON, which YAML takes.
    private static func scalar(_ text: String) -> String {
        let isPlain =
            text.unicodeScalars.allSatisfy {
                ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
                    || "._- /".unicodeScalars.contains($0)
            } && text.first.map { $0.isLetter || $0.isNumber } ?? false && text.last != " "
        let looksLikeOther =
            Double(text) != nil
            || ["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(text.lowercased())
        return isPlain && !looksLikeOther ? text : JSONTree.string(text).text
    }
}
