import JSON
import MetricPlugins
import PluginKit
import Satisfaction
import Testing

/// A metric with a tally, fed as a worker feeds it.
struct MeasuresFeed {
    let metric: any Metric
    private(set) var tally: Tally

    init(_ type: any Metric.Type, _ configuration: JSONTree = nil) throws {
        metric = try type.init(configuration: PluginConfiguration(Self.named(configuration, type), for: type.plugin))
        tally = Tally(width: metric.width)
    }

    /// A ratio has no usual measures: where a form names none, they are called what they are.
    static func named(_ configuration: JSONTree, _ type: any Metric.Type) -> JSONTree {
        guard type == DeclaredRatio.self, configuration == .null || configuration.object != nil else {
            return configuration
        }
        let given = configuration.object ?? []
        let missing = ["numerator", "denominator"].filter { name in !given.contains { $0.0 == name } }
        return .object(given + missing.map { ($0, .string($0)) })
    }

    /// 2026-11-21T10:00:00Z
    static let time: Int64 = 1_795_255_200_000

    /// What one value adds; refusals are thrown.
    func contributions(
        _ value: String, to input: MetricInput, data: String = "{}", time: Int64 = time
    ) throws -> Contributions {
        let place = try #require(metric.inputs.firstIndex(of: input))
        let values = JSONParser()
        let events = JSONParser()
        var sums = Contributions()
        let parsed = try values.parse(Array(value.utf8))
        let event = MetricEvent(time: time, data: try events.parse(Array(data.utf8)))
        try withExtendedLifetime((values, events)) {
            try metric.count(parsed, input: place, of: event, into: &sums)
        }
        return sums
    }

    mutating func add(_ value: String, to measure: String, data: String = "{}", times: Int64 = 1) throws {
        try add(value, to: .measure(measure), data: data, times: times)
    }

    mutating func add(
        _ value: String, to input: MetricInput, data: String = "{}", time: Int64 = time, times: Int64 = 1
    ) throws {
        for entry in try contributions(value, to: input, data: data, time: time).entries {
            tally.add(entry.amount * times, at: Int(entry.column))
        }
    }

    /// Measured sums by name, each as one value.
    mutating func add(_ measures: [String: String]) throws {
        for (name, value) in measures { try add(value, to: name) }
    }

    var score: Score? { metric.score(tally) }

    func figure(_ name: String) -> Double? { score?.figures.first { $0.name == name }?.value }

    func refusal(_ value: String, to measure: String, data: String = "{}") -> AnswerRefusal? {
        do {
            _ = try contributions(value, to: .measure(measure), data: data)
            return nil
        } catch { return error as? AnswerRefusal }
    }
}

/// The metrics of measures, invitations and declarations.
let measuredMetrics: [any Metric.Type] = [
    Churn.self, FirstContactResolution.self, ResponseTime.self, ResolutionTime.self, ContactsPerCase.self,
    ContactRate.self, Conversion.self, Abandonment.self, Adoption.self, LifetimeValue.self, ReturnOnInvestment.self,
    ServiceLevel.self, ResponseRate.self, DeclaredShare.self, DeclaredMean.self, DeclaredRatio.self,
]

/// A metric and its configuration.
typealias MeasuredForm = (type: any Metric.Type, configuration: JSONTree)

/// Every one of them in every form it has.
let measuredForms: [MeasuredForm] = usualForms + otherForms

private let usualForms: [MeasuredForm] = measuredMetrics.flatMap { [($0, nil), ($0, $0.plugin.example)] }

private let otherForms: [MeasuredForm] = [
    (Churn.self, ["basis": "new"]), (FirstContactResolution.self, ["count": "given"]),
    (ResponseTime.self, ["show": "p90"]), (ResolutionTime.self, ["show": "median"]),
    (ResponseRate.self, ["basis": "answered"]), (DeclaredShare.self, ["of": "measure solved"]),
    (DeclaredMean.self, ["of": "measure basket", "lowest": -5, "highest": 5]),
    (DeclaredMean.self, ["of": "answer nps", "scale": "0..10"]),
    (DeclaredRatio.self, ["interval": "wilson"]), (DeclaredRatio.self, ["interval": "poisson", "scale": 1000]),
]

/// The same numbers for the same seed: SplitMix64 (G. L. Steele et al., "Fast splittable pseudorandom number
/// generators", 2014).
struct MeasuresRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
