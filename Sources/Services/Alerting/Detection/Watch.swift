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
    /// Arrival clock when the detector began without a past, ms since 1970.
    private(set) var began: Int64
    /// Whether the detector has moved since its state was last stored.
    var isDirty = false

    /// Holidays are not part of the fingerprint: what a detector has learnt stays true when the calendar grows.
    ///
    /// - Throws: ``MessageError`` when this release does not have the detector or refuses its configuration.
    init(
        rule: RuleDefinition, contract: ScoreContract, watched: WatchedAnswers, set: DefinitionSet,
        at clock: Int64, holidays: Set<Int32>
    ) throws(MessageError) {
        guard let type = DetectorPlugins.all.first(where: { $0.plugin.name == rule.detector }) else {
            throw MessageError(
                "rule \(rule.name) names the detector \(rule.detector), which this release does not have")
        }
        self.rule = rule
        self.contract = contract
        began = clock
        let context = DetectorContext(
            rule: rule.name, contract: contract, watched: watched, dimensions: set.model,
            stepMilliseconds: set.stepMilliseconds,
            budget: rule.budget, smallestDip: rule.smallestDip, holidays: holidays)
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

    var stored: StoredDetector {
        StoredDetector(rule: rule.name, fingerprint: fingerprint, state: detector.encodeState(), began: began)
    }

    /// Goes on where a detector of the same fingerprint was.
    /// - Returns: whether it did; else nothing has changed.
    mutating func restore(_ stored: StoredDetector) -> Bool {
        guard stored.fingerprint == fingerprint else { return false }
        do { try detector.restore(stored.state) } catch { return false }
        began = stored.began
        return true
    }
}
