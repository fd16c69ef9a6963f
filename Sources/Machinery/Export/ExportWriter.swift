/// Takes the next bytes of a file. They are valid during the call only. What it throws ends the export and reaches the
/// caller of the writer unchanged.
package typealias ExportSink = (UnsafeRawBufferPointer) throws -> Void

/// Writes a table row by row, in one format, holding a bounded number of bytes of it (except ``SAVCompression/zlib``).
///
/// `begin` once, then `row` for each row, then `finish` once. Each throws ``ExportError``, or what the sink threw; then
/// the writer refuses every further call, and the file is incomplete: throw it away.
/// A writer belongs to one thread at a time.
package protocol ExportWriter: AnyObject {
    /// Says which columns every row has.
    func begin(_ columns: [ExportColumn]) throws

    /// Writes a row: one value for each column, in their order.
    func row(_ values: [ExportValue]) throws

    /// Hands the last bytes to the sink. The sink has had the whole file when this returns.
    func finish() throws
}

extension ExportWriter {
    /// Writes a whole table.
    package func write(_ columns: [ExportColumn], rows: some Sequence<[ExportValue]>) throws {
        try begin(columns)
        for values in rows { try row(values) }
        try finish()
    }
}

/// The bytes a writer gathers before its sink is called, so that the sink is not called for every cell.
enum ExportBuffer {
    static let bytesMax = 65_536
}
