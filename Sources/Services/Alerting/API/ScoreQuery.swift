import HTTP
import Messages
import PluginKit
import Satisfaction

/// What the questions about scores have in common: a metric under one of its contracts, a span of time, a length of window.
struct ScoreQuery {
    let metric: any Metric
    let name: String
    let target: TargetPath?
    let span: Range<Int64>
    let length: WindowLength

    /// - Parameters:
    ///   - isPrivate: whether only whole windows of the calendar are shown.
    ///   - spanDays: civil days up to the arrival clock that are meant where no `from` is given; nil for everything.
    init(
        _ request: HTTPRequest, _ inForce: SetInForce, clock: Int64, length usual: WindowLength, spanDays: Int32? = nil,
        isPrivate: Bool = false
    ) throws(QueryError) {
        name = try request.requiredText("metric")
        guard let known = inForce.metrics[name] else {
            throw QueryError("metric", "is \"\(name)\", but the metrics are: \(inForce.names)")
        }
        target = known.target
        metric = try Self.contract(request, of: name, inForce) ?? known.metric
        let text = try request.text("step") ?? usual.description
        guard let length = WindowLength(text) else {
            throw QueryError("step", "is \"\(text)\", but must be one of: \(WindowLength.known)")
        }
        self.length = length
        let zone = inForce.zone
        let from = try Self.moment(request, "from", zone: zone)
        let to = try Self.moment(request, "to", zone: zone)
        let today = zone.day(of: clock)
        let standard = spanDays.map { zone.start(ofDay: today - $0 + 1) } ?? Timestamp.earliest - 86_400_000 * 2
        let end = to ?? (spanDays == nil ? Timestamp.latest : zone.start(ofDay: today + 1))
        guard from ?? standard < end else { throw QueryError("from", "must be before to") }
        if isPrivate, from == nil, to == nil, length == .all {
            // Spans are whole windows of the calendar then; the present month is the nearest to the usual one.
            span = WindowCalendar(zone: zone).window(.month, containing: clock)
        } else {
            // What is stored are quarters of an hour; a span that cuts one takes all of it, and says so.
            let bucket = Bucket.milliseconds
            let isWhole = length == .all
            let start = from ?? standard
            let first = isWhole ? start.flooredQuotient(bucket) * bucket : start
            var last = isWhole ? (end + bucket - 1).flooredQuotient(bucket) * bucket : end
            // Rolling windows of days to come would only repeat those of today.
            if length.isRolling { last = max(first + 1, min(last, zone.start(ofDay: today + 1))) }
            span = first..<last
        }
    }

    /// `contract=HASH`: an earlier version of the metric, beside the one in force.
    private static func contract(
        _ request: HTTPRequest, of name: String, _ inForce: SetInForce
    ) throws(QueryError) -> (any Metric)? {
        guard let hash = try request.text("contract"), !hash.isEmpty else { return nil }
        guard let known = inForce.versions[hash], known.name == name else {
            let versions = inForce.versions.filter { $0.value.name == name }.keys.sorted().joined(separator: ", ")
            throw QueryError("contract", "is \"\(hash)\", but \(name) has had: \(versions)")
        }
        return known.metric
    }

    static func segment(_ request: HTTPRequest, _ item: String = "segment") throws(QueryError) -> Segment {
        guard let segment = Segment(try request.text(item) ?? "") else {
            throw QueryError(item, "must be dimension:value, such as region:eu")
        }
        return segment
    }

    /// An RFC 3339 time, or a civil day of the configured zone.
    static func moment(_ request: HTTPRequest, _ name: String, zone: TimeZoneTable) throws(QueryError) -> Int64? {
        guard let text = try request.text(name), !text.isEmpty else { return nil }
        if let moment = Timestamp.read(text) { return moment }
        if text.utf8.count == 10, let day = Timestamp.read("\(text)T00:00:00Z") {
            return zone.start(ofDay: Int32(day / 86_400_000))
        }
        throw QueryError(
            name, "is \"\(text)\", but must be a time such as 2026-11-21T10:00:00Z or a day such as 2026-11-21")
    }
}

/// The set of the last applied block as questions need it, and every contract its metrics have had.
struct SetInForce: Sendable {
    struct Known: Sendable {
        let metric: any Metric
        let definition: MetricDefinition
        var target: TargetPath? { definition.target }
    }

    struct Version: Sendable {
        let name: String
        let metric: any Metric
    }

    let set: DefinitionSet
    let metrics: [String: Known]
    let zone: TimeZoneTable
    /// By hash of the contract.
    let versions: [String: Version]

    var names: String { metrics.keys.sorted().joined(separator: ", ") }

    /// - Returns: nil where this machine does not know the set's time zone; the services have refused it then.
    init?(_ set: DefinitionSet, former: [DefinitionSet]) {
        guard let zone = TimeZoneTable(named: set.timeZone) else { return nil }
        self.set = set
        self.zone = zone
        var metrics: [String: Known] = [:]
        var versions: [String: Version] = [:]
        for definition in former.flatMap(\.metrics) {
            guard let metric = try? definition.metric() else { continue }
            versions[metric.contract.hash.text] = Version(name: definition.name, metric: metric)
        }
        for definition in set.metrics {
            guard let metric = try? definition.metric() else { continue }
            versions[metric.contract.hash.text] = Version(name: definition.name, metric: metric)
            metrics[definition.name] = Known(metric: metric, definition: definition)
        }
        self.metrics = metrics
        self.versions = versions
    }
}
