/// Comma-separated values by RFC 4180, in UTF-8, with a header line of column names.
///
/// - A missing cell is empty, an empty text is `""`. In a table of one column both are `""`, because most readers skip
///   an empty line.
/// - Numbers are written in full with a decimal point, moments as RFC 3339, flags as `true` and `false`.
/// - Quoted are names and texts that contain a quote, a comma, a line break, a semicolon or a tab (separators of some
///   spreadsheets), or that begin or end with a space.
/// - Spreadsheets take a text that begins with `=`, `+`, `-`, `@`, a tab or a line break for a formula, and a customer
///   can write one into a comment. Names and texts that begin so, or with the full-width form of such a sign, get an
///   apostrophe in front unless ``Formulas/verbatim`` is asked for. (OWASP, "CSV Injection")
package final class CSVWriter: ExportWriter {
    package enum LineEnd: String, Sendable {
        /// As RFC 4180 says.
        case carriageReturnLineFeed = "\r\n"
        case lineFeed = "\n"
    }

    package enum Formulas: Sendable {
        /// What looks like a formula gets an apostrophe in front.
        case disarmed
        /// Texts stay as they are: for programs, never for spreadsheets.
        case verbatim
    }

    package enum Encoding: Sendable {
        case plain
        /// With the three bytes in front by which Excel knows UTF-8.
        case byteOrderMark
    }

    private let lineEnd: LineEnd
    private let formulas: Formulas
    private let encoding: Encoding
    private let sink: ExportSink
    private var progress = ExportProgress()
    private var buffer: [UInt8] = []

    package init(
        lineEnd: LineEnd = .carriageReturnLineFeed, formulas: Formulas = .disarmed, encoding: Encoding = .plain,
        sink: @escaping ExportSink
    ) {
        self.lineEnd = lineEnd
        self.formulas = formulas
        self.encoding = encoding
        self.sink = sink
    }

    package func begin(_ columns: [ExportColumn]) throws {
        try progress.begin(columns)
        if encoding == .byteOrderMark { buffer.append(contentsOf: [0xEF, 0xBB, 0xBF]) }
        try line(columns) { text($0.name) }
    }

    package func row(_ values: [ExportValue]) throws {
        let settled = try progress.beginRow(values)
        try line(settled) { cell($0) }
    }

    package func finish() throws {
        try progress.beginFinish()
        try flush()
        progress.finish()
    }

    private func line<Element>(_ elements: [Element], _ write: (Element) -> Void) throws {
        for (index, element) in elements.enumerated() {
            if index > 0 { buffer.append(UInt8(ascii: ",")) }
            write(element)
        }
        buffer.append(contentsOf: lineEnd.rawValue.utf8)
        if buffer.count >= ExportBuffer.bytesMax { try flush() }
        progress.succeed()
    }

    private func flush() throws {
        guard !buffer.isEmpty else { return }
        try buffer.withUnsafeBytes(sink)
        buffer.removeAll(keepingCapacity: true)
    }

    private func cell(_ value: ExportValue) {
        switch value {
        case .missing: if progress.columns.count == 1 { plain("\"\"") }
        case .integer(let whole): plain(String(whole))
        case .number(let number): plain(Self.decimal(number))
        case .text(let text): self.text(text)
        case .moment(let milliseconds): plain(ExportMoment.text(milliseconds))
        case .flag(let truth): plain(truth ? "true" : "false")
        }
    }

    /// The shortest text that reads back as the same number, without `.0`.
    private static func decimal(_ number: Double) -> String {
        // Negative zero is integral, but as an integer it would lose its sign.
        guard let whole = Int64(exactly: number), number.magnitude < 0x1p53, number != 0 || number.sign == .plus else {
            return number.description
        }
        return String(whole)
    }

    private func plain(_ text: String) { buffer.append(contentsOf: text.utf8) }

    private func text(_ text: String) {
        let mark = formulas == .disarmed && Self.looksLikeFormula(text) ? "'" : ""
        let quote = UInt8(ascii: "\"")
        guard Self.needsQuotes(text) else { return plain(mark + text) }
        buffer.append(quote)
        plain(mark)
        for byte in text.utf8 {
            if byte == quote { buffer.append(quote) }
            buffer.append(byte)
        }
        buffer.append(quote)
    }

    private static func looksLikeFormula(_ text: String) -> Bool {
        switch text.unicodeScalars.first {
        case "=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠": true
        default: false
        }
    }

    private static func needsQuotes(_ text: String) -> Bool {
        let space = UInt8(ascii: " ")
        guard let first = text.utf8.first, let last = text.utf8.last else { return true }
        if first == space || last == space { return true }
        return text.utf8.contains { byte in
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: ","), UInt8(ascii: ";"), 0x09, 0x0A, 0x0D: true
            default: false
            }
        }
    }
}
