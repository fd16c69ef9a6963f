/// Why a table could not be written, where, and what to do.
package struct ExportError: Error, Equatable, CustomStringConvertible {
    package enum Reason: String, Sendable {
        case noColumns
        case badName
        case badValueLabel
        /// Another number of values than columns.
        case rowLength
        case wrongKind
        /// A value that the format or the kind cannot hold exactly.
        case outsideRange
        case textTooLong
        /// Too many rows or columns, or too wide rows, for the format.
        case tableTooLarge
        /// Another number of rows than promised.
        case rowCount
        /// Calls in another order than begin, rows, finish, or a call after an error.
        case order
        /// The library that writes the format refused.
        case library
    }

    package let reason: Reason
    /// The name of the column concerned.
    package let column: String?
    /// The row concerned, counted from 1; a header line does not count.
    package let row: Int?
    /// What is wrong, and the next step.
    package let sentence: String

    init(_ reason: Reason, column: String? = nil, row: Int? = nil, _ sentence: String) {
        self.reason = reason
        self.column = column
        self.row = row
        self.sentence = sentence
    }

    package var description: String {
        let place = [column.map { "column \"\($0)\"" }, row.map { "row \($0)" }].compactMap { $0 }
        return place.isEmpty ? sentence : place.joined(separator: ", ") + ": " + sentence
    }
}
