import Glibc
import JSON
import Messages
import PluginKit
import Wording

/// A response that is asked for; valid until the next line is read.
struct FoundResponse {
    let event: JSONValue
    let data: JSONValue
    /// The response's own time, ms since 1970.
    let time: Int64
    /// Nil where there is none, or an empty one.
    let comment: JSONString?

    /// The language the sender says the comment is in.
    var language: Language? { data.member(named: "language")?.string.flatMap { Language(tag: $0.text) } }
}

/// Picks the responses a query asks for out of the lines of message files.
///
/// Owns a parser and stemmers: bound to one thread.
final class CommentFilter {
    private let query: CommentQuery
    /// As large as any event that ingest takes, and its stamp.
    private let parser = JSONParser(documentBytesMax: 64 << 20)
    private let themes: ThemeReader
    private var sums = Contributions()

    init(_ query: CommentQuery, _ catalog: CommentCatalog) throws(StemmerError) {
        self.query = query
        themes = try ThemeReader(catalog.themes)
    }

    /// - Returns: nil when the line is no response, or another one than asked for.
    func response(in line: UnsafeRawBufferPointer) -> FoundResponse? {
        // Every line was parsed before it was written, so one that cannot be read is not asked for, whatever it is.
        guard let event = try? parser.parse(line), event.member(named: "type")?.string == "tideline.response.v1",
            let data = event.member(named: "data"),
            let time = event.member(named: "time")?.string.flatMap({ Timestamp.read($0.bytes) }),
            query.span.contains(time), isInSegment(data), isScored(data, time)
        else { return nil }
        let comment = data.member(named: "comment")?.string.flatMap { $0.isEmpty ? nil : $0 }
        let found = FoundResponse(event: event, data: data, time: time, comment: comment)
        if query.includesSilent { return found }
        guard let comment, isWorded(comment) else { return nil }
        if let theme = query.theme, !themes(of: found).contains(theme) { return nil }
        return found
    }

    /// The themes its comment speaks of.
    func themes(of found: FoundResponse) -> ThemeSet {
        guard let comment = found.comment else { return ThemeSet() }
        return themes.themes(in: comment.bytes, language: found.language)
    }

    private func isInSegment(_ data: JSONValue) -> Bool {
        if query.segment.parts.isEmpty { return true }
        guard let segments = data.member(named: "segments")?.object else { return false }
        return query.segment.parts.allSatisfy { part in
            segments.member(named: part.dimension)?.string?.equals(part.value) ?? false
        }
    }

    private func isScored(_ data: JSONValue, _ time: Int64) -> Bool {
        guard let scored = query.scored else { return true }
        guard let answers = data.member(named: "answers")?.object else { return false }
        let event = MetricEvent(time: time, data: data)
        return scored.metric.answers.contains { name, input in
            guard let answer = answers.member(named: name) else { return false }
            guard let range = scored.range else { return true }
            return scored.metric.number(of: answer, input: input, event, &sums).map(range.contains) ?? false
        }
    }

    private func isWorded(_ comment: JSONString) -> Bool {
        guard let wanted = query.text else { return true }
        var text = comment.text.lowercased()
        return text.withUTF8 { UnsafeRawBufferPointer($0).holds(wanted) }
    }
}

extension UnsafeRawBufferPointer {
    /// Whether `wanted`, which is not empty, stands somewhere in it.
    fileprivate func holds(_ wanted: [UInt8]) -> Bool {
        guard var place = baseAddress, let first = wanted.first else { return false }
        let end = place + count
        while end - place >= wanted.count, let found = memchr(place, Int32(first), end - place - wanted.count + 1) {
            if memcmp(found, wanted, wanted.count) == 0 { return true }
            place = UnsafeRawPointer(found) + 1
        }
        return false
    }
}
