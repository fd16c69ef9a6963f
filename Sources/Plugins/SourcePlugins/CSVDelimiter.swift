/// What stands between the cells of a row.
enum CSVDelimiter: String, CaseIterable {
    case comma = ","
    case semicolon = ";"
    case tab = "\t"

    var byte: UInt8 { rawValue.utf8.first! }

    /// Reads the setting `delimiter`; `.some(nil)` is `auto`, nil is no delimiter.
    static func setting(_ text: String) -> CSVDelimiter?? {
        switch text {
        case "auto": .some(nil)
        case "tab", "\\t": .some(.tab)
        default: CSVDelimiter(rawValue: text).map { .some($0) }
        }
    }

    /// The delimiter that stands most often outside quotes in `record`; of equals the first listed.
    static func guess(from record: some Sequence<UInt8>) -> CSVDelimiter {
        var counts = [Int](repeating: 0, count: allCases.count)
        var quoted = false
        for byte in record {
            if byte == UInt8(ascii: "\"") { quoted.toggle() }
            if !quoted, let index = allCases.firstIndex(where: { $0.byte == byte }) { counts[index] += 1 }
        }
        let most = counts.max()!
        return allCases[counts.firstIndex(of: most)!]
    }
}
