/// One property of a calendar: `NAME;PARAMETER=value:VALUE`, unfolded (RFC 5545, 3.1).
struct ContentLine: Equatable {
    /// Line of the file on which it begins, from 1.
    let number: Int
    /// In capitals.
    let name: String
    /// By name in capitals; the values without their quotation marks.
    let parameters: [String: [String]]
    /// Still escaped.
    let value: String

    /// A calendar's lines in their order; empty ones are left out.
    ///
    /// - Throws: ``CalendarError`` for bytes that are not UTF-8 and lines that are no property.
    static func lines(of bytes: [UInt8]) throws(CalendarError) -> [ContentLine] {
        var lines: [ContentLine] = []
        for folded in unfolded(bytes) {
            guard let text = String(validating: folded.bytes, as: UTF8.self) else {
                throw CalendarError(line: folded.number, "is not UTF-8: save the calendar in that encoding")
            }
            lines.append(try ContentLine(text, number: folded.number))
        }
        return lines
    }

    /// Joined as bytes, because a fold may lie within a character.
    private static func unfolded(_ bytes: [UInt8]) -> [(number: Int, bytes: [UInt8])] {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let body = bytes.starts(with: mark) ? bytes.dropFirst(mark.count) : bytes[...]
        var unfolded: [(number: Int, bytes: [UInt8])] = []
        var number = 0
        for line in body.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            guard let first = line.first else { continue }
            if first == UInt8(ascii: " ") || first == UInt8(ascii: "\t"), !unfolded.isEmpty {
                unfolded[unfolded.count - 1].bytes += line.dropFirst()
            } else {
                unfolded.append((number, Array(line)))
            }
        }
        return unfolded
    }

    private init(_ text: String, number: Int) throws(CalendarError) {
        self.number = number
        var rest = text.unicodeScalars[...]
        let name = Self.word(&rest)
        guard !name.isEmpty else { throw Self.nothing(text, number) }
        self.name = name
        var parameters: [String: [String]] = [:]
        while rest.first == ";" {
            rest.removeFirst()
            let parameter = Self.word(&rest)
            guard !parameter.isEmpty, rest.popFirst() == "=" else { throw Self.nothing(text, number) }
            repeat {
                if rest.first == "," { rest.removeFirst() }
                guard let value = Self.parameterValue(&rest) else { throw Self.nothing(text, number) }
                parameters[parameter, default: []].append(value)
            } while rest.first == ","
        }
        guard rest.popFirst() == ":" else { throw Self.nothing(text, number) }
        self.parameters = parameters
        value = String(rest)
    }

    private static func nothing(_ text: String, _ number: Int) -> CalendarError {
        CalendarError(
            line: number,
            "is \"\(text.prefix(40))\", but a line of a calendar is NAME:value; a continued line begins with a space")
    }

    private static func word(_ rest: inout Substring.UnicodeScalarView) -> String {
        let word = rest.prefix {
            $0 == "-" || ("0"..."9").contains($0) || ("A"..."Z").contains($0) || ("a"..."z").contains($0)
        }
        rest = rest[word.endIndex...]
        return String(word).uppercased()
    }

    /// - Returns: nil when a quotation mark is missing.
    private static func parameterValue(_ rest: inout Substring.UnicodeScalarView) -> String? {
        guard rest.first == "\"" else {
            let value = rest.prefix { $0 != "," && $0 != ";" && $0 != ":" }
            rest = rest[value.endIndex...]
            return String(value)
        }
        rest.removeFirst()
        let value = rest.prefix { $0 != "\"" }
        rest = rest[value.endIndex...]
        return rest.popFirst() == nil ? nil : String(value)
    }

    // MARK: Texts

    /// The value's texts, parted at commas that are not escaped.
    var texts: [String] {
        var texts = [""]
        var isEscaped = false
        for scalar in value.unicodeScalars {
            if isEscaped {
                texts[texts.count - 1].unicodeScalars.append(scalar == "n" || scalar == "N" ? " " : scalar)
                isEscaped = false
            } else if scalar == "\\" {
                isEscaped = true
            } else if scalar == "," {
                texts.append("")
            } else {
                texts[texts.count - 1].unicodeScalars.append(scalar)
            }
        }
        return texts
    }

    /// The value as one text. Writers that forget to escape commas are many, so an open one counts as written.
    var text: String { texts.joined(separator: ",") }
}
