extension Configuration {
    /// The configuration in force as YAML; each value's origin is a comment on its line.
    ///
    /// Given back as a file it gives the same configuration, except that secrets are only mentioned, in a comment.
    /// - Parameter explained: puts each setting's help above it.
    package func printed(explained: Bool = false) -> String {
        var text = ""
        appendGroup("", indent: 0, explained: explained, to: &text)
        return text
    }

    private func appendGroup(_ group: String, indent: Int, explained: Bool, to text: inout String) {
        let margin = String(repeating: " ", count: indent)
        for name in schema.children(of: group) {
            let path = group.isEmpty ? name : "\(group).\(name)"
            guard let setting = schema[path] else {
                text += "\(margin)\(name):\n"
                appendGroup(path, indent: indent + 2, explained: explained, to: &text)
                continue
            }
            if explained { text += "\(margin)# \(setting.explanation)\n" }
            if setting.secret {
                let state = isNull(path) ? "not set" : "masked; \(origin(path).comment)"
                text += "\(margin)# \(name): (secret, \(state))\n"
            } else {
                let after = ConfigurationYAMLWriter.afterKey(
                    yaml(path, setting), indent: indent, comment: origin(path).comment)
                text += "\(margin)\(ConfigurationYAMLWriter.key(name)):\(after)\n"
            }
        }
    }

    private func yaml(_ path: String, _ setting: Setting) -> ConfigurationTree {
        switch value(path) {
        case .null: ConfigurationTree(.null)
        case .string(let text): ConfigurationTree(.string(text))
        case .integer(let number): ConfigurationTree(.integer(number))
        case .number(let number): ConfigurationTree(.double(number))
        case .boolean(let flag): ConfigurationTree(.bool(flag))
        case .nanoseconds(let nanoseconds): ConfigurationTree(.string(DurationText.text(nanoseconds: nanoseconds)))
        case .bytes(let bytes): ConfigurationTree(.string(BytesText.text(bytes: bytes)))
        case .strings(let texts): ConfigurationTree(.list(texts.map { ConfigurationTree(.string($0)) }))
        case .tree(let tree): tree
        }
    }
}

extension Setting {
    /// Help, what is allowed, and the ways to set it, on one line.
    package var explanation: String { "\(help) It \(right). Variable \(secret ? "\(variable)_FILE" : variable)." }
}

extension ConfigurationPlace {
    /// The origin on one line, whatever its path is.
    fileprivate var comment: String {
        let kind =
            switch self {
            case .builtIn: "default"
            case .file: "file \(self)"
            case .environment, .secretFile: "environment \(self)"
            case .flag: "flag \(self)"
            }
        return String(kind.map { $0.isNewline ? " " : $0 })
    }
}
