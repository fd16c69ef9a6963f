import CReadStat

/// One column as a variable of an SPSS file.
struct SAVVariable {
    let column: ExportColumn
    /// Owned by the library's writer.
    private let variable: UnsafeMutablePointer<readstat_variable_t>

    /// From 1582-10-14T00:00:00, where SPSS counts from, to 1970.
    private static let originMilliseconds: Int64 = 12_219_379_200_000
    /// The characters of a negative number of 2^53.
    private static let integerWidth = 17
    /// Sixteen decimals, the most SPSS shows, need a sign, a digit and a point before them.
    private static let numberWidth = 20
    private static let decimalsMax = 16
    /// Columns on the screen that a text takes at most.
    private static let displayMax = 40

    /// Declares the variable. The column is within ``SAVLimits``.
    init(_ column: ExportColumn, name: String, in writer: UnsafeMutablePointer<readstat_writer_t>) {
        self.column = column
        var width = 0
        var format: String
        var display = 10
        var measure = READSTAT_MEASURE_SCALE
        var labels: [(Int64, String)] = []
        switch column.kind {
        case .integer(let valueLabels):
            format = "F\(Self.integerWidth).0"
            labels = valueLabels
            if !labels.isEmpty { measure = READSTAT_MEASURE_ORDINAL }
        case .number(let digits):
            format = "F\(Self.numberWidth).\(min(max(digits, 0), Self.decimalsMax))"
        case .text(let bytesMax):
            // A text of no width would be a number.
            width = max(bytesMax, 1)
            format = "A\(width)"
            display = min(width, Self.displayMax)
            measure = READSTAT_MEASURE_NOMINAL
        case .moment:
            format = "DATETIME20"
            display = 20
        case .flag:
            format = "F1.0"
            display = 8
            measure = READSTAT_MEASURE_NOMINAL
            labels = [(0, "no"), (1, "yes")]
        }
        let type = width > 0 ? READSTAT_TYPE_STRING : READSTAT_TYPE_DOUBLE
        variable = readstat_add_variable(writer, name, type, width)
        let label = SAVText.fitting(column.label, bytesMax: SAVLimits.variableLabelBytesMax)
        readstat_variable_set_label(variable, label)
        readstat_variable_set_format(variable, format)
        readstat_variable_set_display_width(variable, Int32(display))
        readstat_variable_set_measure(variable, measure)
        if !labels.isEmpty { setLabels(labels, name: name, in: writer) }
    }

    private func setLabels(
        _ labels: [(Int64, String)], name: String, in writer: UnsafeMutablePointer<readstat_writer_t>
    ) {
        let set = readstat_add_label_set(writer, READSTAT_TYPE_DOUBLE, name)
        for (value, label) in labels where !label.isEmpty {
            let label = SAVText.fitting(label, bytesMax: SAVLimits.valueLabelBytesMax)
            readstat_label_double_value(set, Double(value), label)
        }
        readstat_variable_set_label_set(variable, set)
    }

    /// The value as SPSS holds it, or an error that says why it cannot.
    ///
    /// Asked for every value of a row before the first is handed to the library.
    func cell(_ value: ExportValue, row: Int) throws -> Cell {
        switch value {
        case .missing: return .missing
        case .integer(let whole):
            guard whole.magnitude <= SAVLimits.integerMax.magnitude else {
                throw ExportError(
                    .outsideRange, column: column.name, row: row,
                    "\(whole), where SPSS holds whole numbers only up to \(SAVLimits.integerMax): make the column "
                        + "one of texts, or export CSV or JSON Lines")
            }
            return .number(Double(whole))
        case .number(let number):
            guard number != -Double.greatestFiniteMagnitude else {
                throw ExportError(
                    .outsideRange, column: column.name, row: row,
                    "\(number) means missing in SPSS: correct it, or export CSV or JSON Lines")
            }
            return .number(number)
        case .moment(let milliseconds): return .number(Double(milliseconds + Self.originMilliseconds) / 1000)
        case .flag(let truth): return .number(truth ? 1 : 0)
        case .text(let text):
            let text = SAVText.withoutNUL(text)
            guard case .text(let bytesMax) = column.kind, text.utf8.count <= bytesMax else {
                throw ExportError(
                    .textTooLong, column: column.name, row: row,
                    "a text of \(text.utf8.count) bytes in a narrower column: declare the longest text's width, "
                        + "or export CSV or JSON Lines")
            }
            return .text(text)
        }
    }

    enum Cell {
        case missing
        case number(Double)
        case text(String)
    }

    func insert(_ cell: Cell, into writer: UnsafeMutablePointer<readstat_writer_t>) -> readstat_error_t {
        switch cell {
        case .missing: readstat_insert_missing_value(writer, variable)
        case .number(let number): readstat_insert_double_value(writer, variable, number)
        case .text(let text): readstat_insert_string_value(writer, variable, text)
        }
    }

    func validate(in writer: UnsafeMutablePointer<readstat_writer_t>) -> readstat_error_t {
        readstat_validate_variable(writer, variable)
    }
}
