import Logging

/// Writes log lines for people: `21:36:46.123 WARNING ingest: journal is slow (node=01JD, seconds=3)`.
package struct TextLogHandler: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    package var logLevel: Logger.Level
    private let log: ServiceLog

    package init(_ log: ServiceLog) {
        self.log = log
        logLevel = log.level
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        log.output.write(Array(line(event).utf8))
    }

    func line(_ event: LogEvent) -> String {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
        if let given = event.metadata { all.merge(given) { $1 } }
        if let error = event.error { all["error"] = "\(error)" }
        let time = UnixTime.text(log.clock.now()).dropFirst(11).dropLast()
        var line = "\(time) \(event.level.rawValue.uppercased()) \(log.service): \(event.message)"
        if !all.isEmpty {
            let pairs = all.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            line += " (\(pairs.joined(separator: ", ")))"
        }
        line = LogText.cut(line, bytesMax: JSONLogHandler.textBytesMax)
        // A line break inside would look like a second entry.
        return String(line.map { $0.isNewline ? " " : $0 }) + "\n"
    }
}
