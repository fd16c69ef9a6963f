extension Setting {
    /// Judges a value from any layer.
    /// - Returns: problems that name place, key, value and what would be right; a secret's value is never named.
    func checked(_ tree: ConfigurationTree) -> Result<SettingValue, ConfigurationError> {
        if case .tree(let judge) = kind {
            let problems = judge(tree, path)
            return problems.isEmpty ? .success(.tree(tree)) : .failure(ConfigurationError(problems))
        }
        if tree.isNull {
            guard let standard else { return .success(.null) }
            return refused(tree, "has no value; \(right), or leave it out for the default \(standard)")
        }
        guard let value = value(of: tree) else {
            return refused(tree, secret ? "must be a text" : "is \(tree.whatItIs), but \(right)")
        }
        return .success(value)
    }

    /// The value, or nil when it is not what ``right`` asks for.
    private func value(of tree: ConfigurationTree) -> SettingValue? {
        switch kind {
        case .string:
            return tree.text.map { .string($0) }
        case .choice(let words):
            return tree.text.flatMap { words.contains($0) ? .string($0) : nil }
        case .integer(let range):
            return tree.integer.flatMap { range.contains($0) ? .integer($0) : nil }
        case .number(let range):
            return tree.number.flatMap { range.contains($0) ? .number($0) : nil }
        case .boolean:
            return tree.bool.map { .boolean($0) }
        case .duration(let range):
            let nanoseconds = tree.text.flatMap(DurationText.nanoseconds)
            return nanoseconds.flatMap { range.contains(.nanoseconds($0)) ? .nanoseconds($0) : nil }
        case .bytes(let range):
            return tree.text.flatMap(BytesText.bytes).flatMap { range.contains($0) ? .bytes($0) : nil }
        case .endpoint(let schemes):
            return tree.text.flatMap { EndpointText.isEndpoint($0, schemes: schemes) ? .string($0) : nil }
        case .address:
            return tree.text.flatMap { EndpointText.hostAndPort($0) != nil ? .string($0) : nil }
        case .strings:
            return texts(of: tree).map { .strings($0) }
        case .endpoints(let schemes):
            guard let texts = texts(of: tree) else { return nil }
            return texts.allSatisfy { EndpointText.isEndpoint($0, schemes: schemes) } ? .strings(texts) : nil
        case .tree:
            return .tree(tree)
        }
    }

    private func texts(of tree: ConfigurationTree) -> [String]? {
        guard let items = tree.list else { return nil }
        let texts = items.compactMap(\.text)
        return texts.count == items.count ? texts : nil
    }

    /// What would be right, beginning with "must".
    package var right: String {
        let unit = unit.map { " \($0)" } ?? ""
        switch kind {
        case .string: return "must be a text"
        case .choice(let words): return "must be one of: \(words.joined(separator: ", "))"
        case .integer(let range):
            return "must be a whole number from \(range.lowerBound) to \(range.upperBound)\(unit)"
        case .number(let range): return "must be a number from \(range.lowerBound) to \(range.upperBound)\(unit)"
        case .boolean: return "must be true or false"
        case .duration(let range):
            let low = DurationText.text(nanoseconds: range.lowerBound.nanoseconds)
            let high = DurationText.text(nanoseconds: range.upperBound.nanoseconds)
            return "must be a duration from \(low) to \(high), a whole number with one of the units "
                + DurationText.unitNames
        case .bytes(let range):
            let low = BytesText.text(bytes: range.lowerBound)
            let high = BytesText.text(bytes: range.upperBound)
            return "must be a size from \(low) to \(high), a whole number with one of the units \(BytesText.unitNames)"
        case .endpoint(let schemes): return "must be an endpoint such as \(EndpointText.examples(schemes))"
        case .address: return "must be host:port such as \"127.0.0.1:7400\""
        case .strings: return "must be a list of texts such as [a, b]"
        case .endpoints(let schemes):
            return "must be a list of endpoints such as [\(EndpointText.examples(schemes))]"
        case .tree: return "must be as its owner describes"
        }
    }

    private func refused(_ tree: ConfigurationTree, _ sentence: String) -> Result<SettingValue, ConfigurationError> {
        .failure(ConfigurationError([tree.problem(sentence, key: path)]))
    }
}

/// The two ways an address is written.
package enum EndpointText {
    /// Splits "127.0.0.1:7400" or "[::1]:7400"; nil without a host or with a port that is not 0 to 65535.
    package static func hostAndPort(_ text: String) -> (host: String, port: Int)? {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }), let port = UInt16(digits) else {
            return nil
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty, !host.contains(where: { $0.isWhitespace || $0 == "/" }) else { return nil }
        return (String(host), Int(port))
    }

    static func isEndpoint(_ text: String, schemes: [String]) -> Bool {
        guard let scheme = schemes.first(where: { text.hasPrefix("\($0)://") }) else { return false }
        let rest = String(text.dropFirst(scheme.count + 3))
        guard scheme == "tcp" else { return !rest.isEmpty }
        // ZeroMQ takes * for any interface and for any port.
        if let port = rest.split(separator: ":", omittingEmptySubsequences: false).last, port == "*" {
            return hostAndPort(rest.dropLast() + "0") != nil
        }
        return hostAndPort(rest) != nil
    }

    static func examples(_ schemes: [String]) -> String {
        schemes.map { $0 == "tcp" ? "\"tcp://127.0.0.1:7401\"" : "\"\($0)://name\"" }.joined(separator: " or ")
    }
}
