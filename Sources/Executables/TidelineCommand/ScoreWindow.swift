import JSON
import Messages
import Satisfaction

/// One window's score as the API says it.
struct ScoreWindow {
    /// What the score is set beside.
    struct Comparison {
        /// The other window's score, or the target.
        let value: Double
        let difference: Double
        /// Of the other score; nil for targets and where it is nought.
        let percent: Double?
    }

    let metric: String
    let segment: Segment
    let contract: String
    let window: Range<Int64>
    /// Nil where it is withheld.
    let score: Double?
    let interval: Interval?
    let method: String
    let unit: String
    let responses: Int64?
    /// Answers per step of the scale, in its order; empty for metrics without ratings.
    let counts: [(answer: Int64, count: Int64)]
    let band: String?
    let isSmall: Bool
    let isProvisional: Bool
    let isWithheld: Bool
    let revision: Int64?
    let components: [JSONTree]
    let comparisons: [String: Comparison]

    init?(_ tree: JSONTree) {
        guard let metric = tree["metric"]?.string, let start = tree["start"]?.string.flatMap(Timestamp.read),
            let end = tree["end"]?.string.flatMap(Timestamp.read), start < end,
            let segment = try? Segment(apiTree: tree["segment"] ?? .null)
        else { return nil }
        self.metric = metric
        self.segment = segment
        window = start..<end
        contract = tree["contract"]?.string ?? ""
        score = tree["score"]?.double
        interval = Interval(tree["interval"])
        method = tree["method"]?.string ?? ""
        unit = tree["unit"]?.string ?? ""
        responses = tree["responses"]?.int64
        counts = (tree["counts"]?.object ?? []).compactMap { name, count in
            guard let answer = Int64(name), let count = count.int64 else { return nil }
            return (answer, count)
        }
        band = tree["band"]?.string
        isSmall = tree["small"]?.bool ?? false
        isProvisional = tree["provisional"]?.bool ?? false
        isWithheld = tree["withheld"]?.bool ?? false
        revision = tree["revision"]?.int64
        components = tree["components"]?.array ?? []
        comparisons = Dictionary(
            (tree["comparison"]?.object ?? []).compactMap { name, other in
                guard let value = other["score"]?.double ?? other["value"]?.double,
                    let difference = other["difference"]?.double
                else { return nil }
                return (name, Comparison(value: value, difference: difference, percent: other["percent"]?.double))
            }, uniquingKeysWith: { first, _ in first })
    }

    /// What must be said with the score.
    var remarks: [String] {
        var remarks: [String] = []
        if isWithheld { remarks.append("withheld") }
        if isSmall { remarks.append("small") }
        if isProvisional { remarks.append("provisional") }
        return remarks
    }
}

extension Interval {
    /// Reads `[low, high]`.
    init?(_ tree: JSONTree?) {
        guard let low = tree?[0]?.double, let high = tree?[1]?.double else { return nil }
        self.init(low: low, high: high)
    }
}
