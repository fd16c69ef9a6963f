/// The configuration in force: every setting has a checked value and the place it came from.
///
/// Asking for a path that is not in the schema, or as another kind than it has, is a programmer's error and traps.
package struct Configuration: Sendable {
    package let schema: ConfigurationSchema
    private let values: [SettingValue]
    private let origins: [ConfigurationPlace]

    init(schema: ConfigurationSchema, values: [SettingValue], origins: [ConfigurationPlace]) {
        self.schema = schema
        self.values = values
        self.origins = origins
    }

    package func value(_ path: String) -> SettingValue { values[index(path)] }

    package func origin(_ path: String) -> ConfigurationPlace { origins[index(path)] }

    /// Whether a setting without a default was left unset. Ask before the typed getter of such a setting.
    package func isNull(_ path: String) -> Bool { value(path) == .null }

    /// Texts, choices, endpoints and addresses.
    package func string(_ path: String) -> String {
        guard case .string(let text) = value(path), schema[path]?.secret == false else { wrongKind(path, "string") }
        return text
    }

    package func integer(_ path: String) -> Int {
        guard case .integer(let number) = value(path) else { wrongKind(path, "integer") }
        return Int(number)
    }

    package func number(_ path: String) -> Double {
        guard case .number(let number) = value(path) else { wrongKind(path, "number") }
        return number
    }

    package func boolean(_ path: String) -> Bool {
        guard case .boolean(let flag) = value(path) else { wrongKind(path, "boolean") }
        return flag
    }

    package func duration(_ path: String) -> Duration { .nanoseconds(nanoseconds(path)) }

    package func nanoseconds(_ path: String) -> Int64 {
        guard case .nanoseconds(let nanoseconds) = value(path) else { wrongKind(path, "duration") }
        return nanoseconds
    }

    package func milliseconds(_ path: String) -> Int64 { nanoseconds(path) / 1_000_000 }

    package func bytes(_ path: String) -> Int {
        guard case .bytes(let bytes) = value(path) else { wrongKind(path, "size") }
        return Int(bytes)
    }

    package func strings(_ path: String) -> [String] {
        guard case .strings(let texts) = value(path) else { wrongKind(path, "list") }
        return texts
    }

    package func tree(_ path: String) -> ConfigurationTree {
        switch value(path) {
        case .tree(let tree): return tree
        case .null: return ConfigurationTree(.null)
        default: wrongKind(path, "tree")
        }
    }

    /// - Returns: nil when the secret is not set.
    package func secret(_ path: String) -> Secret? {
        guard schema[path]?.secret == true else { wrongKind(path, "secret") }
        guard case .string(let text) = value(path) else { return nil }
        return Secret(text)
    }

    private func index(_ path: String) -> Int {
        guard let index = schema.index(path) else { preconditionFailure("\(path) is not in the schema") }
        return index
    }

    private func wrongKind(_ path: String, _ kind: String) -> Never {
        preconditionFailure("\(path) is no \(kind), or is unset, or is a secret")
    }
}

/// A text that must not reach logs, errors or printed configuration.
package struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let text: String

    package init(_ text: String) { self.text = text }

    /// The secret itself, to be handed on at once and not kept.
    package func reveal() -> String { text }

    package var description: String { "(secret)" }
    package var debugDescription: String { "(secret)" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
