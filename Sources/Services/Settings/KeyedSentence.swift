import Messages

/// Settings given in one argument, as `name=value` pairs.
package struct KeyedSentence: Sendable {
    package let pairs: [(key: String, value: String)]

    /// - Parameters:
    ///   - separator: what stands between two pairs. Blanks and commas inside a value are kept where what follows them is
    ///     no pair.
    ///   - keys: those there are; one that ends in a dot takes any name behind it.
    /// - Throws: ``MessageError`` for a key that is unknown or stands twice, and for a text without a key.
    package init(_ text: String, separator: Character, keys: [String]) throws(MessageError) {
        var pairs: [(key: String, value: String)] = []
        for piece in text.split(separator: separator) {
            let trimmed = piece.trimmed
            if trimmed.isEmpty { continue }
            guard let equals = trimmed.firstIndex(of: "="), trimmed[..<equals].allSatisfy(Self.isOfKey) else {
                guard !pairs.isEmpty else {
                    throw MessageError("\"\(trimmed)\" is no setting: write NAME=VALUE, with \(Self.listed(keys))")
                }
                pairs[pairs.count - 1].value += "\(separator)\(piece)"
                continue
            }
            let key = String(trimmed[..<equals])
            guard keys.contains(where: { $0 == key || ($0.hasSuffix(".") && key.hasPrefix($0) && key != $0) }) else {
                throw MessageError("\"\(key)\" is not a setting here; there are \(Self.listed(keys))")
            }
            guard !pairs.contains(where: { $0.key == key }) else { throw MessageError("\(key) stands twice") }
            pairs.append((key, String(trimmed[trimmed.index(after: equals)...]).trimmed))
        }
        for pair in pairs where pair.value.isEmpty { throw MessageError("\(pair.key) has no value") }
        guard !pairs.isEmpty else { throw MessageError("nothing is set: write NAME=VALUE, with \(Self.listed(keys))") }
        self.pairs = pairs
    }

    package subscript(key: String) -> String? { pairs.first { $0.key == key }?.value }

    private static func isOfKey(_ character: Character) -> Bool { character.isLetter || character == "." }

    private static func listed(_ keys: [String]) -> String {
        keys.map { $0.hasSuffix(".") ? "\($0)NAME" : $0 }.joined(separator: ", ")
    }
}

extension StringProtocol {
    /// Without blanks at its ends.
    fileprivate var trimmed: String {
        var text = self[...]
        while text.first?.isWhitespace == true { text = text.dropFirst() }
        while text.last?.isWhitespace == true { text = text.dropLast() }
        return String(text)
    }
}
