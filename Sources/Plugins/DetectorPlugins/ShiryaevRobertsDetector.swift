import Foundation
import JSON
import PluginKit
import Satisfaction

/// Finds dips with a Bayes mixture of Shiryaev–Roberts statistics per segment, each answer weighed against what its
/// own cell and weekday lead one to expect.
///
/// The model knows satisfied and dissatisfied answers of the contract; scores are the satisfied share in percent. The
/// method, its sources and what was measured are in `docs/detection.md`.
public struct ShiryaevRobertsDetector: Detector {
    public static let plugin = PluginDescription(
        name: "sr-mixture",
        summary: "Finds dips of the satisfied share with a mixture of Shiryaev-Roberts statistics per segment.",
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
        /// Standard deviation of the baseline's offset.
        var deviation: Double
        var dispersion = 1.0
        /// Answers a day.
        var volume = 0.0
        /// Logarithms at which a fall and a rise are believed; infinite while learning.
        var threshold = Double.infinity
        var riseThreshold = Double.infinity
        var isSuspected = false
        /// Hour in which a fall too small to be said, or a suspicion too weak, was last looked at.
        var heldHour = Int32.min
        /// An open incident speaks for this segment.
        var isMuted = false

        static let unknown = Watch(
            deviation: (1 / 4 + Method.driftDeviation * Method.driftDeviation).squareRoot())
    }

    /// One cell's answers of one event day in a step, ready to be weighed.
    struct Entry: Sendable {
        let cell: Int
        let weekday: Int
        let responses: Double
        let dissatisfied: Double
    }

    let settings: Settings
    let context: DetectorContext

    var lattice: SegmentLattice
    var baseline = Baseline()
    var ledger = ResponseLedger()
    var evidence = MixtureEvidence()
    var dispersion = Dispersion()
    var schedule: RefreshSchedule?
    var today = Int32.min
    var watches: [Watch] = []
    var incidents: [Incident] = []
    /// By cell: answers a day, days under suspicion, lowering of the expectation by open incidents, first hour that may
    /// belong to a new dip.
    var cellVolumes: [Double] = []
    var suspicionDays: [Int32] = []
    var lowered: [Double] = []
    var floors: [Int32] = []

    // Prepared or reused between steps; never part of the state.
    var tables = LikelihoodTables()
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
        self.context = context
        lattice = SegmentLattice(dimensions: context.dimensions)
        admitNewCells()
    }

    public var standings: [SeriesStanding] { [] }

    public mutating func step(_ arrivals: StepArrivals) -> [Assessment] {
        var said: [Assessment] = []
        let hour = DetectionCalendar.hour(ofStep: arrivals.step, milliseconds: context.stepMilliseconds)
        let isNewDay = begin(arrivals, hour, &said)
        scratch.entries.removeAll(keepingCapacity: true)
        for arrival in arrivals.cells { admit(arrival) }
        guard baseline.isFitted else { return said }
        if !scratch.entries.isEmpty {
            if !incidents.isEmpty { advanceRecovery(hour, &said) }
            weigh()
            judge(scratch.touched, hour, &said)
        }
        if isNewDay { endSuspicions(lattice.nodes.indices, &said) }
        return said
    }

    /// Lets the passage of days take effect.
    private mutating func begin(_ arrivals: StepArrivals, _ hour: Int32, _ said: inout [Assessment]) -> Bool {
        let day = DetectionCalendar.day(arrivals.day)
        if schedule == nil {
            schedule = RefreshSchedule(firstDay: day)
            baseline.decayedTo = day
            today = day
            return false
        }
        guard day > today else { return false }
        today = day
        beginDay(hour, &said)
        return true
    }

    /// Counts one cell's answers, and keeps them as evidence unless they are late, corrections or absent.
    private mutating func admit(_ arrival: CellArrivals) {
        precondition(arrival.harms.count == context.watched.channels.count, "harms of another metric")
        let bound = DetectionLimits.answersPerStepMax
        let responses = min(max(arrival.answers, -bound), bound)
        let dissatisfied = min(max(arrival.harms[0], -bound), bound)
        guard responses != 0 || dissatisfied != 0 else { return }
        let cell = lattice.number(of: arrival.cell)
        admitNewCells()
        let day = min(DetectionCalendar.day(arrival.day), today)
        let weekday = DetectionCalendar.weekday(of: day)
        let isEvidence = responses > 0 && dissatisfied >= 0 && dissatisfied <= responses
        guard day >= today - settings.latenessLimitDays, ledger.keeps(day) else {
            if isEvidence { admitToBaseline(cell, day, weekday, responses, dissatisfied) }
            return
        }
        let slot = DetectionCalendar.hour(of: arrival.firstBucket, on: day)
        let standing = ledger.add(day: day, slot: slot, cell: cell, responses: responses, dissatisfied: dissatisfied)
        guard isEvidence else { return }
        if standing == .absorbed, day < today {
            baseline.add(
                cell: cell, weekday: weekday, responses: Double(responses), dissatisfied: Double(dissatisfied))
        }
        scratch.entries.append(
            Entry(
                cell: cell, weekday: weekday, responses: Double(responses), dissatisfied: Double(dissatisfied)))
    }

    /// An answer too late to be evidence still says what was usual, unless it belongs to an open dip.
    private mutating func admitToBaseline(
        _ cell: Int, _ day: Int32, _ weekday: Int, _ responses: Int64, _ dissatisfied: Int64
    ) {
        for incident in incidents where day >= incident.onsetDay && lattice.contains(incident.cause, cell: cell) {
            return
        }
        baseline.add(
            cell: cell, weekday: weekday, responses: Double(responses), dissatisfied: Double(dissatisfied))
    }

    /// Makes room in every list for cells and segments the lattice has taken in.
    mutating func admitNewCells() {
        guard watches.count < lattice.nodes.count || cellVolumes.count < lattice.cells.count else { return }
        let missing = lattice.cells.count - cellVolumes.count
        cellVolumes += [Double](repeating: 0, count: missing)
        suspicionDays += [Int32](repeating: 0, count: missing)
        floors += [Int32](repeating: .min, count: missing)
        for cell in lowered.count..<lattice.cells.count {
            lowered.append(
                incidents.reduce(0) { $0 + (lattice.contains($1.cause, cell: cell) ? $1.shift : 0) })
        }
        baseline.admitCells(of: lattice)
        watches += [Watch](repeating: .unknown, count: lattice.nodes.count - watches.count)
        evidence.admit(segments: lattice.nodes.count)
        tables.admit(memberships: lattice.membershipCount)
        scratch.admit(segments: lattice.nodes.count)
        muteSegments()
    }
}
