import JSON

/// JSON Lines: an object a line, with a member for every column in their order.
///
/// Missing is `null`, moments are RFC 3339 strings, numbers are written in full, integers are exact.
package final class JSONLinesWriter: ExportWriter {
    private let sink: ExportSink
    private var progress = ExportProgress()
    private var writer = JSONWriter(capacity: ExportBuffer.bytesMax)

    package init(sink: @escaping ExportSink) { self.sink = sink }

    package func begin(_ columns: [ExportColumn]) throws {
        try progress.begin(columns)
        progress.succeed()
    }

    package func row(_ values: [ExportValue]) throws {
        let settled = try progress.beginRow(values)
        writer.beginObject()
        for (column, value) in zip(progress.columns, settled) {
            writer.name(column.name)
            write(value)
        }
        writer.endObject()
        writer.endLine()
        if writer.count >= ExportBuffer.bytesMax { try flush() }
        progress.succeed()
    }

    package func finish() throws {
        try progress.beginFinish()
        try flush()
        progress.finish()
    }

    private func write(_ value: ExportValue) {
        switch value {
        case .missing: writer.null()
        case .integer(let whole): writer.value(whole)
        case .number(let number): writer.value(number)
        case .text(let text): writer.value(text)
        case .moment(let milliseconds): writer.value(ExportMoment.text(milliseconds))
        case .flag(let truth): writer.value(truth)
        }
    }

    private func flush() throws {
        guard writer.count > 0 else { return }
        try sink(writer.bytes)
        writer.removeAll()
    }
}
