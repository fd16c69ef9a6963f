/// Reads comments and says which themes they speak of.
///
/// Owns stemmers and buffers and is therefore bound to one thread; every thread makes a reader of its own from the
/// shared ``ThemeMatcher``. What it says of a comment depends on the comment alone, never on those before.
package final class ThemeReader {
    package let matcher: ThemeMatcher
    private let stemmers: Stemmers
    private var words = WordList()
    private var read: [ReadWord] = []
    private var known = KnownWords()

    package init(_ matcher: ThemeMatcher) throws(StemmerError) {
        self.matcher = matcher
        stemmers = try Stemmers()
    }

    /// The themes of `comment`, UTF-8 of any quality and length.
    ///
    /// `language` is that of the comment if told; otherwise Latin words are read as English and as German, Cyrillic
    /// ones as Russian.
    package func themes(in comment: UnsafeBufferPointer<UInt8>, language: Language? = nil) -> ThemeSet {
        guard !matcher.definitions.isEmpty else { return ThemeSet() }
        words.fill(comment)
        let latin = Languages(script: .latin, told: language)
        read.removeAll(keepingCapacity: true)
        words.withBytes { bytes in
            for word in words.words {
                let numbers = stems(of: UnsafeBufferPointer(rebasing: bytes[word.range]), word.script)
                let limited = word.script == .cyrillic ? numbers : numbers.limited(to: latin)
                read.append(ReadWord(stems: limited, startsRow: word.startsRow))
            }
        }
        var found: UInt64 = 0
        for position in read.indices { found |= matcher.themes(at: position, of: read) }
        return ThemeSet(bits: found)
    }

    package func themes(in comment: [UInt8], language: Language? = nil) -> ThemeSet {
        comment.withUnsafeBufferPointer { themes(in: $0, language: language) }
    }

    package func themes(in comment: String, language: Language? = nil) -> ThemeSet {
        var comment = comment
        return comment.withUTF8 { themes(in: $0, language: language) }
    }

    @inline(__always)
    private func stems(of word: UnsafeBufferPointer<UInt8>, _ script: Script) -> StemNumbers {
        let hash = hash(of: word)
        if let numbers = known.find(word, hash) { return numbers }
        var numbers = StemNumbers()
        if script == .cyrillic {
            numbers[.russian] = stemmers.withStem(of: word, in: .russian) { matcher.number(of: $0, in: .russian) }
        } else {
            numbers[.english] = stemmers.withStem(of: word, in: .english) { matcher.number(of: $0, in: .english) }
            numbers[.german] = stemmers.withStem(of: word, in: .german) { matcher.number(of: $0, in: .german) }
        }
        known.keep(word, hash, numbers)
        return numbers
    }
}

/// What was found out about words seen lately, since stemming costs ten times a look-up and few words make most
/// comments.
///
/// Two places per hash: a new word takes the first and moves the word there to the second, so memory is fixed and
/// nothing is searched, nor do two frequent words drive each other out.
private struct KnownWords {
    /// A power of two; about 88 bytes each.
    private static let wordsMax = 8_192

    private var bytes = [UInt8](repeating: 0, count: wordsMax * WordList.wordBytesMax)
    /// 0 where the place is free.
    private var lengths = [UInt8](repeating: 0, count: wordsMax)
    private var numbers = [StemNumbers](repeating: StemNumbers(), count: wordsMax)

    @inline(__always)
    func find(_ word: UnsafeBufferPointer<UInt8>, _ hash: UInt64) -> StemNumbers? {
        let place = Self.place(of: hash)
        if holds(place, word) { return numbers[place] }
        if holds(place ^ 1, word) { return numbers[place ^ 1] }
        return nil
    }

    private static func place(of hash: UInt64) -> Int { Int(truncatingIfNeeded: hash) & (wordsMax - 1) }

    @inline(__always)
    private func holds(_ place: Int, _ word: UnsafeBufferPointer<UInt8>) -> Bool {
        guard Int(lengths[place]) == word.count else { return false }
        let start = place * WordList.wordBytesMax
        for index in 0..<word.count where bytes[start + index] != word[index] { return false }
        return true
    }

    @inline(__always)
    mutating func keep(_ word: UnsafeBufferPointer<UInt8>, _ hash: UInt64, _ found: StemNumbers) {
        let place = Self.place(of: hash)
        let start = place * WordList.wordBytesMax
        let second = (place ^ 1) * WordList.wordBytesMax
        for index in 0..<Int(lengths[place]) { bytes[second + index] = bytes[start + index] }
        lengths[place ^ 1] = lengths[place]
        numbers[place ^ 1] = numbers[place]
        for index in 0..<word.count { bytes[start + index] = word[index] }
        lengths[place] = UInt8(word.count)
        numbers[place] = found
    }
}
