import Logging

/// Writes log lines as JSON objects: `ts` (RFC 3339, milliseconds, UTC), `level`, `service`, `instance`, `msg`, then
/// the metadata as further members in the order of their names.
package struct JSONLogHandler: LogHandler {
    /// Longer texts are cut, so that no line grows without bound.
    package static let textBytesMax = 8192
    private static let reserved: Set<String> = ["ts", "level", "service", "instance", "msg", "error"]

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
        log.output.write(line(event))
    }

    func line(_ event: LogEvent) -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(256)
        line.append(contentsOf: #"{"ts":""#.utf8)
        UnixTime.append(log.clock.now(), to: &line)
        line.append(UInt8(ascii: "\""))
        append("level", .string(event.level.rawValue), to: &line)
        append("service", .string(log.service), to: &line)
        append("instance", .string(log.instance), to: &line)
        append("msg", .string(event.message.description), to: &line)
        if let error = event.error { append("error", .string(String(describing: error)), to: &line) }
        for (key, value) in effectiveMetadata(event).sorted(by: { $0.key < $1.key }) {
            // A member twice would leave it to the reader which one counts.
            append(Self.reserved.contains(key) ? key + "_" : key, value, to: &line)
        }
        line.append(contentsOf: "}\n".utf8)
        return line
    }

    private func effectiveMetadata(_ event: LogEvent) -> Logger.Metadata {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
        if let given = event.metadata { all.merge(given) { $1 } }
        return all
    }

    private func append(_ key: String, _ value: Logger.MetadataValue, to line: inout [UInt8]) {
        line.append(UInt8(ascii: ","))
        JSONText.append(key, to: &line)
        line.append(UInt8(ascii: ":"))
        append(value, to: &line)
    }

    private func append(_ value: Logger.MetadataValue, to line: inout [UInt8]) {
        switch value {
        case .string(let text): append(text, to: &line)
        case .stringConvertible(let value):
            switch value {
            case let flag as Bool: line.append(contentsOf: flag.description.utf8)
            case let number as any BinaryInteger: line.append(contentsOf: number.description.utf8)
            case let number as Double where number.isFinite: line.append(contentsOf: number.description.utf8)
            default: append(value.description, to: &line)
            }
        case .array(let values):
            line.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { line.append(UInt8(ascii: ",")) }
                append(value, to: &line)
            }
            line.append(UInt8(ascii: "]"))
        case .dictionary(let members):
            line.append(UInt8(ascii: "{"))
            for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { line.append(UInt8(ascii: ",")) }
                JSONText.append(member.key, to: &line)
                line.append(UInt8(ascii: ":"))
                append(member.value, to: &line)
            }
            line.append(UInt8(ascii: "}"))
        }
    }

    private func append(_ text: String, to line: inout [UInt8]) {
        JSONText.append(LogText.cut(text, bytesMax: Self.textBytesMax), to: &line)
    }
}

enum LogText {
    /// At most this many bytes of the text, cut between characters and marked with an ellipsis.
    static func cut(_ text: String, bytesMax: Int) -> String {
        guard text.utf8.count > bytesMax else { return text }
        var end = text.utf8.index(text.utf8.startIndex, offsetBy: bytesMax)
        while text.unicodeScalars.index(after: text.unicodeScalars.startIndex) < end,
            end.samePosition(in: text.unicodeScalars) == nil
        {
            end = text.utf8.index(before: end)
        }
        return text[..<end] + "…"
    }
}
