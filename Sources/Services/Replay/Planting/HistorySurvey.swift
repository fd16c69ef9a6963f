import JSON
import Messages
import Satisfaction

/// What a first look at the history tells of the segments that drops are to be planted in.
struct HistorySurvey: Sendable {
    /// Answers by step of the scale, by request and day (UTC) of the answer.
    private var days: [[Int64: [Int]]]
    /// From the first response to just after the last, by their own time.
    private(set) var span: Range<Int64> = 0..<0
    private(set) var responses = 0
    /// Values seen of the requests' dimensions, for saying what there is.
    private var values: [String: Set<String>] = [:]

    private static let valuesShownMax = 12
    private static let valuesSeenMax = 1_000

    /// - Parameter wanted: segment and answers, by request.
    init(_ history: History, _ wanted: [(segment: Segment, harms: AnswerHarms)]) throws {
        days = wanted.map { _ in [:] }
        let dimensions = Set(wanted.flatMap { $0.segment.parts.map(\.dimension) })
        let parser = JSONParser()
        var first = Int64.max
        var last = Int64.min
        try history.forEachEvent { line in
            line.withUnsafeBytes { bytes in
                guard let root = try? parser.parse(bytes), let event = EventGlance(root) else { return }
                first = min(first, event.time)
                last = max(last, event.time)
                responses += 1
                for dimension in dimensions {
                    guard values[dimension]?.count ?? 0 < Self.valuesSeenMax, let value = event.value(of: dimension)
                    else { continue }
                    values[dimension, default: []].insert(value.text)
                }
                for (place, (segment, harms)) in wanted.enumerated() where event.isIn(segment) {
                    guard let step = event.step(of: harms.answer, on: harms.scale) else { continue }
                    let day = event.time.flooredDay
                    days[place][day, default: [Int](repeating: 0, count: harms.scale.steps)][step] += 1
                }
            }
        }
        guard responses > 0 else { throw MessageError("the history has no responses, so no drop can be planted") }
        span = first..<last + 1
        for (place, (segment, harms)) in wanted.enumerated() where days[place].isEmpty {
            throw MessageError("no response of \(segment) answers \(harms.answer): \(known(segment))")
        }
    }

    private func known(_ segment: Segment) -> String {
        let texts = segment.parts.map { part in
            let seen = (values[part.dimension] ?? []).sorted()
            guard !seen.isEmpty else { return "no response has a \(part.dimension)" }
            let more = seen.count > Self.valuesShownMax ? ", …" : ""
            return "\(part.dimension) has \(seen.prefix(Self.valuesShownMax).joined(separator: ", "))\(more)"
        }
        return texts.isEmpty ? "is that the name of an answer in it?" : texts.joined(separator: "; ")
    }

    /// Answers of a request's segment by step, of the days that a span touches.
    func counts(of request: Int, in span: Range<Int64>) -> [Int] {
        var sum: [Int] = []
        for (day, counts) in days[request]
        where day >= span.lowerBound.flooredDay && day <= (span.upperBound - 1).flooredDay {
            if sum.isEmpty { sum = [Int](repeating: 0, count: counts.count) }
            for place in counts.indices { sum[place] += counts[place] }
        }
        return sum
    }
}

extension Int64 {
    fileprivate var flooredDay: Int64 { flooredQuotient(86_400_000) }
}
