/// Rows of text in aligned columns.
package struct Table: Sendable {
    package enum Alignment: Hashable, Sendable {
        case leading
        /// For numbers.
        case trailing
    }

    package struct Column: Hashable, Sendable {
        package let title: String
        package let alignment: Alignment
        /// Columns of the terminal this one keeps when the table is too wide; nil for one that is never cut.
        package let widthMin: Int?

        package init(_ title: String, _ alignment: Alignment = .leading, widthMin: Int? = nil) {
            self.title = title
            self.alignment = alignment
            self.widthMin = widthMin
        }
    }

    package struct Cell: Hashable, Sendable, ExpressibleByStringLiteral {
        package let text: String
        package let paint: Paint?

        package init(_ text: String, _ paint: Paint? = nil) {
            self.text = text
            self.paint = paint
        }

        package init(stringLiteral text: String) { self.init(text) }
    }

    package let columns: [Column]
    package private(set) var rows: [[Cell]] = []

    package init(_ columns: [Column]) { self.columns = columns }

    /// Adds a row of as many cells as there are columns.
    package mutating func append(_ row: [Cell]) {
        precondition(row.count == columns.count)
        rows.append(row)
    }

    /// The table, a text a line; no line is wider than `width` unless the columns that may not be cut are.
    package func lines(width: Int, style: DrawingStyle) -> [String] {
        let head = columns.map { Cell($0.title, .strong) }
        let cells = ([head] + rows).map { row in row.map { Cell(style.shown($0.text), $0.paint) } }
        let widths = fitted(columns.indices.map { index in cells.map { $0[index].text.columns }.max()! }, to: width)
        return cells.map { row in
            let texts = row.indices.map { index in
                // The last column needs no filling behind it.
                let cut = row[index].text.truncated(to: widths[index], ellipsis: style.shown("…"))
                let isLast = index == row.count - 1 && columns[index].alignment == .leading
                let filling = String(repeating: " ", count: isLast ? 0 : widths[index] - cut.columns)
                let shown = row[index].paint.map { style.painted(cut, $0) } ?? cut
                return columns[index].alignment == .leading ? shown + filling : filling + shown
            }
            return trimmed(texts.joined(separator: Self.gap))
        }
    }

    private static let gap = "  "

    /// Takes from the widest column that may be cut until the table fits or none is left.
    private func fitted(_ natural: [Int], to width: Int) -> [Int] {
        var widths = natural
        var excess = widths.reduce(0, +) + Self.gap.count * (widths.count - 1) - width
        while excess > 0 {
            let cuttable = widths.indices.filter { index in columns[index].widthMin.map { widths[index] > $0 } ?? false
            }
            guard let widest = cuttable.max(by: { widths[$0] < widths[$1] }) else { break }
            widths[widest] -= 1
            excess -= 1
        }
        return widths
    }

    private func trimmed(_ line: String) -> String {
        var line = line[...]
        while line.last == " " { line = line.dropLast() }
        return String(line)
    }
}
