import JSON
import Messages
import Satisfaction

/// The span of an answer of the API, by the dates of its first and last moment.
enum SpanText {
    /// "2026-10-26 to 2026-11-22"; the days are those of `zone`.
    static func text(_ answer: JSONTree, zone: TimeZoneTable) -> String {
        guard let start = answer["start"]?.string.flatMap(Timestamp.read),
            let end = answer["end"]?.string.flatMap(Timestamp.read), start < end
        else { return "" }
        return text(start..<end, zone: zone)
    }

    static func text(_ span: Range<Int64>, zone: TimeZoneTable) -> String {
        let calendar = WindowCalendar(zone: zone)
        let first = calendar.date(of: span.lowerBound)
        let last = calendar.date(of: span.upperBound - 1)
        return first == last ? "\(first)" : "\(first) to \(last)"
    }
}
