/// One column of an export: what a program calls it, what people call it, and what its cells hold.
package struct ExportColumn: Sendable {
    /// What the cells hold. A cell of any kind may be missing.
    package enum Kind: Sendable {
        /// Whole numbers; a label says what a value stands for (`1` = "very dissatisfied").
        case integer(valueLabels: [(Int64, String)] = [])
        /// Numbers, written in full; `digits` behind the decimal point (0…16) is how SPSS shows them.
        case number(digits: Int = 2)
        /// Text; `bytesMax` is the longest one in UTF-8 bytes. SPSS reserves that width in every row, other formats
        /// need no width and take longer texts too.
        case text(bytesMax: Int)
        /// A moment of UTC in milliseconds since 1970, in ``ExportMoment/range``.
        case moment
        /// Yes or no.
        case flag
    }

    /// Not empty, and no two of a table are equal.
    package let name: String
    /// May be empty.
    package let label: String
    package let kind: Kind

    package init(name: String, label: String = "", kind: Kind) {
        self.name = name
        self.label = label
        self.kind = kind
    }
}

extension ExportColumn {
    /// Checks what every format asks of the columns of a table.
    static func check(_ columns: [ExportColumn]) throws {
        guard !columns.isEmpty else {
            throw ExportError(.noColumns, "a table needs at least one column: ask for one")
        }
        var names: Set<String> = []
        for column in columns {
            guard !column.name.isEmpty else {
                throw ExportError(.badName, column: column.name, "a column needs a name: give it one")
            }
            guard names.insert(column.name).inserted else {
                throw ExportError(.badName, column: column.name, "two columns have this name: rename one of them")
            }
            try column.checkValueLabels()
        }
    }

    private func checkValueLabels() throws {
        guard case .integer(let valueLabels) = kind else { return }
        var values: Set<Int64> = []
        for (value, _) in valueLabels where !values.insert(value).inserted {
            throw ExportError(.badValueLabel, column: name, "\(value) has two value labels: keep one of them")
        }
    }

    /// The cell as this column's kind: a whole number in a column of numbers becomes a number, NaN and infinite numbers
    /// become missing.
    ///
    /// - Throws: ``ExportError`` for a value of another kind, and for one the kind cannot hold.
    func settle(_ value: ExportValue, row: Int) throws -> ExportValue {
        switch (kind, value) {
        case (_, .missing): return .missing
        case (.integer, .integer), (.text, .text), (.flag, .flag): return value
        case (.number, .number(let number)): return number.isFinite ? value : .missing
        case (.number, .integer(let whole)):
            guard let number = Double(exactly: whole) else {
                throw ExportError(
                    .outsideRange, column: name, row: row,
                    "\(whole) is too large for a column of numbers: make it a column of integers")
            }
            return .number(number)
        case (.moment, .moment(let milliseconds)):
            guard ExportMoment.range.contains(milliseconds) else {
                throw ExportError(
                    .outsideRange, column: name, row: row,
                    "\(milliseconds) ms since 1970 lies outside the years 1583 to 9999: correct it or leave it out")
            }
            return value
        default:
            throw ExportError(
                .wrongKind, column: name, row: row,
                "\(value.kindName) in a column of \(kindName): give the column the kind of its values")
        }
    }

    private var kindName: String {
        switch kind {
        case .integer: "integers"
        case .number: "numbers"
        case .text: "texts"
        case .moment: "moments"
        case .flag: "flags"
        }
    }
}
