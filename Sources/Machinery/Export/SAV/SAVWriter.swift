import CReadStat

/// How the rows of an SPSS file are packed.
package enum SAVCompression: Sendable {
    case none
    /// Small whole numbers and spaces in a byte: what SPSS itself writes.
    case bytes
    /// SPSS 21 and later; files of this kind are named `.zsav`. The library holds the whole packed file in memory until
    /// the last row.
    case zlib
}

/// SPSS system files (`.sav`), written by the library ReadStat, in UTF-8.
///
/// - Column names become variable names that SPSS accepts, labels become variable and value labels, cut to what SPSS
///   holds.
/// - Integers, numbers and flags (0 no, 1 yes) are SPSS numbers; missing ones are system-missing. Moments are SPSS
///   date-times in UTC, format DATETIME20, with their milliseconds.
/// - Texts take their column's width in each row, padded with spaces, so spaces at the end are lost, and a missing text
///   is an empty one. A NUL becomes U+FFFD.
/// - The file needs the number of rows before the first. Its first bytes reach the sink with the first row at the
///   earliest.
package final class SAVWriter: ExportWriter {
    private let rowCount: Int
    private let label: String
    private let timestamp: Int64
    private let compression: SAVCompression
    private let output: SAVOutput
    private var progress = ExportProgress()
    private var variables: [SAVVariable] = []
    /// Freed in `deinit`, and nowhere else.
    private var writer: UnsafeMutablePointer<readstat_writer_t>?

    /// - Parameters:
    ///   - rowCount: how many rows will come, 0…``SAVLimits/rowsMax``.
    ///   - label: what the file says about itself, cut to 64 bytes.
    ///   - timestamp: when the file was made, in milliseconds since 1970; the file says it in UTC.
    package init(
        rowCount: Int, label: String, timestamp: Int64, compression: SAVCompression = .bytes,
        sink: @escaping ExportSink
    ) {
        self.rowCount = rowCount
        self.label = label
        self.timestamp = timestamp
        self.compression = compression
        output = SAVOutput(timestamp: timestamp, sink: sink)
    }

    deinit { readstat_writer_free(writer) }

    package func begin(_ columns: [ExportColumn]) throws {
        try progress.begin(columns)
        try SAVLimits.check(columns, rowCount: rowCount)
        guard ExportMoment.range.contains(timestamp) else {
            throw ExportError(.outsideRange, "the file's time \(timestamp) lies outside the years 1583 to 9999")
        }
        guard let writer = readstat_writer_init() else { throw ExportError(.library, "out of memory: free some") }
        self.writer = writer
        configure(writer)
        let names = SAVNames.legal(columns.map(\.name))
        variables = zip(columns, names).map { SAVVariable($0, name: $1, in: writer) }
        let context = Unmanaged.passUnretained(output).toOpaque()
        try check(readstat_begin_writing_sav(writer, context, rowCount))
        for variable in variables { try check(variable.validate(in: writer), variable.column) }
        progress.succeed()
    }

    package func row(_ values: [ExportValue]) throws {
        let settled = try progress.beginRow(values)
        guard let writer, progress.row <= rowCount else { throw wrongCount("row \(progress.row) came") }
        let cells = try zip(variables, settled).map { try $0.cell($1, row: progress.row) }
        try check(readstat_begin_row(writer))
        for (variable, cell) in zip(variables, cells) {
            try check(variable.insert(cell, into: writer), variable.column)
        }
        try check(readstat_end_row(writer))
        progress.succeed()
    }

    package func finish() throws {
        try progress.beginFinish()
        guard let writer, progress.row == rowCount else { throw wrongCount("\(progress.row) came") }
        try check(readstat_end_writing(writer))
        output.flush()
        if let failure = output.failure { throw failure }
        progress.finish()
    }

    private func configure(_ writer: UnsafeMutablePointer<readstat_writer_t>) {
        readstat_set_data_writer(writer) { bytes, length, context in
            guard let context else { return 0 }
            // The output is held by the writer of this file, which calls the library and so outlives every call of it.
            // After a failure the answer is 0: the library takes -1 for a very large number of bytes.
            let output = Unmanaged<SAVOutput>.fromOpaque(context).takeUnretainedValue()
            return output.take(UnsafeRawBufferPointer(start: bytes, count: length))
        }
        readstat_writer_set_file_label(
            writer, SAVText.fitting(label, bytesMax: SAVLimits.fileLabelBytesMax))
        // The output writes the true one over it; this one keeps the library from refusing the clock of the machine.
        readstat_writer_set_file_timestamp(writer, 0)
        switch compression {
        case .none: readstat_writer_set_compression(writer, READSTAT_COMPRESS_NONE)
        case .bytes: readstat_writer_set_compression(writer, READSTAT_COMPRESS_ROWS)
        case .zlib: readstat_writer_set_compression(writer, READSTAT_COMPRESS_BINARY)
        }
    }

    private func wrongCount(_ came: String) -> ExportError {
        ExportError(
            .rowCount, row: progress.row,
            "\(rowCount) rows were promised, but \(came): count the rows again, and export again")
    }

    /// Throws what the sink threw, or what the library says.
    private func check(_ code: readstat_error_t, _ column: ExportColumn? = nil) throws {
        if let failure = output.failure { throw failure }
        guard code != READSTAT_OK else { return }
        let message = readstat_error_message(code).map { String(cString: $0) } ?? "error \(code.rawValue)"
        throw ExportError(
            .library, column: column?.name, row: progress.row > 0 ? progress.row : nil,
            "the SPSS file cannot be written: \(message); export CSV or JSON Lines instead")
    }
}
