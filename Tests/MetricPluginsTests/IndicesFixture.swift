import JSON
import MetricPlugins
import PluginKit
import Satisfaction
import Testing

/// A metric of the index family with what a test asks of it.
struct IndicesFixture {
    let metric: any Metric

    init(_ type: any Metric.Type, _ configuration: JSONTree = nil) throws {
        metric = try type.init(configuration: PluginConfiguration(configuration, for: type.plugin))
    }

    /// What an answer adds, or why it is refused.
    func count(_ answer: String) throws -> Result<Tally, AnswerRefusal> {
        let parser = JSONParser()
        let value = try parser.parse(Array(answer.utf8))
        return withExtendedLifetime(parser) {
            var sums = Contributions()
            do throws(AnswerRefusal) {
                try metric.count(value, input: 0, of: MetricEvent(time: 0, data: value), into: &sums)
            } catch { return .failure(error) }
            var tally = Tally(width: metric.width)
            for entry in sums.entries { tally.add(entry.amount, at: Int(entry.column)) }
            return .success(tally)
        }
    }

    func tally(_ answers: [String]) throws -> Tally {
        var tally = Tally(width: metric.width)
        for answer in answers { tally.add(try count(answer).get()) }
        return tally
    }

    func score(_ answers: [String]) throws -> Score? { metric.score(try tally(answers)) }

    func refusal(_ answer: String) throws -> AnswerRefusal? {
        guard case .failure(let refusal) = try count(answer) else { return nil }
        return refusal
    }

    func band(of value: Double) -> Band? { metric.contract.bands.band(of: value) }
}

/// The setting a configuration is refused for; nil when it is taken.
func refusedKey(_ type: any Metric.Type, _ configuration: JSONTree) -> String? {
    do {
        _ = try IndicesFixture(type, configuration)
        return nil
    } catch { return (error as? PluginConfigurationError)?.key ?? "\(error)" }
}

func isClose(_ left: Double?, _ right: Double, _ tolerance: Double = 1e-9) -> Bool {
    guard let left else { return false }
    return abs(left - right) <= tolerance
}

/// A value rounded to so many digits after the point, as it would be printed.
func printed(_ value: Double?, digits: Int) -> String {
    guard let value else { return "none" }
    var unit = 1.0
    for _ in 0..<digits { unit *= 10 }
    let whole = Int((value * unit).rounded())
    let fraction = String(whole % Int(unit))
    return digits == 0
        ? "\(whole)" : "\(whole / Int(unit)).\(String(repeating: "0", count: digits - fraction.count))\(fraction)"
}

/// S. Vigna's SplitMix64: the same numbers on every machine.
struct IndicesGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
