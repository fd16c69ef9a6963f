import CStemmer

/// Why words cannot be reduced to stems.
package enum StemmerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// libstemmer has no such algorithm for UTF-8, or no memory for it.
    case unavailable(Language)

    package var description: String {
        switch self {
        case .unavailable(let language):
            "libstemmer gives no stemmer for \"\(language.rawValue)\" in UTF-8: "
                + "install Debian's libstemmer0d (2.2 or later)"
        }
    }
}

/// Reduces a word to its stem by the Snowball algorithm of one language.
///
/// Not thread-safe: Snowball keeps the word it works on in the handle, so every thread has a stemmer of its own. The
/// stems are those of the linked libstemmer; another version may give others.
package struct Stemmer: ~Copyable {
    package let language: Language
    private let handle: OpaquePointer

    package init(_ language: Language) throws(StemmerError) {
        let algorithm =
            switch language {
            case .english: "english"
            case .german: "german"
            case .russian: "russian"
            }
        guard let handle = sb_stemmer_new(algorithm, "UTF_8") else { throw .unavailable(language) }
        self.language = language
        self.handle = handle
    }

    deinit { sb_stemmer_delete(handle) }

    /// Calls `body` with the stem of `word`, lowercase UTF-8 of at most ``WordList/wordBytesMax`` bytes as ``WordList``
    /// gives it; the bytes are valid within `body` only.
    ///
    /// In German, ae, oe and ue typed for an umlaut count as the umlaut. Were Snowball out of memory, the word itself
    /// would be its stem.
    package func withStem<Result>(
        of word: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result {
        assert(word.count <= WordList.wordBytesMax)
        if language == .german, GermanSpelling.hasDigraph(word) {
            return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: word.count) { umlauts in
                GermanSpelling.writeUmlauts(of: word, to: umlauts)
                return stem(UnsafeBufferPointer(umlauts), body)
            }
        }
        return stem(word, body)
    }

    /// The stem of one word; `word` is folded as ``WordList`` does, and is its own stem if it is not one word.
    package func stem(_ word: String) -> String {
        let list = WordList(word)
        guard list.count == 1 else { return word }
        return list.withBytes { bytes in
            withStem(of: UnsafeBufferPointer(rebasing: bytes[list.words[0].range])) {
                String(decoding: $0, as: UTF8.self)
            }
        }
    }

    private func stem<Result>(
        _ word: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result {
        guard let stem = sb_stemmer_stem(handle, word.baseAddress, CInt(word.count)) else { return body(word) }
        return body(UnsafeBufferPointer(start: stem, count: Int(sb_stemmer_length(handle))))
    }
}

/// A stemmer of each language, owned by one thread.
struct Stemmers: ~Copyable {
    private let english: Stemmer
    private let german: Stemmer
    private let russian: Stemmer

    init() throws(StemmerError) {
        let english = try Stemmer(.english)
        let german = try Stemmer(.german)
        let russian = try Stemmer(.russian)
        self.english = english
        self.german = german
        self.russian = russian
    }

    func withStem<Result>(
        of word: UnsafeBufferPointer<UInt8>, in language: Language, _ body: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result {
        switch language {
        case .english: english.withStem(of: word, body)
        case .german: german.withStem(of: word, body)
        case .russian: russian.withStem(of: word, body)
        }
    }
}
