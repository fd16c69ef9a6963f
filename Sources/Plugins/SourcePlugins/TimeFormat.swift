import Messages

/// One way a column writes moments; several may be tried in turn.
///
/// Besides the words `rfc3339`, `unix` (seconds) and `unixms`, a pattern of letters as spreadsheets and Unicode's LDML
/// know them: `yyyy` `yy` (2000 to 2099) · `MM` `M` · `dd` `d` · `HH` `H` (0 to 23) · `hh` `h` (1 to 12, with `a` for AM
/// or PM) · `mm` `m` · `ss` `s` · `S` (a fraction of any length) · `X` (`Z`, `+01:00` or `+0100`) · `z` (an abbreviation
/// such as AST). The doubled letter wants two digits, the single one takes one or two. Text stands in single quotes,
/// white space and punctuation for themselves.
struct TimeFormat: Sendable {
    /// What a cell said, before a zone is applied.
    enum Reading: Equatable, Sendable {
        /// A moment, in milliseconds since 1970.
        case moment(Int64)
        /// A wall clock's time without a zone, as if its zone were UTC.
        case local(Int64)
        /// A day without a time of day: its beginning, as if its zone were UTC.
        case day(Int64)
    }

    private enum Kind: Sendable {
        case rfc3339
        case unix(unitMilliseconds: Int64)
        case pattern([Token])
    }

    enum Token: Equatable, Sendable {
        case field(Field, digits: ClosedRange<Int>)
        case halfOfDay
        case fraction
        case offset
        case abbreviation
        case literal(Character)
    }

    enum Field: Sendable { case year, month, day, hour, hour12, minute, second }

    /// As the mapping writes it.
    let text: String
    private let kind: Kind

    /// - Throws: ``Problem`` saying which part of the pattern is not understood.
    init(_ text: String) throws(Problem) {
        self.text = text
        switch text {
        case "rfc3339": kind = .rfc3339
        case "unix": kind = .unix(unitMilliseconds: 1000)
        case "unixms": kind = .unix(unitMilliseconds: 1)
        default: kind = .pattern(try Self.tokens(of: text))
        }
    }

    struct Problem: Error { let sentence: String }

    /// - Returns: nil when `cell` is not of this format or names a moment that does not exist.
    func read(_ cell: String) -> Reading? {
        switch kind {
        case .rfc3339:
            // Python's and Postgres's habit of a space for the T.
            let text = cell.utf8.count > 10 ? cell.replacingEleventhSpace() : cell
            return Timestamp.read(text).map { .moment($0) }
        case .unix(let unit): return Self.unix(cell, unit)
        case .pattern(let tokens):
            var reader = TimePatternReader(cell)
            return reader.read(tokens)
        }
    }

    /// Year 9999 in milliseconds; larger numbers are no moments.
    private static let momentMax: Int64 = 253_402_300_799_999

    private static func unix(_ cell: String, _ unit: Int64) -> Reading? {
        let parts = cell.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard !parts[0].isEmpty, parts.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) } }),
            let whole = Int64(parts[0]), whole <= momentMax / unit
        else { return nil }
        guard parts.count == 2, unit == 1000 else { return .moment(whole * unit) }
        let fraction = Int64((parts[1] + "000").prefix(3))
        return fraction.map { .moment(whole * unit + $0) }
    }

    private static let fields: [String: Token] = [
        "yyyy": .field(.year, digits: 4...4), "yy": .field(.year, digits: 2...2),
        "MM": .field(.month, digits: 2...2), "M": .field(.month, digits: 1...2),
        "dd": .field(.day, digits: 2...2), "d": .field(.day, digits: 1...2),
        "HH": .field(.hour, digits: 2...2), "H": .field(.hour, digits: 1...2),
        "hh": .field(.hour12, digits: 2...2), "h": .field(.hour12, digits: 1...2),
        "mm": .field(.minute, digits: 2...2), "m": .field(.minute, digits: 1...2),
        "ss": .field(.second, digits: 2...2), "s": .field(.second, digits: 1...2),
        "a": .halfOfDay, "X": .offset, "z": .abbreviation,
    ]

    private static func tokens(of pattern: String) throws(Problem) -> [Token] {
        var tokens: [Token] = []
        var rest = pattern[...]
        while let first = rest.first {
            if first == "'" {
                rest = rest.dropFirst()
                guard let end = rest.firstIndex(of: "'") else {
                    throw Problem(sentence: "has a single quote that is not closed")
                }
                tokens += rest[..<end].map { .literal($0) }
                rest = rest[end...].dropFirst()
            } else if first.isLetter {
                let run = rest.prefix { $0 == first }
                guard let token = first == "S" ? .fraction : fields[String(run)] else {
                    throw Problem(
                        sentence:
                            "has \"\(run)\"; a format is rfc3339, unix, unixms, or a pattern of yyyy yy MM M dd d "
                            + "HH H hh h mm m ss s S a X z, with other letters in single quotes")
                }
                tokens.append(token)
                rest = rest[run.endIndex...]
            } else {
                tokens.append(.literal(first))
                rest = rest.dropFirst()
            }
        }
        try check(tokens)
        return tokens
    }

    private static func check(_ tokens: [Token]) throws(Problem) {
        var seen: [Field] = []
        for case .field(let field, _) in tokens {
            guard !seen.contains(field) else { throw Problem(sentence: "names one part of the time twice") }
            seen.append(field)
        }
        guard seen.contains(.year), seen.contains(.month), seen.contains(.day) else {
            throw Problem(sentence: "must name year, month and day, as in yyyy-MM-dd")
        }
        guard seen.contains(.hour12) == tokens.contains(.halfOfDay), !(seen.contains(.hour12) && seen.contains(.hour))
        else { throw Problem(sentence: "needs hh or h together with a (AM or PM), or HH or H without") }
        let hasHour = seen.contains(.hour) || seen.contains(.hour12)
        guard hasHour || !(seen.contains(.minute) || seen.contains(.second) || tokens.contains(.fraction)) else {
            throw Problem(sentence: "names minutes or seconds without an hour")
        }
    }
}

extension String {
    /// The text with a T where RFC 3339 wants one and a space stands.
    fileprivate func replacingEleventhSpace() -> String {
        let place = utf8.index(utf8.startIndex, offsetBy: 10)
        guard utf8[place] == UInt8(ascii: " ") else { return self }
        return self[..<place] + "T" + self[utf8.index(after: place)...]
    }
}
