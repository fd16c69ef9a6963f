/// Cuts bytes into the rows of a CSV file as RFC 4180 has them: cells may be quoted, quoted cells may hold delimiters,
/// doubled quotes and line breaks.
///
/// More lenient than the RFC in three things real exports do: rows may end in LF, CRLF or CR; a quote inside an unquoted
/// cell is a quote; the last row needs no line break. A byte-order mark of UTF-8 is dropped. Takes pieces of any size.
struct CSVTokenizer {
    /// Bytes of one row at most; only a quote that was never closed makes longer ones.
    static let recordBytesMax = 1 << 20

    private enum State {
        case cellStart
        case unquoted
        case quoted
        /// After a quote inside a quoted cell: its end, or the first half of a doubled quote.
        case quoteInQuoted
        /// Text stood after a closing quote; the cell is read over to the next delimiter.
        case afterFault
        /// A row was too long; nothing more is read.
        case stopped
    }

    private var delimiter: UInt8?
    private var state = State.cellStart
    private var bytes: [UInt8] = []
    private var ends: [Int] = []
    private var raw: [UInt8] = []
    private var fault: CSVRecord.Fault?
    /// Line of the next byte, and of the row in hand.
    private var line = 1
    private var recordLine = 1
    /// The last byte was CR, so an LF now belongs to it.
    private var afterReturn = false
    /// Bytes of the byte-order mark still possible; it can only stand at the very beginning.
    private var markBytesSeen: Int? = 0
    private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    /// The first row as it came while its delimiter is still to be guessed.
    private var undecided: [UInt8] = []
    private var undecidedQuoted = false

    /// - Parameter delimiter: nil to take the one the first row has most of.
    init(delimiter: CSVDelimiter?) { self.delimiter = delimiter?.byte }

    /// Takes the next bytes and hands over every row they complete, in order.
    mutating func read(_ piece: UnsafeRawBufferPointer, record: (CSVRecord) -> Void) {
        for byte in piece { take(byte, record) }
    }

    /// The input has ended: hands over the last row if it had no line break.
    mutating func finish(record: (CSVRecord) -> Void) {
        if let seen = markBytesSeen { giveUpMark(seen, record) }
        if delimiter == nil { decide(record) }
        switch state {
        case .stopped: return
        case .quoted: fault = fault ?? .quoteStillOpen(position: ends.count + 1)
        case .cellStart where ends.isEmpty && raw.isEmpty: return
        default: break
        }
        endRecord(record)
        state = .stopped
    }

    private mutating func take(_ byte: UInt8, _ record: (CSVRecord) -> Void) {
        guard let seen = markBytesSeen else { return takeAfterMark(byte, record) }
        if byte == Self.mark[seen] {
            markBytesSeen = seen + 1 == Self.mark.count ? nil : seen + 1
        } else {
            giveUpMark(seen, record)
            takeAfterMark(byte, record)
        }
    }

    /// The beginning was no byte-order mark after all: the bytes held back are content.
    private mutating func giveUpMark(_ seen: Int, _ record: (CSVRecord) -> Void) {
        markBytesSeen = nil
        for byte in Self.mark[..<seen] { takeAfterMark(byte, record) }
    }

    private mutating func takeAfterMark(_ byte: UInt8, _ record: (CSVRecord) -> Void) {
        guard delimiter == nil else { return step(byte, record) }
        undecided.append(byte)
        if byte == UInt8(ascii: "\"") { undecidedQuoted.toggle() }
        let ends = !undecidedQuoted && Self.isLineBreak(byte) && !undecided.allSatisfy(Self.isLineBreak)
        if ends || undecided.count > Self.recordBytesMax { decide(record) }
    }

    private static func isLineBreak(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }

    private mutating func decide(_ record: (CSVRecord) -> Void) {
        delimiter = CSVDelimiter.guess(from: undecided).byte
        let held = undecided
        undecided = []
        for byte in held { step(byte, record) }
    }

    private mutating func step(_ byte: UInt8, _ record: (CSVRecord) -> Void) {
        if state == .stopped { return }
        let closesReturn = afterReturn && byte == UInt8(ascii: "\n")
        afterReturn = byte == UInt8(ascii: "\r")
        if byte == UInt8(ascii: "\r") || (byte == UInt8(ascii: "\n") && !closesReturn) { line += 1 }
        if state == .quoted {
            raw.append(byte)
            if byte == UInt8(ascii: "\"") { state = .quoteInQuoted } else { bytes.append(byte) }
        } else if Self.isLineBreak(byte) {
            if closesReturn {
                recordLine = line
            } else {
                endRecord(record)
            }
        } else {
            raw.append(byte)
            stepInLine(byte)
        }
        if raw.count > Self.recordBytesMax { stop(record) }
    }

    /// One byte outside quotes that is no line break.
    private mutating func stepInLine(_ byte: UInt8) {
        if byte == delimiter {
            ends.append(bytes.count)
            state = .cellStart
            return
        }
        let isQuote = byte == UInt8(ascii: "\"")
        switch state {
        case .cellStart where isQuote:
            state = .quoted
        case .cellStart, .unquoted:
            bytes.append(byte)
            state = .unquoted
        case .quoteInQuoted where isQuote:
            bytes.append(byte)
            state = .quoted
        case .quoteInQuoted:
            fault = fault ?? .textAfterQuote(position: ends.count + 1)
            state = .afterFault
        case .afterFault: break
        case .quoted, .stopped: assertionFailure("handled by step")
        }
    }

    private mutating func endRecord(_ record: (CSVRecord) -> Void) {
        ends.append(bytes.count)
        record(CSVRecord(line: recordLine, bytes: bytes, ends: ends, raw: raw, fault: fault))
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        raw.removeAll(keepingCapacity: true)
        fault = nil
        state = .cellStart
        recordLine = line
    }

    private mutating func stop(_ record: (CSVRecord) -> Void) {
        fault = state == .quoted ? .quoteStillOpen(position: ends.count + 1) : .tooLong
        endRecord(record)
        state = .stopped
    }
}
