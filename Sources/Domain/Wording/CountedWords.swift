/// The words of a comment as they are counted: hyphenated words with a short part joined again.
struct CountedWords {
    struct Word {
        let text: String
        let script: Script
        /// Letters and digits, apostrophes and hyphens not counted.
        let letters: Int

        /// The languages in which it is a stop word.
        let stopWordOf: Languages

        init(text: String, script: Script, letters: Int) {
            self.text = text
            self.script = script
            self.letters = letters
            stopWordOf = StopWords.languages(of: text)
        }

        /// Whether it is more than a single letter or a number.
        var mayCount: Bool { letters > 1 && script != .number }
    }

    private(set) var all: [Word] = []

    init(of list: WordList) {
        var position = 0
        while position < list.count {
            var end = position + 1
            while end < list.count, list.words[end].isJoined { end += 1 }
            appendChain(list.words[position..<end], of: list)
            position = end
        }
    }

    /// Appends words joined by hyphens, whole if one of them is short.
    private mutating func appendChain(_ chain: ArraySlice<WordList.Word>, of list: WordList) {
        let parts = chain.map { word in
            let text = list.text(of: word)
            return Word(text: text, script: word.script, letters: text.unicodeScalars.count { $0 != "'" })
        }
        let byteCount = parts.reduce(parts.count - 1) { $0 + $1.text.utf8.count }
        guard parts.count > 1, parts.contains(where: { $0.letters < 3 }), byteCount <= WordList.wordBytesMax else {
            return all.append(contentsOf: parts)
        }
        var script = Script.number
        for part in parts where part.script != .number && script != .cyrillic { script = part.script }
        all.append(
            Word(
                text: parts.map(\.text).joined(separator: "-"), script: script,
                letters: parts.reduce(0) { $0 + $1.letters }))
    }
}

/// Tells English from German.
enum LatinLanguage {
    /// Endings of nouns and adjectives that German has and English has not.
    private static let germanEndings = [
        "ung", "ungen", "heit", "heiten", "keit", "keiten", "lich", "liche", "lichen", "licher", "liches", "schaft",
        "ieren",
        "iert",
    ].map { Array($0.utf8) }

    /// The language most of the words speak for by being its stop words or, in German, by an umlaut, ß or an ending;
    /// English if they speak for neither.
    static func guess(_ words: CountedWords) -> Language {
        var balance = 0
        for word in words.all where word.script == .latin {
            if word.stopWordOf.contains(.english) { balance -= 1 }
            if word.stopWordOf.contains(.german) || looksGerman(word.text) { balance += 1 }
        }
        return balance > 0 ? .german : .english
    }

    /// Whether it has an umlaut or ß, whose UTF-8 alone begins with C3 here, or an ending of German.
    private static func looksGerman(_ word: String) -> Bool {
        var word = word
        return word.withUTF8 { bytes in
            bytes.contains(0xC3) || germanEndings.contains { bytes.suffix($0.count).elementsEqual($0) }
        }
    }
}
