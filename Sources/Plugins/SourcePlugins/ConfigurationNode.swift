import JSON
import PluginKit

/// A place inside a plugin's nested configuration that knows its own path, so that errors can name it.
struct ConfigurationNode {
    let tree: JSONTree
    let key: String

    init(_ tree: JSONTree, key: String) {
        self.tree = tree
        self.key = key
    }

    func problem(_ sentence: String) -> PluginConfigurationError {
        PluginConfigurationError(key: key, sentence: sentence)
    }

    var isNull: Bool { tree == .null }

    /// A text, or a whole number as YAML reads an unquoted one.
    func text() throws(PluginConfigurationError) -> String {
        switch tree {
        case .string(let text) where !text.isEmpty: return text
        case .integer(let number): return String(number)
        default: throw problem("must be a text that is not empty")
        }
    }

    func integer(in range: ClosedRange<Int>) throws(PluginConfigurationError) -> Int {
        guard case .integer(let whole) = tree, let number = Int(exactly: whole), range.contains(number) else {
            throw problem("must be a whole number in \(range)")
        }
        return number
    }

    func elements() throws(PluginConfigurationError) -> [ConfigurationNode] {
        guard case .array(let elements) = tree else { throw problem("must be a list") }
        return elements.enumerated().map { ConfigurationNode($1, key: "\(key)[\($0)]") }
    }

    /// The members of a mapping whose keys the user chooses, in the user's order.
    func members(_ meaning: String) throws(PluginConfigurationError) -> [(name: String, node: ConfigurationNode)] {
        guard case .object(let members) = tree else { throw problem("must be a mapping of \(meaning)") }
        return members.map { ($0.0, ConfigurationNode($0.1, key: "\(key).\($0.0)")) }
    }

    /// A mapping whose keys are the plugin's own; any other key is refused.
    func fields(_ known: [String]) throws(PluginConfigurationError) -> ConfigurationFields {
        let members = try members("the settings " + known.joined(separator: ", "))
        for (name, node) in members where !known.contains(name) {
            throw node.problem("is not a setting here; there are: " + known.joined(separator: ", "))
        }
        return ConfigurationFields(key: key, members: members)
    }
}

/// The settings of one nested mapping, looked up by name.
struct ConfigurationFields {
    let key: String
    let members: [(name: String, node: ConfigurationNode)]

    /// Nil when the setting is absent or null.
    subscript(name: String) -> ConfigurationNode? {
        members.first { $0.name == name && !$0.node.isNull }?.node
    }

    func required(_ name: String) throws(PluginConfigurationError) -> ConfigurationNode {
        guard let node = self[name] else {
            throw PluginConfigurationError(key: key.isEmpty ? name : "\(key).\(name)", sentence: "is required")
        }
        return node
    }
}
