/// Themes made ready for matching: tables of their stems.
///
/// A value any number of threads may share. It owns no stemmer, since these are bound to a thread; who reads comments
/// makes a ``ThemeReader`` of it.
package struct ThemeMatcher: Sendable {
    /// A ``ThemeSet`` is one machine word.
    package static let themesMax = 64

    package let definitions: [ThemeDefinition]
    /// Stems of each language with numbers of their own.
    private var stems: [StemTable] = Array(repeating: StemTable(), count: Language.allCases.count)
    /// Per language and stem number: the themes it gives away by itself.
    private var singles: [[UInt64]] = Array(repeating: [0], count: Language.allCases.count)
    /// Per language and stem number: the phrases (indices of `phrases`) it may begin.
    private var beginnings: [[[Int]]] = Array(repeating: [[]], count: Language.allCases.count)
    private var phrases: [Phrase] = []

    /// Two words or more.
    struct Phrase: Sendable {
        let theme: UInt64
        let words: [PhraseWord]
    }

    struct PhraseWord: Sendable {
        let stems: StemNumbers
        /// Whether a sentence may end before it, as in the entry itself ("St. Gallen").
        let mayStartRow: Bool
    }

    /// Checks `definitions` and finds their stems.
    package init(_ definitions: [ThemeDefinition]) throws(ThemeError) {
        guard definitions.count <= Self.themesMax else { throw .tooManyThemes(count: definitions.count) }
        self.definitions = definitions
        let stemmers: Stemmers
        do { stemmers = try Stemmers() } catch { throw .stemmer(error) }
        var names: Set<String> = []
        for (index, definition) in definitions.enumerated() {
            try Self.check(definition, at: index)
            guard names.insert(definition.name.lowercased()).inserted else { throw .duplicateName(definition.name) }
            for entry in definition.words {
                insert(try Self.words(of: entry, in: definition), theme: 1 << UInt64(index), stemmers)
            }
        }
    }

    /// The names of `themes` in the order of the definitions.
    package func names(of themes: ThemeSet) -> [String] {
        themes.filter { $0 < definitions.count }.map { definitions[$0].name }
    }

    private static func check(_ definition: ThemeDefinition, at index: Int) throws(ThemeError) {
        guard definition.name.contains(where: { !$0.isWhitespace }) else { throw .emptyName(index: index) }
        guard definition.name.utf8.count <= ThemeDefinition.nameBytesMax else {
            throw .nameTooLong(theme: definition.name)
        }
        guard !definition.words.isEmpty else { throw .noWords(theme: definition.name) }
        guard definition.words.count <= ThemeDefinition.entriesMax else {
            throw .tooManyWords(theme: definition.name, count: definition.words.count)
        }
    }

    private static func words(of entry: String, in definition: ThemeDefinition) throws(ThemeError) -> WordList {
        let words = WordList(entry)
        guard words.overlong == 0 else { throw .wordTooLong(theme: definition.name, entry: entry) }
        guard words.count > 0 else { throw .notAWord(theme: definition.name, entry: entry) }
        guard words.count <= ThemeDefinition.wordsPerPhraseMax else {
            throw .phraseTooLong(theme: definition.name, entry: entry, words: words.count)
        }
        return words
    }

    private mutating func insert(_ entry: WordList, theme: UInt64, _ stemmers: borrowing Stemmers) {
        var phrase: [PhraseWord] = []
        for word in entry.words {
            var numbers = StemNumbers()
            for language in Language.allCases where Languages(script: word.script, told: nil).contains(language.single)
            {
                let stem = entry.withBytes { bytes in
                    stemmers.withStem(of: UnsafeBufferPointer(rebasing: bytes[word.range]), in: language) { Array($0) }
                }
                numbers[language] = insert(stem, language)
            }
            phrase.append(PhraseWord(stems: numbers, mayStartRow: word.startsRow))
        }
        for language in Language.allCases {
            let first = Int(phrase[0].stems[language])
            guard first != 0 else { continue }
            if phrase.count == 1 {
                singles[language.index][first] |= theme
            } else {
                beginnings[language.index][first].append(phrases.count)
            }
        }
        if phrase.count > 1 { phrases.append(Phrase(theme: theme, words: phrase)) }
    }

    private mutating func insert(_ stem: [UInt8], _ language: Language) -> UInt32 {
        let number = stem.withUnsafeBufferPointer { stems[language.index].insert($0) }
        if Int(number) == singles[language.index].count {
            singles[language.index].append(0)
            beginnings[language.index].append([])
        }
        return number
    }

    /// The stem's number in `language`; 0 if no theme knows it.
    @inline(__always)
    func number(of stem: UnsafeBufferPointer<UInt8>, in language: Language) -> UInt32 {
        stems[language.index].number(of: stem)
    }

    /// The themes given away by the words from `position` on.
    @inline(__always)
    func themes(at position: Int, of words: [ReadWord]) -> UInt64 {
        let numbers = words[position].stems
        guard numbers.isKnown else { return 0 }
        var found: UInt64 = 0
        for language in Language.allCases {
            let number = Int(numbers[language])
            guard number != 0 else { continue }
            found |= singles[language.index][number]
            for phrase in beginnings[language.index][number] where stands(phrases[phrase], at: position, of: words) {
                found |= phrases[phrase].theme
            }
        }
        return found
    }

    private func stands(_ phrase: Phrase, at position: Int, of words: [ReadWord]) -> Bool {
        guard position + phrase.words.count <= words.count else { return false }
        for offset in 1..<phrase.words.count {
            let word = words[position + offset]
            guard !word.startsRow || phrase.words[offset].mayStartRow,
                word.stems.shares(phrase.words[offset].stems)
            else { return false }
        }
        return true
    }
}

/// A word's stem in each language by the number themes know it by; 0 where they do not.
struct StemNumbers: Hashable, Sendable {
    private var english: UInt32 = 0
    private var german: UInt32 = 0
    private var russian: UInt32 = 0

    var isKnown: Bool { english | german | russian != 0 }

    subscript(language: Language) -> UInt32 {
        get {
            switch language {
            case .english: english
            case .german: german
            case .russian: russian
            }
        }
        set {
            switch language {
            case .english: english = newValue
            case .german: german = newValue
            case .russian: russian = newValue
            }
        }
    }

    /// Whether both are the same word in some language.
    func shares(_ other: StemNumbers) -> Bool {
        (english != 0 && english == other.english) || (german != 0 && german == other.german)
            || (russian != 0 && russian == other.russian)
    }

    /// Only what is said in one of `languages`.
    @inline(__always)
    func limited(to languages: Languages) -> StemNumbers {
        var result = self
        if !languages.contains(.english) { result.english = 0 }
        if !languages.contains(.german) { result.german = 0 }
        if !languages.contains(.russian) { result.russian = 0 }
        return result
    }
}

/// A word of a comment as matching sees it.
struct ReadWord: Sendable {
    let stems: StemNumbers
    let startsRow: Bool
}

extension Language {
    /// Its place in tables kept per language.
    var index: Int {
        switch self {
        case .english: 0
        case .german: 1
        case .russian: 2
        }
    }

    var single: Languages {
        switch self {
        case .english: .english
        case .german: .german
        case .russian: .russian
        }
    }
}
