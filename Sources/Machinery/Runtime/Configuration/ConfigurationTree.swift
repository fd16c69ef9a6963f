/// A YAML value with the place it was written at; what a setting of kind `tree` hands to its owner.
///
/// Scalars follow the YAML 1.2 core schema: only `true` and `false` are booleans, so a segment value `no` stays a text.
/// Two trees are equal when their values are; where they were written does not count.
package struct ConfigurationTree: Sendable {
    package indirect enum Value: Sendable, Equatable {
        case null
        case bool(Bool)
        case integer(Int64)
        case double(Double)
        case string(String)
        case list([ConfigurationTree])
        /// In the order written; keys are unique.
        case map([Member])
    }

    package struct Member: Sendable, Equatable {
        package let key: String
        package let keyPlace: ConfigurationPlace
        package let value: ConfigurationTree

        package init(key: String, keyPlace: ConfigurationPlace = .builtIn, value: ConfigurationTree) {
            self.key = key
            self.keyPlace = keyPlace
            self.value = value
        }

        package static func == (left: Member, right: Member) -> Bool {
            left.key == right.key && left.value == right.value
        }
    }

    package let value: Value
    package let place: ConfigurationPlace
    /// A scalar as it was written, such as "007" for the integer 7; nil for lists and maps.
    ///
    /// A setting that wants a text takes this, so that `name: 007` is not quietly changed.
    package let scalarText: String?

    package init(_ value: Value, place: ConfigurationPlace = .builtIn, scalarText: String? = nil) {
        self.value = value
        self.place = place
        self.scalarText = scalarText
    }
}

extension ConfigurationTree: Equatable {
    package static func == (left: ConfigurationTree, right: ConfigurationTree) -> Bool { left.value == right.value }
}

extension ConfigurationTree {
    package var isNull: Bool { value == .null }

    /// The text of any scalar as written; nil for null, lists and maps.
    package var text: String? {
        switch value {
        case .string(let text): text
        case .null, .list, .map: nil
        case .bool, .integer, .double: scalarText ?? ConfigurationYAMLWriter.scalar(value)
        }
    }

    package var integer: Int64? {
        if case .integer(let number) = value { number } else { nil }
    }

    /// Integers count as numbers.
    package var number: Double? {
        switch value {
        case .integer(let number): Double(number)
        case .double(let number): number
        default: nil
        }
    }

    package var bool: Bool? {
        if case .bool(let flag) = value { flag } else { nil }
    }

    package var list: [ConfigurationTree]? {
        if case .list(let items) = value { items } else { nil }
    }

    package var members: [Member]? {
        if case .map(let members) = value { members } else { nil }
    }

    /// The value under a key of a map; nil when there is none or this is no map.
    package subscript(key: String) -> ConfigurationTree? { members?.first { $0.key == key }?.value }

    /// For error messages: "a mapping", "the text \"x\"".
    package var whatItIs: String {
        switch value {
        case .null: "nothing"
        case .list: "a list"
        case .map: "a mapping"
        case .string(let text): "\"\(text)\""
        case .bool, .integer, .double: text ?? ""
        }
    }
}
