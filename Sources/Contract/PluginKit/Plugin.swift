import JSON

/// How a plugin introduces itself; the battery and the documentation are made from it.
public struct PluginDescription: Sendable {
    /// The name users write in configuration, such as "csat"; lowercase, dots and dashes allowed.
    public let name: String
    /// One sentence, shown in lists.
    public let summary: String
    /// Every key the plugin understands with its default; a key that is not here is refused.
    public let defaults: JSONTree
    /// A configuration as a user would write it; the battery builds a plugin from it.
    public let example: JSONTree

    public init(name: String, summary: String, defaults: JSONTree, example: JSONTree) {
        self.name = name
        self.summary = summary
        self.defaults = defaults
        self.example = example
    }
}

/// A plugin's configuration is wrong: where, what stands there, and what would be right.
public struct PluginConfigurationError: Error, Sendable, CustomStringConvertible {
    /// Path below the plugin's own configuration, such as "scale"; empty for the whole of it.
    public let key: String
    /// What is wrong and what would be right, as a sentence without the key.
    public let sentence: String

    public init(key: String, sentence: String) {
        self.key = key
        self.sentence = sentence
    }

    public var description: String { key.isEmpty ? sentence : "\(key): \(sentence)" }
}

/// A plugin's configuration with its defaults filled in and unknown keys refused, read by typed look-ups.
public struct PluginConfiguration: Sendable {
    /// Every key of the plugin's defaults with the value in force, in the order of the defaults.
    public let effective: JSONTree

    /// - Throws: ``PluginConfigurationError`` for a key the defaults do not have, naming those they have.
    public init(_ given: JSONTree, for plugin: PluginDescription) throws(PluginConfigurationError) {
        guard case .object(let defaults) = plugin.defaults else { preconditionFailure("defaults of \(plugin.name)") }
        let members: [(String, JSONTree)]
        switch given {
        case .object(let object): members = object.map { ($0.0, $0.1) }
        case .null: members = []
        default: throw PluginConfigurationError(key: "", sentence: "must be a mapping of settings")
        }
        for (key, _) in members where !defaults.contains(where: { $0.0 == key }) {
            let known = defaults.map(\.0).sorted().joined(separator: ", ")
            throw PluginConfigurationError(key: key, sentence: "is not a setting of \(plugin.name); it has: \(known)")
        }
        effective = .object(defaults.map { key, value in (key, members.first { $0.0 == key }?.1 ?? value) })
    }

    /// The value in force as it stands.
    public func tree(_ key: String) -> JSONTree { value(key) }

    private func value(_ key: String) -> JSONTree {
        guard case .object(let members) = effective, let found = members.first(where: { $0.0 == key }) else {
            preconditionFailure("\(key) is not among the plugin's defaults")
        }
        return found.1
    }

    public func isNull(_ key: String) -> Bool { value(key) == .null }

    public func string(_ key: String) throws(PluginConfigurationError) -> String {
        switch value(key) {
        case .string(let text): return text
        case .integer(let number): return String(number)
        default: throw PluginConfigurationError(key: key, sentence: "must be a text")
        }
    }

    public func number(_ key: String, in range: ClosedRange<Double>) throws(PluginConfigurationError) -> Double {
        let number: Double
        switch value(key) {
        case .integer(let whole): number = Double(whole)
        case .number(let real): number = real
        default: throw PluginConfigurationError(key: key, sentence: "must be a number in \(range)")
        }
        guard range.contains(number) else {
            throw PluginConfigurationError(key: key, sentence: "is \(number), but must lie in \(range)")
        }
        return number
    }

    public func integer(_ key: String, in range: ClosedRange<Int>) throws(PluginConfigurationError) -> Int {
        guard case .integer(let whole) = value(key), let number = Int(exactly: whole), range.contains(number) else {
            throw PluginConfigurationError(key: key, sentence: "must be a whole number in \(range)")
        }
        return number
    }

    public func boolean(_ key: String) throws(PluginConfigurationError) -> Bool {
        guard let truth = value(key).bool else {
            throw PluginConfigurationError(key: key, sentence: "must be true or false")
        }
        return truth
    }

    /// A text, or nil where the setting is null.
    public func optionalString(_ key: String) throws(PluginConfigurationError) -> String? {
        if isNull(key) { return nil }
        let text = try string(key)
        guard !text.isEmpty else { throw PluginConfigurationError(key: key, sentence: "is empty, but must be a text") }
        return text
    }

    public func oneOf<Choice: RawRepresentable & CaseIterable>(
        _ key: String, _ choices: Choice.Type
    ) throws(PluginConfigurationError) -> Choice where Choice.RawValue == String {
        let text = try string(key)
        guard let choice = Choice(rawValue: text) else {
            let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw PluginConfigurationError(key: key, sentence: "is \"\(text)\", but must be one of: \(known)")
        }
        return choice
    }
}
