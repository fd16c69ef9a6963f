/// One row of a CSV file, its quotes taken off.
struct CSVRecord {
    /// Why a row's quoting cannot be trusted.
    enum Fault {
        /// Text stands between a closing quote and the next delimiter, in the cell of this position (from 1).
        case textAfterQuote(position: Int)
        /// The input ended, or ``CSVTokenizer/recordBytesMax`` was reached, inside a quoted cell.
        case quoteStillOpen(position: Int)
        /// The row is longer than ``CSVTokenizer/recordBytesMax``; what follows it was not read.
        case tooLong
    }

    /// The line of the file the row begins on, from 1; a quoted cell may reach over several.
    let line: Int
    /// The cells' bytes one after the other.
    let bytes: [UInt8]
    /// Where each cell ends in `bytes`; at least one.
    let ends: [Int]
    /// The row as it stands in the file, quotes included, without its line break.
    let raw: [UInt8]
    let fault: Fault?

    var count: Int { ends.count }

    /// A row no byte of which is content: an empty line, or delimiters alone.
    var isEmpty: Bool { bytes.isEmpty }

    /// The bytes of the cell at `index`, which lies in 0..<count.
    func cell(_ index: Int) -> ArraySlice<UInt8> {
        bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
    }

    /// The cell's text without white space around it, or nil when it is not UTF-8.
    func text(_ index: Int) -> String? {
        String(validating: cell(index), as: UTF8.self).map { String($0.trimmingWhitespace()) }
    }
}

extension StringProtocol {
    /// Without white space and line breaks at both ends.
    func trimmingWhitespace() -> SubSequence {
        guard let first = firstIndex(where: { !$0.isWhitespace }),
            let last = lastIndex(where: { !$0.isWhitespace })
        else { return self[startIndex..<startIndex] }
        return self[first...last]
    }
}
