import HTTP
import Messages
import Satisfaction
import Wording

/// Which responses are asked for. Everything that is given must hold.
struct CommentQuery: Sendable {
    /// Answers of a metric; both ends belong to it.
    struct Scored: Sendable {
        let metric: AnsweredMetric
        /// Nil where every answer will do.
        let range: ClosedRange<Double>?
    }

    let scored: Scored?
    let segment: Segment
    /// Place among the themes.
    let theme: Int?
    /// UTF-8 in lowercase; nil where any comment will do.
    let text: [UInt8]?
    /// Of the response's own time, ms since 1970.
    let span: Range<Int64>
    /// How many comments or words are answered at most.
    let limit: Int

    /// Whether a response without a comment can be one of these.
    var includesSilent: Bool { theme == nil && text == nil }

    static let limits = 1...1000
    static let limitDefault = 100
    static let textBytesMax = 256
    static let items = ["metric", "min", "max", "segment", "from", "to", "limit"]
    static let itemsOfComments = items + ["theme", "contains"]

    /// - Throws: ``QueryError`` naming the item that is wrong and what would be right.
    init(_ request: HTTPRequest, _ catalog: CommentCatalog) throws(QueryError) {
        scored = try Self.scored(request, catalog)
        segment = try Self.segment(request)
        theme = try Self.theme(request, catalog.themes)
        text = try Self.text(request)
        let from = try Self.moment(request, "from", catalog.zone) ?? Timestamp.earliest
        let to = try Self.moment(request, "to", catalog.zone) ?? .max
        guard from < to else { throw QueryError("from", "must be before to") }
        span = from..<to
        limit = try request.integer("limit", in: Self.limits, default: Self.limitDefault)
    }

    private static func scored(_ request: HTTPRequest, _ catalog: CommentCatalog) throws(QueryError) -> Scored? {
        let low = try bound(request, "min")
        let high = try bound(request, "max")
        guard let name = try request.text("metric"), !name.isEmpty else {
            guard low == nil, high == nil else { throw QueryError("metric", "is missing; min and max are its answers") }
            return nil
        }
        guard let metric = catalog.metrics[name] else {
            let known = catalog.metrics.keys.sorted().joined(separator: ", ")
            throw QueryError("metric", "is \"\(name)\", but the metrics made of answers are: \(known)")
        }
        guard low != nil || high != nil else { return Scored(metric: metric, range: nil) }
        guard metric.isOfNumbers else {
            throw QueryError(
                "metric", "is \(name), whose answers are not single numbers; min and max need a metric of ratings")
        }
        guard low ?? -.infinity <= high ?? .infinity else { throw QueryError("min", "must not be above max") }
        return Scored(metric: metric, range: (low ?? -.infinity)...(high ?? .infinity))
    }

    private static func bound(_ request: HTTPRequest, _ name: String) throws(QueryError) -> Double? {
        guard let text = try request.text(name), !text.isEmpty else { return nil }
        guard let number = Double(text), number.isFinite else {
            throw QueryError(name, "is \"\(text)\", but must be a number")
        }
        return number
    }

    private static func segment(_ request: HTTPRequest) throws(QueryError) -> Segment {
        guard let segment = Segment(try request.text("segment") ?? "") else {
            throw QueryError("segment", "must be dimension:value, such as region:eu, or several with commas between")
        }
        for part in segment.parts where segment.parts.count(where: { $0.dimension == part.dimension }) > 1 {
            throw QueryError("segment", "names \(part.dimension) twice, and a response has one value of it")
        }
        return segment
    }

    private static func theme(_ request: HTTPRequest, _ themes: ThemeMatcher) throws(QueryError) -> Int? {
        guard let name = try request.text("theme"), !name.isEmpty else { return nil }
        if let place = themes.definitions.firstIndex(where: { $0.name == name }) { return place }
        let known = themes.definitions.map(\.name).joined(separator: ", ")
        throw QueryError(
            "theme",
            known.isEmpty
                ? "is \"\(name)\", but no themes are configured; list them under themes"
                : "is \"\(name)\", but the themes are: \(known)")
    }

    private static func text(_ request: HTTPRequest) throws(QueryError) -> [UInt8]? {
        guard let text = try request.text("contains"), !text.isEmpty else { return nil }
        guard text.utf8.count <= textBytesMax else {
            throw QueryError("contains", "has \(text.utf8.count) bytes, but at most \(textBytesMax) are taken")
        }
        return Array(text.lowercased().utf8)
    }

    /// An RFC 3339 time, or a civil day of the configured zone.
    private static func moment(
        _ request: HTTPRequest, _ name: String, _ zone: TimeZoneTable
    ) throws(QueryError) -> Int64? {
        guard let text = try request.text(name), !text.isEmpty else { return nil }
        if let moment = Timestamp.read(text) { return moment }
        if text.utf8.count == 10, let day = Timestamp.read("\(text)T00:00:00Z") {
            return zone.start(ofDay: Int32(clamping: day / 86_400_000))
        }
        throw QueryError(
            name, "is \"\(text)\", but must be a time such as 2026-11-21T10:00:00Z or a day such as 2026-11-21")
    }
}
