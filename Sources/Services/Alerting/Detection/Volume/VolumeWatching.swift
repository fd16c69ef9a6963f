import DetectorPlugins
import Messages
import PluginKit
import Satisfaction

/// The watch over a metric's volumes at work: whose rule it speaks for, and what identifies its state.
struct VolumeWatching {
    /// The metric's first rule that has volumes watched: its name stands on the alerts.
    let rule: RuleDefinition
    private(set) var watch: VolumeWatch
    /// Hash of all that the state depends on. Not of the contract: how many answer does not depend on what they say.
    let fingerprint: String
    let channels: Int
    /// Whether it has moved since its state was last stored.
    var isDirty = false
    /// Whether the last step began a new day.
    private(set) var hasNewDay = false

    init?(
        metric: String, watched: WatchedAnswers?, set: DefinitionSet, zone: TimeZoneTable, holidays: Set<Int32>
    ) {
        guard let watched, let rule = set.rules.first(where: { $0.metric == metric && $0.volume }) else { return nil }
        self.rule = rule
        channels = watched.channels.count
        watch = VolumeWatch(
            context: VolumeContext(
                metric: metric, watched: watched, dimensions: set.model, stepMilliseconds: set.stepMilliseconds,
                zone: zone, holidays: holidays))
        let identity = ["volume", metric, set.model.joined(separator: ","), "\(set.stepMilliseconds)", set.timeZone]
        fingerprint = Digest(of: identity.joined(separator: "\n")).text
    }

    /// Under what its state stands among the detectors': no rule has a name with a control character in front.
    static func storeName(metric: String) -> String { "\u{1}volume \(metric)" }

    mutating func step(_ arrivals: inout StepArrivals, sources: [SourceArrivals]) -> [VolumeNote] {
        isDirty = true
        let before = watch.day
        defer { hasNewDay = watch.day > before }
        return watch.step(&arrivals, sources: sources)
    }

    mutating func measuredDifferently(_ sentence: String, at moment: Int64) -> [VolumeNote] {
        isDirty = true
        return watch.measuredDifferently(sentence, at: moment)
    }

    mutating func measureIsLearned(at moment: Int64) -> [VolumeNote] {
        isDirty = true
        return watch.measureIsLearned(at: moment)
    }

    var encodedState: [UInt8] { watch.encodeState() }

    var stored: StoredDetector {
        StoredDetector(
            rule: Self.storeName(metric: watch.context.metric), fingerprint: fingerprint, state: encodedState, began: 0)
    }

    mutating func restore(_ state: [UInt8]) throws(DetectorStateError) { try watch.restore(state) }
}
