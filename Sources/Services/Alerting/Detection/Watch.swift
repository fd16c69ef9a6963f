import DetectorPlugins
import JSON
import Messages
import PluginKit
import Satisfaction

/// A rule at work: its detector and what identifies its state.
struct Watch {
    let rule: RuleDefinition
    let contract: ScoreContract
    private(set) var detector: any Detector
    /// Hash of all that the state depends on; a stored state of another fingerprint is not taken up.
    let fingerprint: String
    /// Whether the detector has moved since its state was last stored.
    var isDirty = false

    /// - Throws: ``MessageError`` when this release does not have the detector or refuses its configuration.
    init(
        rule: RuleDefinition, contract: ScoreContract, watched: WatchedAnswers, set: DefinitionSet
    ) throws(MessageError) {
        guard let type = DetectorPlugins.all.first(where: { $0.plugin.name == rule.detector }) else {
            throw MessageError(
                "rule \(rule.name) names the detector \(rule.detector), which this release does not have")
        }
        self.rule = rule
        self.contract = contract
        let context = DetectorContext(
            rule: rule.name, contract: contract, watched: watched, dimensions: set.model,
            stepMilliseconds: set.stepMilliseconds,
            budget: rule.budget, smallestDip: rule.smallestDip)
        do {
            detector = try type.init(
                configuration: PluginConfiguration(rule.configuration, for: type.plugin), context: context)
        } catch {
            throw MessageError("rule \(rule.name): \(error)")
        }
        let identity = [
            rule.name, rule.detector, rule.configuration.text, contract.hash.text, set.model.joined(separator: ","),
            "\(set.stepMilliseconds)", "\(rule.budget)", "\(rule.smallestDip)", set.timeZone,
        ]
        fingerprint = Digest(of: identity.joined(separator: "\n")).text
    }

    mutating func step(_ arrivals: StepArrivals) -> [Assessment] {
        isDirty = true
        return detector.step(arrivals)
    }

    var encodedState: [UInt8] { detector.encodeState() }

    mutating func restore(_ state: [UInt8]) throws(DetectorStateError) { try detector.restore(state) }
}
