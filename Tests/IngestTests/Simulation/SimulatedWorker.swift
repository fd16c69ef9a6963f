import MachineTestKit
import Messages
import Scoring

/// A scoring process: its machine and when it heard whom.
final class SimulatedWorker {
    var machine: ScoringMachine
    var nextBeat: Int64
    var heardAlerting = Int64.min
    /// The last word of alerting, repeated to ingest.
    var progress: [UInt8] = []

    init(_ name: String, now: Int64) {
        machine = ScoringMachine(worker: name)
        nextBeat = now
    }

    func hearsAlerting(_ now: Int64) -> Bool { heardAlerting > .min && now - heardAlerting <= 1500 }
}
