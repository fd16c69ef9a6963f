/// What the terminal can show.
package struct DrawingStyle: Hashable, Sendable {
    /// Whether ANSI colours may be written.
    package let isColoured: Bool
    /// Whether Unicode may be written; otherwise everything is ASCII.
    package let isUnicode: Bool

    package init(isColoured: Bool, isUnicode: Bool) {
        self.isColoured = isColoured
        self.isUnicode = isUnicode
    }

    /// Reads the customs of the terminal world: `NO_COLOR` (no-color.org) and `TERM=dumb` switch colours off,
    /// `CLICOLOR_FORCE` on even where nobody looks at a terminal; `LC_ALL`, `LC_CTYPE` and `LANG` tell the character set,
    /// the first of them that is set deciding.
    package init(environment: [String: String], isTerminal: Bool) {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let isForced = value("CLICOLOR_FORCE").map { $0 != "0" } ?? false
        let isRefused = value("NO_COLOR") != nil || value("TERM") == "dumb"
        isColoured = !isRefused && (isTerminal || isForced)
        let locale = (value("LC_ALL") ?? value("LC_CTYPE") ?? value("LANG") ?? "").lowercased()
        isUnicode = locale.contains("utf-8") || locale.contains("utf8")
    }

    package static let plain = DrawingStyle(isColoured: false, isUnicode: true)
    package static let ascii = DrawingStyle(isColoured: false, isUnicode: false)
    package static let coloured = DrawingStyle(isColoured: true, isUnicode: true)

    /// `text` with its colour switched on before and off after it, where colours may be written.
    package func painted(_ text: String, _ paint: Paint) -> String {
        isColoured && !text.isEmpty ? "\u{1B}[\(paint.code)m\(text)\u{1B}[0m" : text
    }

    /// `text` as this terminal can show it: without control characters and, where it is not UTF-8, without anything
    /// beyond ASCII.
    package func shown(_ text: String) -> String {
        if isUnicode { return String(text.map { $0.isControl ? " " : $0 }) }
        return text.reduce(into: "") { shown, character in
            if character.isControl {
                shown.append(" ")
            } else if character.isASCII {
                shown.append(character)
            } else {
                shown += Self.asciiForms[character] ?? "?"
            }
        }
    }

    private static let asciiForms: [Character: String] = [
        "·": "-", "–": "-", "—": "-", "…": "...", "▼": "v", "▲": "^", "−": "-", "≥": ">=", "≤": "<=", "±": "+-",
        "ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss", "’": "'", "“": "\"", "”": "\"",
        "→": "->", "×": "x", "✓": "ok", "\u{00A0}": " ", "\u{202F}": " ",
    ]
}

/// What a piece of a drawing is, which decides its colour; only the sixteen colours every theme defines are used.
package enum Paint: Hashable, Sendable {
    /// The trend line.
    case line
    /// Where it dips.
    case dip
    /// The baseline and everything that is well.
    case well
    /// A warning: pending, provisional.
    case warning
    /// Axes, intervals and remarks.
    case faint
    /// Titles and column heads.
    case strong

    var code: String {
        switch self {
        case .line: "36"
        case .dip: "1;31"
        case .well: "32"
        case .warning: "33"
        case .faint: "90"
        case .strong: "1"
        }
    }
}

extension Character {
    /// Control characters would move the cursor or worse; they come from outside, in names and comments.
    fileprivate var isControl: Bool {
        unicodeScalars.contains {
            $0.properties.generalCategory == .control || $0.properties.generalCategory == .format
        }
    }
}
