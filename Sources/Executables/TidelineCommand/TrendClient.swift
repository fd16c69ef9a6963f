import HTTP
import JSON
import Satisfaction

/// What the command line asks of alerting.
struct TrendClient {
    let address: String

    /// Seconds an answer may take; a leaderboard of thousands of agents over years is work.
    private static let answerSeconds = 120

    func scores(_ query: [(String, String)]) throws -> [JSONTree] {
        try answer("/api/v1/scores", query)["scores"]?.array ?? []
    }

    /// Alerts in their last revision, newest change first; suspicions only where `state` asks for them.
    func alerts(_ query: [(String, String)] = []) throws -> [JSONTree] {
        try answer("/api/v1/alerts", query)["alerts"]?.array ?? []
    }

    /// The whole id of the one alert whose id begins so.
    /// - Throws: ``CommandFailure`` naming the candidates where there are several.
    func alertID(_ prefix: String) throws -> String {
        let found = try alerts([("id", prefix), ("state", "pending,open,resolved,withdrawn")])
        guard found.count <= 1 else {
            throw Self.ambiguity(
                prefix,
                found.map { alert in
                    let segment = (try? Segment(apiTree: alert["segment"] ?? .null))?.title ?? ""
                    let said = ["rule", "state"].compactMap { alert[$0]?.string }.joined(separator: " ")
                    return "\(alert["id"]?.string ?? "") \(said) \(segment)"
                })
        }
        guard !prefix.isEmpty, let id = found.first?["id"]?.string else {
            throw CommandFailure("there is no alert \(prefix); `tideline alerts` lists them", status: .wrongUsage)
        }
        return id
    }

    /// The whole id of the one silence that begins so; nil where there is none.
    func silenceID(_ prefix: String) throws -> String? {
        let known = try (answer("/api/v1/silences", [])["silences"]?.array ?? []).filter {
            $0["id"]?.string?.hasPrefix(prefix) == true
        }
        // Those that have ended stand in nobody's way.
        let holding = known.filter { $0["holds"]?.bool == true }
        let found = (holding.isEmpty ? known : holding).compactMap { $0["id"]?.string }
        guard found.count <= 1 else { throw Self.ambiguity(prefix, found) }
        return found.first
    }

    private static func ambiguity(_ prefix: String, _ candidates: [String]) -> CommandFailure {
        let shown = candidates.prefix(10).map { "\n  \($0)" }.joined()
        let more = candidates.count > 10 ? "\n  and \(candidates.count - 10) more" : ""
        return CommandFailure(
            "\(prefix) is the beginning of \(candidates.count) ids:\(shown)\(more)", status: .wrongUsage)
    }

    /// Segments of a metric that have had answers.
    func segments(metric: String) throws -> [Segment] {
        try (answer("/api/v1/series", [("metric", metric)])["series"]?.array ?? [])
            .compactMap { $0["segment"] }.map { try Segment(apiTree: $0) }
    }

    /// The metrics in force, under the contracts that alerting uses.
    func metrics() throws -> MetricsInForce { MetricsInForce(try answer("/api/v1/metrics", [])) }

    /// The answer to one question as the API gives it; empty values are left out of the query.
    func answer(_ path: String, _ query: [(String, String)]) throws -> JSONTree {
        let items = query.filter { !$0.1.isEmpty }.map { "\($0)=\(HTTPFetch.escaped($1))" }
        let target = path + (items.isEmpty ? "" : "?" + items.joined(separator: "&"))
        let answer: HTTPFetch.Answer
        do { answer = try HTTPFetch.get(address: address, target: target, seconds: Self.answerSeconds) } catch {
            throw CommandFailure("\(error); is alerting running?")
        }
        return try Self.tree(of: answer)
    }

    /// Sends a JSON object and returns the answer.
    func post(_ path: String, _ members: [(String, JSONTree)]) throws -> JSONTree {
        let body = Array(JSONTree.object(members).text.utf8)
        let answer: HTTPFetch.Answer
        do {
            answer = try HTTPFetch.post(address: address, target: path, json: body, seconds: Self.answerSeconds)
        } catch {
            throw CommandFailure("\(error); is alerting running?")
        }
        return try Self.tree(of: answer)
    }

    private static func tree(of answer: HTTPFetch.Answer) throws -> JSONTree {
        let tree = try JSONTree.parse(answer.text)
        guard answer.status == 200 else {
            // A refusal for what is there, or for now, is no mistake of the caller's.
            throw CommandFailure(
                tree["error"]?.string ?? "alerting answers \(answer.status)",
                status: answer.status == 409 || answer.status >= 500 ? .failed : .wrongUsage)
        }
        return tree
    }
}

/// The metrics that alerting has in force, and the zone of its windows.
struct MetricsInForce {
    let zoneName: String
    let zone: TimeZoneTable
    let metrics: [MetricFacts]

    init(_ tree: JSONTree) {
        zoneName = tree["timezone"]?.string ?? "UTC"
        zone = TimeZoneTable(named: zoneName) ?? .utc
        metrics = (tree["metrics"]?.array ?? []).compactMap(MetricFacts.init)
    }

    /// - Throws: ``CommandFailure`` naming the metrics there are.
    func metric(_ name: String) throws -> MetricFacts {
        if let found = metrics.first(where: { $0.name == name }) { return found }
        guard !metrics.isEmpty else {
            throw CommandFailure(
                "alerting has no metrics yet: they come with the first block of responses; publish some")
        }
        let known = metrics.map(\.name).joined(separator: ", ")
        throw CommandFailure("there is no metric \"\(name)\"; the metrics are: \(known)", status: .wrongUsage)
    }
}

/// One metric as `/api/v1/metrics` describes it.
struct MetricFacts {
    let name: String
    let kind: String
    let summary: String
    /// Hash of the contract in force.
    let contract: String
    /// The contract word for word.
    let definition: JSONTree
    let unit: String
    /// Ends of the score's range; nil where there is no limit.
    let lowest: Double?
    let highest: Double?
    let method: IntervalMethod
    let target: JSONTree?

    init?(_ tree: JSONTree) {
        guard let name = tree["name"]?.string, let contract = tree["contract"]?.string else { return nil }
        self.name = name
        self.contract = contract
        kind = tree["kind"]?.string ?? ""
        summary = tree["summary"]?.string ?? ""
        definition = tree["definition"] ?? .null
        unit = tree["unit"]?.string ?? ""
        lowest = tree["range"]?[0]?.double
        highest = tree["range"]?[1]?.double
        method = tree["method"]?.string.flatMap(IntervalMethod.init) ?? .none
        target = tree["target"]
    }

    /// Digits after the decimal point shown to people, 0…6.
    var digits: Int { min(6, max(0, Int(definition["displayDigits"]?.int64 ?? 1))) }
}

extension Segment {
    /// Reads `{"region":"eu"}`.
    init(apiTree: JSONTree) throws {
        guard case .object(let members) = apiTree else {
            throw CommandFailure("alerting gave a segment that is no object")
        }
        self.init(members.map { Part(dimension: $0.0, value: $0.1.string ?? "") })
    }

    /// For titles.
    var title: String { parts.isEmpty ? "everyone" : "\(self)" }
}
