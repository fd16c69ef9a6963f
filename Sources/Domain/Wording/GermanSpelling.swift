/// German without umlauts on the keyboard: "verspaetet" for "verspätet".
enum GermanSpelling {
    /// Whether a pair of letters stands for an umlaut.
    ///
    /// "ue" after a vowel or q is none (neue, Bauer, Steuer, Quelle), nor at the end of a word (Statue).
    @inline(__always)
    private static func isDigraph(_ word: UnsafeBufferPointer<UInt8>, at index: Int) -> Bool {
        guard index + 1 < word.count, word[index + 1] == UInt8(ascii: "e") else { return false }
        switch word[index] {
        case UInt8(ascii: "a"), UInt8(ascii: "o"): return true
        case UInt8(ascii: "u"):
            guard index + 2 < word.count else { return false }
            guard index > 0 else { return true }
            switch word[index - 1] {
            case UInt8(ascii: "a"), UInt8(ascii: "e"), UInt8(ascii: "i"), UInt8(ascii: "o"), UInt8(ascii: "u"),
                UInt8(ascii: "q"), 0xA4:  // The second byte of ä.
                return false
            default: return true
            }
        default: return false
        }
    }

    static func hasDigraph(_ word: UnsafeBufferPointer<UInt8>) -> Bool {
        for index in word.indices where isDigraph(word, at: index) { return true }
        return false
    }

    /// Writes `word` with umlauts; an umlaut takes the two bytes of its pair, so the length stays.
    static func writeUmlauts(of word: UnsafeBufferPointer<UInt8>, to result: UnsafeMutableBufferPointer<UInt8>) {
        var index = 0
        while index < word.count {
            guard isDigraph(word, at: index) else {
                result.initializeElement(at: index, to: word[index])
                index += 1
                continue
            }
            let second: UInt8 =
                switch word[index] {
                case UInt8(ascii: "a"): 0xA4
                case UInt8(ascii: "o"): 0xB6
                default: 0xBC
                }
            result.initializeElement(at: index, to: 0xC3)
            result.initializeElement(at: index + 1, to: second)
            index += 2
        }
    }
}
