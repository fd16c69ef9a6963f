/// Writes trees as YAML that ``ConfigurationYAML`` reads back to the same values.
package enum ConfigurationYAMLWriter {
    /// Maps and lists of scalars stay on one line up to this many characters.
    private static let flowCharactersMax = 100

    /// Everything after "key:", including the leading space or line break, without a final line break.
    /// - Parameters:
    ///   - indent: columns of the key.
    ///   - comment: stands on the key's line; empty for none.
    static func afterKey(_ tree: ConfigurationTree, indent: Int, comment: String = "") -> String {
        let mark = comment.isEmpty ? "" : "  # \(comment)"
        if let flow = flow(tree) { return " \(flow)\(mark)" }
        return mark + "\n" + block(tree, indent: indent + 2)
    }

    /// A scalar so that it reads back as the same kind and value.
    package static func scalar(_ value: ConfigurationTree.Value) -> String {
        switch value {
        case .null: return "null"
        case .bool(let flag): return flag ? "true" : "false"
        case .integer(let number): return String(number)
        case .double(let number):
            if number.isNaN { return ".nan" }
            if number.isInfinite { return number < 0 ? "-.inf" : ".inf" }
            return number.description
        case .string(let text): return isPlain(text) ? text : quoted(text)
        case .list, .map: preconditionFailure("not a scalar")
        }
    }

    private static func block(_ tree: ConfigurationTree, indent: Int) -> String {
        let margin = String(repeating: " ", count: indent)
        switch tree.value {
        case .map(let members):
            return members.map { "\(margin)\(key($0.key)):\(afterKey($0.value, indent: indent))" }
                .joined(separator: "\n")
        case .list(let items):
            return items.map { item in
                if let flow = flow(item) { return "\(margin)- \(flow)" }
                // The first line of the item follows its dash.
                return "\(margin)- " + block(item, indent: indent + 2).dropFirst(indent + 2)
            }.joined(separator: "\n")
        default: return margin + scalar(tree.value)
        }
    }

    /// One line, or nil when the value is too deep or too long for one.
    private static func flow(_ tree: ConfigurationTree) -> String? {
        let text: String
        switch tree.value {
        case .list(let items):
            guard items.allSatisfy(isScalar) else { return nil }
            text = "[" + items.map { scalar($0.value) }.joined(separator: ", ") + "]"
        case .map(let members):
            guard members.allSatisfy({ isScalar($0.value) }) else { return nil }
            text = "{" + members.map { "\(key($0.key)): \(scalar($0.value.value))" }.joined(separator: ", ") + "}"
        default: return scalar(tree.value)
        }
        return text.count <= flowCharactersMax || text.count <= 2 ? text : nil
    }

    private static func isScalar(_ tree: ConfigurationTree) -> Bool { tree.list == nil && tree.members == nil }

    static func key(_ text: String) -> String { isPlain(text) ? text : quoted(text) }

    /// A JSON text, in which what YAML would fold or refuse (line separators, C1 controls, byte order marks) is
    /// escaped as well.
    private static func quoted(_ text: String) -> String {
        var quoted = ""
        for scalar in JSONText.quoted(text).unicodeScalars {
            switch scalar.value {
            case 0x80...0x9F, 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted
    }

    /// Careful rather than clever: words other YAML readers take for something else are quoted, too.
    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.utf8.first, CoreSchema.value(text) == .string(text) else { return false }
        guard !["yes", "no", "on", "off", "y", "n"].contains(text.lowercased()) else { return false }
        let begins =
            isLetterOrDigit(first) || first == UInt8(ascii: "_") || first == UInt8(ascii: "/")
            || first == UInt8(ascii: ".")
        return begins
            && text.utf8.allSatisfy {
                isLetterOrDigit($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: ".")
                    || $0 == UInt8(ascii: "-")
            }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
