import JSON
import Messages
import PluginKit
import Satisfaction
import Settings

/// The set in force, made ready: metrics as plugins, open steps, detectors at work.
struct ActiveSet {
    struct ActiveMetric {
        let name: String
        let metric: any Metric
        var open: OpenStep
        var watches: [Watch]
        /// Nil where no rule has the metric's volumes watched.
        var volume: VolumeWatching?
        /// Rules whose detectors started without a past.
        private(set) var begunAnew: [String] = []
        /// Whether the volume watch goes on where it was.
        private(set) var isVolumeContinued = false

        init(
            name: String, metric: any Metric, set: DefinitionSet, zone: TimeZoneTable, at clock: Int64,
            holidays: Set<Int32>
        ) throws(MessageError) {
            self.name = name
            self.metric = metric
            open = OpenStep(watched: metric.watched, dimensions: set.model.count)
            watches = []
            volume = VolumeWatching(metric: name, watched: metric.watched, set: set, zone: zone, holidays: holidays)
            for rule in set.rules where rule.metric == name {
                guard let watched = metric.watched else {
                    throw MessageError("rule \(rule.name) watches \(name), in which good and bad cannot be told apart")
                }
                watches.append(
                    try Watch(
                        rule: rule, contract: metric.contract, watched: watched, set: set, at: clock, holidays: holidays
                    ))
            }
        }

        /// Continues the detectors that a former set left at work or the store holds, where nothing they depend on changed.
        mutating func restore(
            detectors: [String: StoredDetector], running: ActiveSet?, openStep: String?
        ) throws(MessageError) {
            for place in watches.indices {
                let rule = watches[place].rule.name
                let former = running?.metrics.flatMap(\.watches).first { $0.rule.name == rule }?.stored
                guard let known = former ?? detectors[rule], watches[place].restore(known) else {
                    begunAnew.append(rule)
                    continue
                }
            }
            restoreVolume(detectors, running)
            if let openStep {
                do { try open.restore(try JSONTree.parse(openStep)) } catch {
                    throw MessageError("the stored open step of \(name) cannot be read: \(error)")
                }
            }
        }

        /// Continues the volume watch; one whose state does not fit begins anew and learns what is usual.
        private mutating func restoreVolume(
            _ detectors: [String: StoredDetector], _ running: ActiveSet?
        ) {
            guard let volume else { return }
            let former = running?.metrics.first { $0.name == name }?.volume.map { ($0.fingerprint, $0.encodedState) }
            let stored = detectors[VolumeWatching.storeName(metric: name)].map { ($0.fingerprint, $0.state) }
            guard let (fingerprint, state) = former ?? stored, fingerprint == volume.fingerprint else { return }
            isVolumeContinued = (try? self.volume!.restore(state)) != nil
        }

        mutating func markStored() {
            for place in watches.indices { watches[place].isDirty = false }
            volume?.isDirty = false
        }
    }

    let set: DefinitionSet
    let zone: TimeZoneTable
    var metrics: [ActiveMetric]

    /// - Parameter clock: arrival clock, ms since 1970.
    init(_ set: DefinitionSet, at clock: Int64) throws(MessageError) {
        self.set = set
        guard let zone = TimeZoneTable(named: set.timeZone) else {
            throw MessageError("the time zone \(set.timeZone) is not in this machine's time zone database")
        }
        self.zone = zone
        metrics = []
        let holidays = AlertCalendar.holidays(set.calendar, in: zone)
        for definition in set.metrics {
            let metric = try definition.metric()
            metrics.append(
                try ActiveMetric(
                    name: definition.name, metric: metric, set: set, zone: zone, at: clock, holidays: holidays))
        }
    }

    mutating func markStored() {
        for place in metrics.indices { metrics[place].markStored() }
    }
}
