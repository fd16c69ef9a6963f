/// A language whose words are reduced to stems and whose stop words are known.
package enum Language: String, CaseIterable, Hashable, Sendable {
    case english = "en"
    case german = "de"
    case russian = "ru"

    /// Reads a language tag by its primary subtag alone: "en", "en-GB", "DE", "ru_RU".
    ///
    /// Nil for any other language; a comment of which no more is known is then judged by its script.
    package init?(tag: String) {
        let primary = tag.prefix { $0 != "-" && $0 != "_" }
        self.init(rawValue: primary.lowercased())
    }
}

/// What a word is written in, which decides the languages it may belong to.
package enum Script: UInt8, Hashable, Sendable {
    /// Latin letters, with or without digits.
    case latin
    /// At least one Cyrillic letter ("смс", "SMSки").
    case cyrillic
    /// Digits alone.
    case number
}

/// Languages a word may belong to.
package struct Languages: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let english = Languages(rawValue: 1)
    package static let german = Languages(rawValue: 2)
    package static let russian = Languages(rawValue: 4)

    /// The languages in which a word of `script` is read, in a comment said to be in `told`.
    ///
    /// What is told chooses among the languages of a script: Latin words inside a Russian comment ("delivery опоздала")
    /// are still read as English and German, Cyrillic ones inside an English comment as Russian.
    package init(script: Script, told: Language?) {
        switch (script, told) {
        case (.cyrillic, _): self = .russian
        case (_, .english): self = .english
        case (_, .german): self = .german
        default: self = [.english, .german]
        }
    }
}
