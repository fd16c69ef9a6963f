/// Splits UTF-8 into lowercase words.
///
/// A word is a run of Latin and Cyrillic letters and digits. An apostrophe between letters belongs to it (written ',
/// whatever it was), a hyphen separates two words that are marked as joined, so that "check-in" and "check in" are the
/// same phrase. Combining marks and invisible scalars neither end a word nor belong to it. Everything else separates,
/// other scripts and malformed UTF-8 included. A sentence ends at . ! ? ; or … not directly followed by a letter or
/// digit.
struct Tokenizer {
    private let out: UnsafeMutableBufferPointer<UInt8>
    private var end = 0
    private var start = 0
    private var seen: Seen = []
    private var startsRow = true
    private var joint = Joint.none
    private(set) var overlong = 0

    private struct Seen: OptionSet {
        let rawValue: UInt8
        static let letter = Seen(rawValue: 1)
        static let cyrillic = Seen(rawValue: 2)
        static let digit = Seen(rawValue: 4)
        static let tooLong = Seen(rawValue: 8)
        static let joined = Seen(rawValue: 16)
    }

    /// What stands since the last word.
    private enum Joint { case none, hyphen }

    /// `out` has room for as many bytes as the text.
    init(out: UnsafeMutableBufferPointer<UInt8>) { self.out = out }

    mutating func split(_ text: UnsafeBufferPointer<UInt8>, into words: inout [WordList.Word]) {
        var position = 0
        while position < text.count {
            let byte = text[position]
            if byte < 0x80 {
                ascii(byte, next: position + 1 < text.count ? text[position + 1] : 0, &words)
                position += 1
            } else {
                position += multibyte(text, position, &words)
            }
        }
        finishWord(&words)
    }

    @inline(__always)
    private mutating func ascii(_ byte: UInt8, next: UInt8, _ words: inout [WordList.Word]) {
        let lower = byte | 0x20
        if lower >= UInt8(ascii: "a"), lower <= UInt8(ascii: "z") {
            append(lower, .letter)
        } else if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
            append(byte, .digit)
        } else {
            switch byte {
            case UInt8(ascii: " "): separate(&words)
            case UInt8(ascii: "'"), UInt8(ascii: "`"): apostrophe(&words)
            case UInt8(ascii: "-"): hyphen(&words)
            case UInt8(ascii: "."), UInt8(ascii: "!"), UInt8(ascii: "?"), UInt8(ascii: ";"):
                separate(&words)
                if !Self.mayStartWord(next) { startsRow = true }
            default: separate(&words)
            }
        }
    }

    private static func mayStartWord(_ byte: UInt8) -> Bool {
        let lower = byte | 0x20
        return (lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z"))
            || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")) || (byte >= 0xC3 && byte <= 0xD3)
    }

    /// Reads what begins at `position` with a byte from 0x80 on; returns the bytes read, at least 1.
    private mutating func multibyte(
        _ text: UnsafeBufferPointer<UInt8>, _ position: Int, _ words: inout [WordList.Word]
    ) -> Int {
        let lead = text[position]
        guard position + 1 < text.count, text[position + 1] & 0xC0 == 0x80 else {
            separate(&words)
            return 1
        }
        let second = text[position + 1]
        if lead >= 0xC2, lead <= 0xDF {
            twoBytes(UInt32(lead & 0x1F) << 6 | UInt32(second & 0x3F), &words)
            return 2
        }
        // E0 and ED have malformed forms, but lead to no scalar that is told apart here: all of theirs separate.
        guard lead == 0xE1 || lead == 0xE2 || lead == 0xEF, position + 2 < text.count,
            text[position + 2] & 0xC0 == 0x80
        else {
            separate(&words)
            return 1
        }
        let third = text[position + 2]
        threeBytes(UInt32(lead & 0x0F) << 12 | UInt32(second & 0x3F) << 6 | UInt32(third & 0x3F), &words)
        return 3
    }

    private mutating func twoBytes(_ scalar: UInt32, _ words: inout [WordList.Word]) {
        switch scalar {
        case 0x400...0x4FF:
            guard let letter = Letters.cyrillic(scalar) else { return separate(&words) }
            guard letter != 0 else { return }
            append(0xC0 | UInt8(letter >> 6), 0x80 | UInt8(letter & 0x3F), [.letter, .cyrillic])
        case 0xC0...0x2AF: appendLatin(scalar, &words)
        case 0x300...0x36F: mark(scalar)
        case 0xAD: break  // A soft hyphen is where a line may break, not where a word ends.
        case 0xB4: apostrophe(&words)  // ´, the accent key typed for an apostrophe.
        case 0x2BC: apostrophe(&words)
        default: separate(&words)
        }
    }

    private mutating func threeBytes(_ scalar: UInt32, _ words: inout [WordList.Word]) {
        switch scalar {
        case 0x2018, 0x2019, 0x201B: apostrophe(&words)
        case 0x2010, 0x2011: hyphen(&words)
        case 0x2026:
            separate(&words)
            startsRow = true
        case 0x1E00...0x1EFF: appendLatin(scalar, &words)
        // Zero-width spaces, joiners and direction marks, variation selectors, the byte order mark, and further marks:
        // invisible, so that a word cannot be hidden by strewing them in.
        case 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x206F, 0xFE00...0xFE0F, 0xFEFF: break
        case 0x1AB0...0x1AFF, 0x1DC0...0x1DFF, 0x20D0...0x20FF, 0xFE20...0xFE2F: break
        default: separate(&words)
        }
    }

    @inline(__always)
    private mutating func append(_ byte: UInt8, _ kind: Seen) {
        if end == start { beginWord() }
        guard end - start < WordList.wordBytesMax else { return seen.formUnion(.tooLong) }
        out[end] = byte
        end += 1
        seen.formUnion(kind)
    }

    @inline(__always)
    private mutating func append(_ first: UInt8, _ second: UInt8, _ kind: Seen) {
        if end == start { beginWord() }
        guard end - start + 1 < WordList.wordBytesMax else { return seen.formUnion(.tooLong) }
        out[end] = first
        out[end + 1] = second
        end += 2
        seen.formUnion(kind)
    }

    private mutating func appendLatin(_ scalar: UInt32, _ words: inout [WordList.Word]) {
        let letters = Letters.latin(scalar)
        guard !letters.isEmpty else { return separate(&words) }
        for byte in letters { append(byte, .letter) }
    }

    private mutating func mark(_ scalar: UInt32) {
        guard end > start, !seen.contains(.tooLong) else { return }
        let before = end - start > 1 ? out[end - 2] : 0
        guard let letter = Letters.composed(last: out[end - 1], before: before, mark: scalar) else { return }
        guard end - letter.replaces + 2 - start <= WordList.wordBytesMax else { return seen.formUnion(.tooLong) }
        end -= letter.replaces
        out[end] = letter.first
        out[end + 1] = letter.second
        end += 2
    }

    @inline(__always)
    private mutating func beginWord() {
        seen = joint == .hyphen ? .joined : []
        joint = .none
    }

    @inline(__always)
    private mutating func separate(_ words: inout [WordList.Word]) {
        finishWord(&words)
        joint = .none
    }

    private mutating func apostrophe(_ words: inout [WordList.Word]) {
        guard end > start, out[end - 1] != UInt8(ascii: "'") else { return separate(&words) }
        append(UInt8(ascii: "'"), [])
    }

    private mutating func hyphen(_ words: inout [WordList.Word]) {
        let followsWord = end > start && out[end - 1] != UInt8(ascii: "'")
        separate(&words)
        joint = followsWord && !startsRow ? .hyphen : .none
    }

    /// Ends the word, if there is one: what follows begins another.
    @inline(__always)
    private mutating func finishWord(_ words: inout [WordList.Word]) {
        guard end > start else { return }
        guard !seen.contains(.tooLong) else {
            overlong += 1
            end = start
            startsRow = true
            return
        }
        if out[end - 1] == UInt8(ascii: "'") { end -= 1 }
        let script: Script = seen.contains(.cyrillic) ? .cyrillic : seen.contains(.letter) ? .latin : .number
        words.append(
            WordList.Word(
                start: start, byteCount: UInt8(end - start), script: script, startsRow: startsRow,
                isJoined: seen.contains(.joined)))
        start = end
        startsRow = false
    }
}
