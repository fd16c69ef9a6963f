/// A word of many comments.
package struct FrequentWord: Hashable, Sendable {
    /// Its most frequent form, lowercase.
    package let word: String
    /// Comments in which it stands in any form.
    package let comments: Int
}

/// Counts in how many comments each word stands, and names the most frequent.
///
/// Forms of one stem are one word, shown by the form most comments use first (ties: the alphabetically first). Cyrillic
/// words are Russian; all Latin words of a comment are in the language told or, if none is, in the one its stop words,
/// umlauts and endings speak for (English if they say nothing). A hyphenated word of which a part has fewer than three
/// letters counts whole (e-mail, wi-fi, check-in), others by their parts. Left out are stop words, parts of addresses,
/// words of one letter, numbers, and words longer than ``WordList/wordBytesMax``.
///
/// The result depends on which comments were added, not on their order, while ``undercountMax`` is 0 (the shown form,
/// too, while a word has at most ``formsPerWordMax`` forms). Owns stemmers: bound to one thread.
package struct FrequentWords: ~Copyable {
    /// Forms of all words held at a time; about 16 MB at worst, when each is long and a word of its own.
    package static let distinctFormsMax = 65_536
    /// Forms of one word told apart; a Russian verb has about 40. Further ones count for the word, but are not shown.
    package static let formsPerWordMax = 64

    /// Comments added.
    package private(set) var comments = 0
    /// A count may be too low by this much, and a word of no more comments be missing; 0 unless there were more
    /// distinct forms than the limit.
    package private(set) var undercountMax = 0

    private let stemmers: Stemmers
    private let distinctFormsMax: Int
    private var list = WordList()
    private var tallies: [Key: Tally] = [:]
    /// Forms of all tallies.
    package private(set) var distinctForms = 0

    private struct Key: Hashable {
        let language: Language
        let stem: String
    }

    private struct Tally {
        var comments = 0
        /// The comment that counted last, so that each counts once.
        var lastComment = 0
        var forms: [Form] = []
    }

    private struct Form {
        let text: String
        var comments: Int
    }

    /// `distinctFormsMax` is at least 1.
    package init(distinctFormsMax: Int = Self.distinctFormsMax) throws(StemmerError) {
        precondition(distinctFormsMax >= 1, "without room for a form nothing can be counted")
        self.distinctFormsMax = distinctFormsMax
        stemmers = try Stemmers()
    }

    /// Counts the words of one comment, UTF-8 of any quality; `language` is the comment's if told.
    package mutating func add(_ comment: UnsafeBufferPointer<UInt8>, language: Language? = nil) {
        list.fill(comment)
        countWords(language)
    }

    package mutating func add(_ comment: String, language: Language? = nil) {
        list.fill(comment)
        countWords(language)
    }

    package mutating func add(_ comment: [UInt8], language: Language? = nil) {
        list.fill(comment)
        countWords(language)
    }

    /// The `limit` words of most comments, in falling order, ties alphabetically (by code point).
    package func top(_ limit: Int) -> [FrequentWord] {
        // A form may be counted as English in some comments and as German in others ("service"). The Latin words of a
        // comment are all of one language, so no comment is counted twice when these are added up.
        var comments: [String: Int] = [:]
        for tally in tallies.values { comments[Self.shownForm(of: tally), default: 0] += tally.comments }
        let words = comments.map { FrequentWord(word: $0.key, comments: $0.value) }
            .sorted { $0.comments != $1.comments ? $0.comments > $1.comments : precedes($0.word, $1.word) }
        return Array(words.prefix(max(0, limit)))
    }

    private static func shownForm(of tally: Tally) -> String {
        tally.forms.max {
            $0.comments != $1.comments ? $0.comments < $1.comments : precedes($1.text, $0.text)
        }?.text ?? ""
    }

    private mutating func countWords(_ told: Language?) {
        comments += 1
        let words = CountedWords(of: list)
        let latin: Language =
            switch told {
            case .english: .english
            case .german: .german
            default: LatinLanguage.guess(words)
            }
        for word in words.all where word.mayCount {
            let language = word.script == .cyrillic ? .russian : latin
            if !word.stopWordOf.contains(language.single) { count(word.text, language) }
        }
    }

    private mutating func count(_ word: String, _ language: Language) {
        var text = word
        let stem = text.withUTF8 { bytes in
            stemmers.withStem(of: bytes, in: language) { String(decoding: $0, as: UTF8.self) }
        }
        if distinctForms >= distinctFormsMax { thin() }
        let comment = comments
        let added = Self.count(word, comment, &tallies[Key(language: language, stem: stem), default: Tally()])
        if added { distinctForms += 1 }
    }

    /// Counts the form unless the comment has counted for its word already; says whether the form is new.
    private static func count(_ form: String, _ comment: Int, _ tally: inout Tally) -> Bool {
        guard tally.lastComment != comment else { return false }
        tally.lastComment = comment
        tally.comments += 1
        if let index = tally.forms.firstIndex(where: { $0.text == form }) {
            tally.forms[index].comments += 1
            return false
        }
        guard tally.forms.count < formsPerWordMax else { return false }
        tally.forms.append(Form(text: form, comments: 1))
        return true
    }

    /// Forgets the rarest words, at least a quarter, so that a flood of words seen once cannot crowd out frequent ones.
    ///
    /// What a word loses is at most the sum of the counts forgotten at, twice if it was counted as English and as
    /// German (lossy counting, after G. S. Manku and R. Motwani, "Approximate frequency counts over data streams",
    /// 2002).
    private mutating func thin() {
        let counts = tallies.values.map(\.comments).sorted()
        let forgotten = counts[counts.count / 4]
        tallies = tallies.filter { $0.value.comments > forgotten }
        undercountMax += 2 * forgotten
        distinctForms = tallies.values.reduce(0) { $0 + $1.forms.count }
    }
}

/// Alphabetical order by code point, which for UTF-8 is that of the bytes.
private func precedes(_ left: String, _ right: String) -> Bool {
    left.utf8.lexicographicallyPrecedes(right.utf8)
}
