/// One thing wrong in a configuration: where it stands, which setting it concerns, and what would be right.
package struct ConfigurationProblem: Error, Sendable, Equatable {
    package let place: ConfigurationPlace
    /// Dotted path of the setting; empty when the problem is not about one setting.
    package let key: String
    /// What stands there and what would be right, as a clause that follows the key. Never holds a secret.
    package let sentence: String

    package init(place: ConfigurationPlace, key: String, sentence: String) {
        self.place = place
        self.key = key
        self.sentence = sentence
    }
}

extension ConfigurationProblem: CustomStringConvertible {
    package var description: String { key.isEmpty ? "\(place): \(sentence)" : "\(place): \(key) \(sentence)" }
}

/// Everything wrong in a configuration at once, so that it can be put right in one go. Ends a process with
/// ``ExitStatus/wrongUsage``.
package struct ConfigurationError: Error, Sendable, Equatable {
    /// Never empty; in the order file, environment, flags.
    package let problems: [ConfigurationProblem]

    package init(_ problems: [ConfigurationProblem]) {
        assert(!problems.isEmpty, "an error needs a problem")
        self.problems = problems
    }
}

extension ConfigurationError: CustomStringConvertible {
    /// One problem a line.
    package var description: String { problems.map(\.description).joined(separator: "\n") }
}

extension ConfigurationTree {
    /// A problem at the place of this value, for owners of `tree` settings.
    /// - Parameter key: full dotted path, such as "metrics.csat.scale".
    package func problem(_ sentence: String, key: String) -> ConfigurationProblem {
        ConfigurationProblem(place: place, key: key, sentence: sentence)
    }
}
