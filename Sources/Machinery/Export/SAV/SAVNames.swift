/// Variable names that SPSS accepts, made of column names.
///
/// A name has up to 64 bytes, begins with a letter, is no reserved word, and differs from the others in more than case
/// (IBM SPSS Statistics, Command Syntax Reference, "Variable Names"). Of the characters SPSS allows only ASCII letters,
/// digits and `_` are used, because the library cuts names to eight bytes for old programs and would cut through any
/// other. German and Cyrillic letters are transliterated, what else does not fit becomes `_`.
enum SAVNames {
    static let bytesMax = 64

    private static let reserved: Set<String> = [
        "ALL", "AND", "BY", "EQ", "GE", "GT", "LE", "LT", "NE", "NOT", "OR", "TO", "WITH",
    ]

    /// A legal name for each, all different. Those that are legal already stay as they are.
    static func legal(_ names: [String]) -> [String] {
        let candidates = names.enumerated().map { candidate($1, position: $0 + 1) }
        var taken: Set<String> = []
        var results = candidates.map { _ in "" }
        // Names that need no change come first, so that a changed one cannot take theirs.
        for index in names.indices where candidates[index] == names[index] {
            if taken.insert(names[index].uppercased()).inserted { results[index] = names[index] }
        }
        var numbers: [String: Int] = [:]
        for index in names.indices where results[index].isEmpty {
            results[index] = unused(candidates[index], taken: &taken, numbers: &numbers)
        }
        return results
    }

    /// The name, or the name with the first number behind it that no other has.
    private static func unused(
        _ name: String, taken: inout Set<String>, numbers: inout [String: Int]
    ) -> String {
        if taken.insert(name.uppercased()).inserted { return name }
        // Remembered per name, so that a thousand equal names do not count from two a thousand times.
        var number = numbers[name.uppercased()] ?? 2
        while true {
            let suffix = "_\(number)"
            number += 1
            let numbered = name.prefix(bytesMax - suffix.utf8.count) + suffix
            if taken.insert(numbered.uppercased()).inserted {
                numbers[name.uppercased()] = number
                return String(numbered)
            }
        }
    }

    /// A legal name, perhaps one that another column has too.
    private static func candidate(_ name: String, position: Int) -> String {
        var letters = ""
        for scalar in name.unicodeScalars {
            letters += latin(scalar)
            if letters.utf8.count > bytesMax { break }
        }
        guard letters.contains(where: { $0 != "_" }) else { return "V\(position)" }
        let first = letters.utf8.first ?? 0
        if first == UInt8(ascii: "_") {
            letters = "V" + letters
        } else if !isLetter(first) || isReserved(letters) {
            letters = "V_" + letters
        }
        return String(letters.prefix(bytesMax))
    }

    /// Words of SPSS's language, and the names that the library itself makes for columns whose first eight letters are
    /// those of another column: `V`, the position, `_A`.
    private static func isReserved(_ name: String) -> Bool {
        let name = name.uppercased()
        if reserved.contains(name) { return true }
        guard name.hasPrefix("V"), name.hasSuffix("_A"), name.utf8.count > 3 else { return false }
        return name.dropFirst().dropLast(2).utf8.allSatisfy(isDigit)
    }

    private static func isLetter(_ byte: UInt8) -> Bool { byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    private static func latin(_ scalar: Unicode.Scalar) -> String {
        if let byte = UInt8(exactly: scalar.value), byte < 0x80 {
            return isLetter(byte) || isDigit(byte) ? String(scalar) : "_"
        }
        if let letters = transliteration[scalar] { return letters }
        let lower = scalar.properties.lowercaseMapping.unicodeScalars
        guard let first = lower.first, lower.count == 1, let letters = transliteration[first] else { return "_" }
        return letters.prefix(1).uppercased() + letters.dropFirst()
    }

    /// Russian as passports spell it (ICAO 9303), German as the alphabet's own rule has it.
    private static let transliteration: [Unicode.Scalar: String] = [
        "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss",
        "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "e", "ж": "zh", "з": "z", "и": "i",
        "й": "i", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t",
        "у": "u", "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "ie", "ы": "y",
        "ь": "", "э": "e", "ю": "iu", "я": "ia",
    ]
}
