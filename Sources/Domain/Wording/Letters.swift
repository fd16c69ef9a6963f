/// How letters outside ASCII are written in a word: lowercase, marks dropped, except the German umlauts, ß and й.
///
/// "é", "e" with a combining acute and "e" become one letter, as do "ё" and "е", so that a spelling with and without
/// marks is one word.
enum Letters {
    /// Base letters of U+00C0 ... U+00FF; "·" separates words (× and ÷), two letters are spelt out (æ, þ).
    private static let latinOne: [[UInt8]] = table(
        "a a a a ä a ae c e e e e i i i i d n o o o o ö · o u u u ü y th ß "
            + "a a a a ä a ae c e e e e i i i i d n o o o o ö · o u u u ü y th y")

    /// Base letters of U+0100 ... U+017F.
    private static let latinExtendedA: [[UInt8]] = table(
        "a a a a a a c c c c c c c c d d d d e e e e e e e e e e g g g g g g g g h h h h i i i i i i i i i i ij ij j j "
            + "k k k l l l l l l l l l l n n n n n n n n n o o o o o o oe oe r r r r r r s s s s s s s s t t t t t t "
            + "u u u u u u u u u u u u w w y y y z z z z z z s")

    private static func table(_ letters: String) -> [[UInt8]] {
        letters.split(separator: " ").map { $0 == "·" ? [] : Array($0.utf8) }
    }

    /// The letters a Latin scalar of U+00C0 ... U+02AF or U+1E00 ... U+1EFF is written with; empty if it separates
    /// words.
    ///
    /// Never longer in UTF-8 than the scalar itself, so a word never outgrows its source.
    static func latin(_ scalar: UInt32) -> [UInt8] {
        switch scalar {
        case 0xC0...0xFF: return latinOne[Int(scalar - 0xC0)]
        case 0x100...0x17F: return latinExtendedA[Int(scalar - 0x100)]
        case 0x218, 0x219: return [UInt8(ascii: "s")]
        case 0x21A, 0x21B: return [UInt8(ascii: "t")]
        case 0x1E9E: return Array("ß".utf8)
        default:
            guard let letter = Unicode.Scalar(scalar), letter.properties.isAlphabetic else { return [] }
            let own = Array(String(letter).utf8)
            let lower = Array(letter.properties.lowercaseMapping.utf8)
            return lower.count <= own.count ? lower : own
        }
    }

    /// The lowercase of a Cyrillic scalar U+0400 ... U+04FF; nil if it is a sign and no letter, 0 if a combining mark.
    @inline(__always)
    static func cyrillic(_ scalar: UInt32) -> UInt32? {
        switch scalar {
        case 0x430...0x44F: return scalar
        case 0x410...0x42F: return scalar + 0x20
        case 0x401, 0x451, 0x400, 0x450: return 0x435  // Ё, ё and Ѐ, ѐ are written е.
        case 0x40D, 0x45D: return 0x438  // Ѝ and ѝ are written и.
        case 0x402...0x40F: return scalar + 0x50
        case 0x452...0x45F: return scalar
        case 0x482: return nil
        case 0x483...0x489: return 0
        case 0x4C0: return 0x4CF
        case 0x4C1...0x4CE: return scalar & 1 == 1 ? scalar + 1 : scalar
        case 0x4CF: return scalar
        default: return scalar | 1  // The pairs of U+0460 ... U+04FF: even is upper case, odd lower.
        }
    }

    /// The two bytes of the letter that a word's last bytes make with the combining `mark`, and how many of these bytes
    /// it replaces; nil if the mark is dropped.
    static func composed(
        last: UInt8, before: UInt8, mark: UInt32
    ) -> (first: UInt8, second: UInt8, replaces: Int)? {
        switch (mark, last) {
        case (0x308, UInt8(ascii: "a")): return (0xC3, 0xA4, 1)  // ä
        case (0x308, UInt8(ascii: "o")): return (0xC3, 0xB6, 1)  // ö
        case (0x308, UInt8(ascii: "u")): return (0xC3, 0xBC, 1)  // ü
        // й is и with a breve; without it "мой" and "мои" would be one word.
        case (0x306, 0xB8) where before == 0xD0: return (0xD0, 0xB9, 2)
        default: return nil
        }
    }
}
