import JSON
import PluginKit
import Satisfaction

/// Measures summed by name, which most operational metrics are made of: for each how many values came, and their sum.
struct MeasuredSums: Sendable {
    /// A measure's part in a metric: the setting that names it, and which values it may take.
    struct Role: Sendable {
        let key: String
        let sign: MeasuredValue.Sign

        /// Things counted, never below 0.
        static func count(_ key: String) -> Role { Role(key: key, sign: .notNegative) }
        /// Money, below 0 where it goes back.
        static func amount(_ key: String) -> Role { Role(key: key, sign: .any) }
    }

    private let roles: [Role]
    private let names: [String]
    private static let columnsPerMeasure = 1 + ExactSum.width

    /// - Throws: when a setting is no name, or two name the same measure.
    init(_ configuration: PluginConfiguration, _ roles: [Role]) throws(PluginConfigurationError) {
        self.roles = roles
        var names: [String] = []
        for role in roles {
            let name = try configuration.measureName(role.key)
            if let other = names.firstIndex(of: name) {
                throw PluginConfigurationError(
                    key: role.key,
                    sentence: "is \"\(name)\", which is also \(roles[other].key); they must be different measures")
            }
            names.append(name)
        }
        self.names = names
    }

    var inputs: [MetricInput] { names.map(MetricInput.measure) }
    var width: Int { Self.columnsPerMeasure * roles.count }
    /// Settings by which contracts name the measures.
    var keys: [String] { roles.map(\.key) }
    var schema: JSONTree { MeasuredValue.schema(roles.contains { $0.sign == .any } ? .any : .notNegative) }

    func count(_ value: JSONValue, input: Int, into sums: inout Contributions) throws(AnswerRefusal) {
        let amount = try MeasuredValue(value, roles[input].sign)
        let first = Self.columnsPerMeasure * input
        sums.add(at: first)
        ExactSum.add(amount, at: first + 1, into: &sums)
    }

    /// One measure's sum as a share of another's, both numbers of things: exact where they are whole, as such numbers
    /// are; of others the whole parts are seen.
    /// - Parameters:
    ///   - good: whether the part is what one wants; otherwise it is the harm.
    ///   - points: of the score lost when everything is bad; negative where the score counts the bad part.
    func watchedShare(
        _ part: Int, of whole: Int, name: String, good: Bool, best: Double, points: Double
    ) -> WatchedAnswers {
        var answers = [Int64](repeating: 0, count: width)
        answers[Self.columnsPerMeasure * whole + 1] = 1
        var harms = good ? answers : [Int64](repeating: 0, count: width)
        harms[Self.columnsPerMeasure * part + 1] = good ? -1 : 1
        return WatchedAnswers(
            answers: answers, channels: [.init(name: name, harms: harms, unit: 1, points: points)], best: best,
            comesApart: true)
    }

    /// How many values of a measure came.
    func values(_ measure: Int, in tally: Tally) -> Int64 { tally[Self.columnsPerMeasure * measure] }

    func sum(_ measure: Int, in tally: Tally) -> ExactSum {
        ExactSum(tally, at: Self.columnsPerMeasure * measure + 1)
    }
}

extension PluginConfiguration {
    /// The name of a measure on the bus.
    func measureName(_ key: String) throws(PluginConfigurationError) -> String {
        let name = try string(key)
        guard !name.isEmpty else {
            throw PluginConfigurationError(key: key, sentence: "is empty, but must be the name of a measure")
        }
        return name
    }
}
