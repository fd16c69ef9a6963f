/// What an SPSS file, and the library that writes it, can hold.
package enum SAVLimits {
    /// SPSS's own limit of a text, in UTF-8 bytes.
    package static let textBytesMax = 32_767
    /// The library counts rows in 32 bits.
    package static let rowsMax = Int(Int32.max)
    package static let columnsMax = 10_000
    /// One row, in which every text takes its whole width: the library holds one in memory.
    package static let rowBytesMax = 16 << 20
    package static let fileLabelBytesMax = 64
    package static let variableLabelBytesMax = 256
    package static let valueLabelBytesMax = 120
    /// Every number is a double, which holds whole numbers exactly up to here.
    package static let integerMax: Int64 = 1 << 53

    static func check(_ columns: [ExportColumn], rowCount: Int) throws {
        guard rowCount >= 0, rowCount <= rowsMax else {
            throw ExportError(
                .tableTooLarge, "\(rowCount) rows, where an SPSS file holds 0 to \(rowsMax): export a shorter period")
        }
        guard columns.count <= columnsMax else {
            throw ExportError(
                .tableTooLarge, "\(columns.count) columns, where \(columnsMax) are possible: choose among them")
        }
        var rowBytes = 0
        for column in columns {
            try check(column)
            // Very long texts take up to 256 bytes for every 252.
            if case .text(let bytesMax) = column.kind {
                rowBytes += bytesMax + bytesMax / 50 + 8
            } else {
                rowBytes += 8
            }
        }
        guard rowBytes <= rowBytesMax else {
            throw ExportError(
                .tableTooLarge,
                "a row takes \(rowBytes) bytes, where \(rowBytesMax) are possible: narrow or leave out text columns")
        }
    }

    private static func check(_ column: ExportColumn) throws {
        switch column.kind {
        case .text(let bytesMax):
            guard bytesMax >= 0, bytesMax <= textBytesMax else {
                throw ExportError(
                    .textTooLong, column: column.name,
                    "texts of \(bytesMax) bytes, where SPSS holds 0 to \(textBytesMax): declare a smaller width, "
                        + "or export CSV or JSON Lines")
            }
        case .integer(let valueLabels):
            for (value, _) in valueLabels where value.magnitude > integerMax.magnitude {
                throw ExportError(
                    .badValueLabel, column: column.name,
                    "\(value) has a label, but SPSS holds whole numbers only up to \(integerMax): leave it out")
            }
        case .number, .moment, .flag: break
        }
    }
}
