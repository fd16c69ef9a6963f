import JSON
import PluginKit

/// Weights given by configuration, `{name: weight}`, that sum to a whole.
enum GivenWeights {
    /// How far weights may sum from the whole: what decimal fractions lose in binary.
    static let sumTolerance = 1e-9

    /// - Parameters:
    ///   - whole: 100 for percent, 1 for shares.
    /// - Returns: by name, in the order given; never empty, all above 0.
    static func read(
        _ tree: JSONTree, key: String, whole: Double, atMost most: Int, example: String
    ) throws(PluginConfigurationError) -> [(name: String, weight: Double)] {
        guard let members = tree.object, !members.isEmpty else {
            throw PluginConfigurationError(key: key, sentence: "must map names to weights, such as \(example)")
        }
        guard members.count <= most else {
            throw PluginConfigurationError(
                key: key, sentence: "has \(members.count) weights, but at most \(most) are allowed")
        }
        var weights: [(name: String, weight: Double)] = []
        for (name, value) in members {
            guard let weight = value.double, weight > 0, weight <= whole else {
                throw PluginConfigurationError(
                    key: key,
                    sentence:
                        "must give \"\(name.prefix(64))\" a weight above 0 and at most \(JSONTree.number(whole).text)")
            }
            weights.append((name, weight))
        }
        let sum = weights.reduce(0) { $0 + $1.weight }
        guard abs(sum - whole) <= sumTolerance else {
            throw PluginConfigurationError(
                key: key, sentence: "sum to \(sum), but must sum to \(JSONTree.number(whole).text)")
        }
        return weights
    }

    /// The weights as a contract holds them.
    static func tree(_ weights: [(name: String, weight: Double)]) -> JSONTree {
        .object(weights.map { ($0.name, .number($0.weight)) })
    }
}
