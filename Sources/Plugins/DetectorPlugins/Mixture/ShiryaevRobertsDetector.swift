import Foundation
import JSON
import PluginKit
import Satisfaction

/// Finds dips with a Bayes mixture of Shiryaev–Roberts statistics per segment, each answer weighed against what its
/// own cell and weekday lead one to expect.
///
/// The model knows how much harm answers do by channel, such as "dissatisfied" and the tilt of the whole scale. The
/// method, its sources and what was measured are in `docs/detection.md`.
public struct ShiryaevRobertsDetector: Detector {
    public static let plugin = PluginDescription(
        name: "sr-mixture",
        summary:
            "Finds falls of shares, scales and means early, with a stated rate of false alarms; the recommended one.",
        defaults: .object([
            ("armedResponses", .integer(300)),
            ("halfLifeDays", .integer(60)),
            ("latenessLimitDays", .integer(7)),
            ("newNormalDays", .integer(45)),
            ("quarantineDays", .integer(14)),
            ("refreshDays", .integer(28)),
        ]),
        example: .object([("armedResponses", .integer(500)), ("latenessLimitDays", .integer(3))]))

    /// What the user may set.
    struct Settings: Sendable {
        /// Baseline answers from which a young history is watched.
        let armedResponses: Double
        /// Days in which an answer's weight in the baseline halves.
        let halfLifeDays: Double
        /// Answers older than this many days are baseline, never evidence.
        let latenessLimitDays: Int32
        /// Days after which an open dip is the new baseline.
        let newNormalDays: Int32
        /// Days before today that stay out of the baseline.
        let quarantineDays: Int32
        /// Days between two refreshes of the baseline.
        let refreshDays: Int32
    }

    /// What is known of one segment besides its evidence.
    struct Watch: Sendable, Equatable {
        /// The channels' mean statistic for a fall and for a rise.
        var fall = MixtureEvidence.empty
        var rise = MixtureEvidence.empty
        /// Answers a day.
        var volume = 0.0
        /// Statistics at which a fall and a rise are believed, and a fall suspected; infinite while learning.
        var limit = Double.infinity
        var riseLimit = Double.infinity
        var suspicionLimit = Double.infinity
        var isSuspected = false
        /// Hour in which a fall too small to be said, or a suspicion too weak, was last looked at.
        var heldHour = Int32.min
        /// Days on which an alarm was possible.
        var daysWatched: Int64 = 0
        /// An open incident speaks for this segment.
        var isMuted = false

        var logFall: Double { log(fall) }
        var threshold: Double { log(limit) }
    }

    /// One cell's answers of one event day in a step, ready to be weighed.
    struct Entry: Sendable {
        let cell: Int
        /// Event day.
        let day: Int32
        let weekday: Int
        let responses: Double
        /// Harm by channel, as parts of the worst.
        let harms: SIMD4<Double>
        var hasHarm: Bool { harms != .zero }
    }

    let settings: Settings
    let context: DetectorContext
    /// Harm of the worst answer by channel, as the ledger counts it: in at most ``DetectionLimits/unitMax`` parts.
    let units: SIMD4<Double>
    /// What arriving harms are divided by to get there.
    private let divisors: SIMD4<Int64>

    var lattice: SegmentLattice
    var channels: [ChannelModel]
    var ledger: ResponseLedger
    var schedule: RefreshSchedule?
    var today = Int32.min
    var watches: [Watch] = []
    var incidents: [Incident] = []
    var mixShift: MixShift?
    /// By cell: answers a day, days under suspicion, first hour that may belong to a new dip.
    var cellVolumes: [Double] = []
    var suspicionDays: [Int32] = []
    var floors: [Int32] = []

    // Reused between steps; never part of the state.
    var scratch = StepScratch()

    public init(
        configuration: PluginConfiguration, context: DetectorContext
    ) throws(PluginConfigurationError) {
        settings = Settings(
            armedResponses: try configuration.number("armedResponses", in: 30...1e9),
            halfLifeDays: try configuration.number("halfLifeDays", in: 7...3_650),
            latenessLimitDays: Int32(try configuration.integer("latenessLimitDays", in: 0...60)),
            newNormalDays: Int32(try configuration.integer("newNormalDays", in: 7...365)),
            quarantineDays: Int32(try configuration.integer("quarantineDays", in: 1...42)),
            refreshDays: Int32(try configuration.integer("refreshDays", in: 7...56)))
        guard !context.watched.comesApart else {
            throw PluginConfigurationError(
                key: "",
                sentence:
                    "weighs single answers, but in this metric the whole and its part come in events of their own; "
                    + "use shewhart, ewma or cusum, which read whole days")
        }
        self.context = context
        var units = SIMD4<Int64>.zero
        var divisors = SIMD4<Int64>.one
        for (place, channel) in context.watched.channels.enumerated() {
            divisors[place] = max(1, channel.unit / DetectionLimits.unitMax)
            units[place] = channel.unit / divisors[place]
        }
        self.divisors = divisors
        self.units = SIMD4<Double>(pointwiseMax(units, .one))
        lattice = SegmentLattice(dimensions: context.dimensions)
        channels = ChannelModel.all(context.watched)
        ledger = ResponseLedger(units: units)
        admitNewCells()
    }

    public mutating func step(_ arrivals: StepArrivals) -> [Assessment] {
        var said: [Assessment] = []
        let hour = DetectionCalendar.hour(ofStep: arrivals.step, milliseconds: context.stepMilliseconds)
        let isNewDay = begin(arrivals, hour, &said)
        scratch.entries.removeAll(keepingCapacity: true)
        for arrival in arrivals.cells { admit(arrival) }
        guard isFitted else { return said }
        if !scratch.entries.isEmpty {
            if !incidents.isEmpty { advanceRecovery(hour, &said) }
            weigh()
            judge(hour, &said)
        }
        if isNewDay { endSuspicions(Array(lattice.nodes.indices), &said) }
        return said
    }

    var isFitted: Bool { channels[0].baseline.isFitted }

    /// Lets the passage of days take effect.
    private mutating func begin(_ arrivals: StepArrivals, _ hour: Int32, _ said: inout [Assessment]) -> Bool {
        let day = DetectionCalendar.day(arrivals.day)
        if schedule == nil {
            schedule = RefreshSchedule(firstDay: day)
            for channel in channels.indices { channels[channel].baseline.decayedTo = day }
            today = day
            return false
        }
        guard day > today else { return false }
        countWatchedDays(until: day)
        today = day
        beginDay(hour, &said)
        return true
    }

    private mutating func countWatchedDays(until day: Int32) {
        for segment in watches.indices
        where lattice.nodes[segment].isActive && watches[segment].limit.isFinite && !watches[segment].isMuted {
            watches[segment].daysWatched += Int64(day - today)
        }
    }

    func entry(_ cell: Int, _ day: Int32, _ responses: Int64, _ harms: SIMD4<Int64>) -> Entry {
        Entry(
            cell: cell, day: day, weekday: DetectionCalendar.weekday(of: day), responses: Double(responses),
            harms: SIMD4<Double>(harms) / units)
    }

    /// Counts one cell's answers, and keeps them as evidence unless they are late, corrections, absent, a burst's or a
    /// holiday's.
    private mutating func admit(_ arrival: CellArrivals) {
        precondition(arrival.harms.count == channels.count, "harms of another metric")
        let bound = DetectionLimits.answersPerStepMax
        let responses = min(max(arrival.answers, -bound), bound)
        var harms = SIMD4<Int64>.zero
        for channel in channels.indices {
            let most = bound * ledger.units[channel]
            harms[channel] = min(max(arrival.harms[channel] / divisors[channel], -most), most)
        }
        let day = min(DetectionCalendar.day(arrival.day), today)
        guard responses != 0 || harms != .zero, !arrival.isSuspect, !context.holidays.contains(day) else { return }
        let cell = lattice.number(of: arrival.cell)
        admitNewCells()
        let weekday = DetectionCalendar.weekday(of: day)
        let slot = DetectionCalendar.hour(of: arrival.firstBucket, on: day)
        let isEvidence =
            responses > 0 && all(harms .>= .zero) && all(harms .<= ledger.units &* responses)
        guard day >= today - settings.latenessLimitDays, ledger.keeps(day) else {
            if isEvidence {
                admitToBaseline(cell, day, weekday, responses, harms)
            } else if ledger.keeps(day) {
                correct(cell, day, slot, responses, harms)
            }
            return
        }
        let standing = ledger.add(day: day, slot: slot, cell: cell, responses: responses, harms: harms)
        contest(cell, slot, isEvidence: isEvidence, day)
        guard isEvidence else { return }
        if standing == .absorbed, day < today { addToBaselines(cell, weekday, responses, harms) }
        scratch.entries.append(entry(cell, day, responses, harms))
    }

    /// Takes edited or erased answers of any age out of the records, so that what they said can be taken back.
    private mutating func correct(
        _ cell: Int, _ day: Int32, _ slot: Int32, _ responses: Int64, _ harms: SIMD4<Int64>
    ) {
        ledger.add(day: day, slot: slot, cell: cell, responses: responses, harms: harms)
        contest(cell, slot, isEvidence: false, day)
    }

    mutating func addToBaselines(_ cell: Int, _ weekday: Int, _ responses: Int64, _ harms: SIMD4<Int64>) {
        for channel in channels.indices {
            channels[channel].baseline.add(
                cell: cell, weekday: weekday, responses: Double(responses),
                dissatisfied: Double(harms[channel]) / units[channel])
        }
    }

    /// An answer too late to be evidence still says what was usual, unless it belongs to an open dip.
    private mutating func admitToBaseline(
        _ cell: Int, _ day: Int32, _ weekday: Int, _ responses: Int64, _ harms: SIMD4<Int64>
    ) {
        for incident in incidents where day >= incident.onsetDay && lattice.contains(incident.cause, cell: cell) {
            return
        }
        addToBaselines(cell, weekday, responses, harms)
    }

    /// Makes room in every list for cells and segments the lattice has taken in.
    mutating func admitNewCells() {
        guard watches.count < lattice.nodes.count || cellVolumes.count < lattice.cells.count else { return }
        let missing = lattice.cells.count - cellVolumes.count
        cellVolumes += [Double](repeating: 0, count: missing)
        suspicionDays += [Int32](repeating: 0, count: missing)
        floors += [Int32](repeating: .min, count: missing)
        for channel in channels.indices {
            channels[channel].admit(lattice)
            for cell in channels[channel].lowered.count..<lattice.cells.count {
                channels[channel].lowered.append(lowering(of: cell, channel))
            }
        }
        watches += [Watch](repeating: Watch(), count: lattice.nodes.count - watches.count)
        scratch.admit(segments: lattice.nodes.count)
        muteSegments()
    }

    /// How much the open incidents raise the expected harm of a cell.
    func lowering(of cell: Int, _ channel: Int) -> Double {
        incidents.reduce(0) { $0 + (lattice.contains($1.cause, cell: cell) ? $1.shifts[channel] : 0) }
    }
}
