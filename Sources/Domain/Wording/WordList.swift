/// The words of one text in their order, lowercase, in one buffer that is filled again for every text.
///
/// Filling allocates only while the buffer grows. Used by one thread.
package struct WordList: Sendable {
    /// A longer word is left out; Snowball and the look-ups work on what people write, not on pasted base64.
    package static let wordBytesMax = 64

    package struct Word: Hashable, Sendable {
        /// Offset of the first byte among the bytes of the list.
        let start: Int
        /// 1 ... ``WordList/wordBytesMax``.
        let byteCount: UInt8
        package let script: Script
        /// Whether it does not stand in a row with the word before it: a sentence ended, or a word was left out.
        package let startsRow: Bool
        /// Whether only a hyphen stands between it and the word before it ("e-mail").
        package let isJoined: Bool

        var range: Range<Int> { start..<start + Int(byteCount) }
    }

    var bytes: [UInt8] = []
    package internal(set) var words: [Word] = []
    /// Words left out because they were longer than ``wordBytesMax``.
    package internal(set) var overlong = 0

    package init() {}

    package init(_ text: String) {
        fill(text)
    }

    package var count: Int { words.count }

    package func text(of word: Word) -> String {
        String(decoding: bytes[word.range], as: UTF8.self)
    }

    /// All words as text, for reports and tests.
    package var texts: [String] { words.map(text(of:)) }

    package mutating func fill(_ text: String) {
        var text = text
        text.withUTF8 { fill($0) }
    }

    package mutating func fill(_ text: [UInt8]) {
        text.withUnsafeBufferPointer { fill($0) }
    }

    /// Replaces the words by those of `text`, UTF-8 of any quality: what is not well-formed separates words.
    package mutating func fill(_ text: UnsafeBufferPointer<UInt8>) {
        // No folding makes a text longer, so the bytes of the text are room enough.
        if bytes.count < text.count { bytes = [UInt8](repeating: 0, count: max(text.count, 2 * bytes.count)) }
        var found = words
        words = []
        found.removeAll(keepingCapacity: true)
        overlong = bytes.withUnsafeMutableBufferPointer { out in
            var tokenizer = Tokenizer(out: out)
            tokenizer.split(text, into: &found)
            return tokenizer.overlong
        }
        words = found
    }

    /// Calls `body` with the bytes of all words; `Word.start` counts from the first of them.
    func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        bytes.withUnsafeBufferPointer(body)
    }
}
