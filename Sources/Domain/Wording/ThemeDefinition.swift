/// A subject comments may speak of, as an operator configures it: a name and the words that give it away.
///
/// An entry is a word or a phrase; a phrase is found where its words stand in a row within a sentence. Each word stands
/// for all forms with the same Snowball stem in English or German (Latin letters) or in Russian (Cyrillic): "delivery"
/// for "deliveries", "доставка" for "доставку", "Lieferung" for "Lieferungen". Snowball takes endings off and knows no
/// prefixes or irregular forms, so these are listed as entries of their own: "deliver" (delivered, delivering) beside
/// "delivery", "geliefert" and "liefern" beside "Lieferung", "доставить" and "доставок" beside "доставка", "broken"
/// beside "broke".
package struct ThemeDefinition: Hashable, Sendable {
    package let name: String
    package let words: [String]

    package static let nameBytesMax = 256
    package static let entriesMax = 1_000
    package static let wordsPerPhraseMax = 8

    package init(name: String, words: [String]) {
        self.name = name
        self.words = words
    }
}

/// Why themes cannot be used; the description says what to change.
package enum ThemeError: Error, Hashable, Sendable, CustomStringConvertible {
    case tooManyThemes(count: Int)
    /// `index` counts from 0.
    case emptyName(index: Int)
    case nameTooLong(theme: String)
    case duplicateName(String)
    case noWords(theme: String)
    case tooManyWords(theme: String, count: Int)
    /// An entry without any Latin or Cyrillic letter and any digit.
    case notAWord(theme: String, entry: String)
    case wordTooLong(theme: String, entry: String)
    case phraseTooLong(theme: String, entry: String, words: Int)
    case stemmer(StemmerError)

    package var description: String {
        switch self {
        case .tooManyThemes(let count):
            "\(count) themes: at most \(ThemeMatcher.themesMax) are possible; join some of them"
        case .emptyName(let index):
            "theme \(index + 1) has an empty name: give it one, such as \"delivery\""
        case .nameTooLong(let theme):
            "the name of theme \"\(theme.prefix(32))…\" is longer than "
                + "\(ThemeDefinition.nameBytesMax) bytes: shorten it"
        case .duplicateName(let name):
            "two themes are named \"\(name)\", upper and lower case apart: rename one or join their words"
        case .noWords(let theme):
            "theme \"\(theme)\" has no words: list the words that give it away"
        case .tooManyWords(let theme, let count):
            "theme \"\(theme)\" has \(count) words: at most \(ThemeDefinition.entriesMax) are possible; "
                + "list one form of each word"
        case .notAWord(let theme, let entry):
            "\"\(entry)\" of theme \"\(theme)\" holds no Latin or Cyrillic letter and no digit: "
                + "write a word or remove it"
        case .wordTooLong(let theme, let entry):
            "\"\(entry.prefix(32))…\" of theme \"\(theme)\" holds a word longer than "
                + "\(WordList.wordBytesMax) bytes: shorten it"
        case .phraseTooLong(let theme, let entry, let words):
            "\"\(entry)\" of theme \"\(theme)\" is a phrase of \(words) words: "
                + "use at most \(ThemeDefinition.wordsPerPhraseMax)"
        case .stemmer(let error): error.description
        }
    }
}
