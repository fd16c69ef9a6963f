import PluginKit
import Satisfaction

/// The detector that a chart makes: the chart is read for the total, every value of a dimension and every pair of
/// values, each by itself and with alerts of its own, overlapping or not.
///
/// Answers of holidays and bursts are no evidence and not what is usual: they are left out altogether. Answers that come
/// late count in their own day, as long as ``daysKept`` reach; charts that are read at arrivals count them in the step in
/// which they come.
struct ChartDetector<Chart: SegmentChart>: Detector {
    static var plugin: PluginDescription { Chart.plugin }
    static var stateVersion: UInt8 { 1 }

    /// Days and hours whose answers are kept.
    static var daysKept: Int32 { 92 }
    static var hoursKept: Int32 { 176 }
    static var volumeDays: Int32 { 28 }

    let chart: Chart
    let plan: ChartPlan
    let context: DetectorContext
    let fingerprint: String
    let line: ScoreLine

    var lattice: SegmentLattice
    var cellDays: SlotSums
    var cellHours: SlotSums?
    // Sums by segment follow from those by cell; they are kept so that reading does not add them up again.
    var segmentDays: SlotSums
    var segmentHours: SlotSums?
    var watches: [SegmentWatch] = []
    /// The current day; nil before the first step.
    var today: Int32?
    var firstDay: Int32 = 0
    var hour = Int32.min

    // What a step brings, empty between steps.
    private var touched: [Int] = []
    private var fresh: [WatchedSums] = []
    private var freshHours: [Int32] = []

    init(configuration: PluginConfiguration, context: DetectorContext) throws(PluginConfigurationError) {
        chart = try Chart(configuration: configuration, context: context)
        var plan = chart.plan
        // What arrives in a minute is no sample of such metrics; a day is.
        if context.watched.comesApart { plan.pace = .days }
        self.plan = plan
        self.context = context
        line = ScoreLine(context.watched)
        let parts = [
            Self.plugin.name, String(decoding: configuration.effective.canonical, as: UTF8.self),
            context.contract.hash.text, "\(line.channels)",
        ]
        fingerprint = Digest(of: (parts + context.dimensions).joined(separator: "\u{0}")).text
        lattice = SegmentLattice(dimensions: context.dimensions)
        cellDays = SlotSums(kept: Self.daysKept, channels: line.channels)
        segmentDays = cellDays
        if plan.keepsHours {
            cellHours = SlotSums(kept: Self.hoursKept, channels: line.channels)
            segmentHours = cellHours
        }
        admitNewCells()
    }

    // MARK: Steps

    mutating func step(_ arrivals: StepArrivals) -> [Assessment] {
        var said: [Assessment] = []
        let day = DetectionCalendar.day(arrivals.day)
        hour = max(hour, DetectionCalendar.hour(ofStep: arrivals.step, milliseconds: context.stepMilliseconds))
        if let today {
            if day > today {
                closeDay(today, next: day, &said)
                self.today = day
            }
        } else {
            today = day
            firstDay = day
        }
        advance()
        for arrival in arrivals.cells { admit(arrival) }
        if plan.pace == .arrivals { readTouched(&said) }
        for segment in touched { fresh[segment] = WatchedSums() }
        touched.removeAll(keepingCapacity: true)
        return said
    }

    private mutating func advance() {
        guard let today else { return }
        cellDays.advance(to: today)
        segmentDays.advance(to: today)
        cellHours?.advance(to: hour)
        segmentHours?.advance(to: hour)
    }

    private mutating func admit(_ arrival: CellArrivals) {
        precondition(arrival.harms.count == line.channels, "harms of another metric")
        guard let today, !arrival.isSuspect, !context.holidays.contains(arrival.day) else { return }
        let day = min(DetectionCalendar.day(arrival.day), today)
        guard cellDays.slots.contains(day) else { return }
        let bound = DetectionLimits.answersPerStepMax
        let answers = min(max(arrival.answers, -bound), bound)
        guard answers != 0 || arrival.harms.contains(where: { $0 != 0 }) else { return }
        let cell = lattice.number(of: arrival.cell)
        admitNewCells()
        let answered = DetectionCalendar.hour(of: arrival.firstBucket, on: day)
        add(arrival, answers, cell, day, answered)
        var sums = WatchedSums(answers: Double(answers))
        for channel in 0..<line.channels { sums.harms[channel] = Double(arrival.harms[channel]) }
        // Erasures and edits change what is known of their day; they are no evidence.
        guard answers > 0, line.bounded(sums) == sums else { return }
        for segment in lattice.memberships[cell] {
            if fresh[segment].answers == 0 {
                touched.append(segment)
                freshHours[segment] = answered
            }
            fresh[segment] = fresh[segment] + sums
            freshHours[segment] = min(freshHours[segment], answered)
        }
    }

    private mutating func add(_ arrival: CellArrivals, _ answers: Int64, _ cell: Int, _ day: Int32, _ answered: Int32) {
        cellDays.add(row: cell, slot: day, answers: answers, harms: arrival.harms)
        for segment in lattice.memberships[cell] {
            segmentDays.add(row: segment, slot: day, answers: answers, harms: arrival.harms)
        }
        guard let slots = cellHours?.slots else { return }
        let slot = min(answered, hour)
        guard slots.contains(slot) else { return }
        cellHours?.add(row: cell, slot: slot, answers: answers, harms: arrival.harms)
        for segment in lattice.memberships[cell] {
            segmentHours?.add(row: segment, slot: slot, answers: answers, harms: arrival.harms)
        }
    }

    mutating func forgetStep() {
        touched = []
        fresh = []
        freshHours = []
    }

    /// Makes room in every list for cells and segments the lattice has taken in.
    mutating func admitNewCells() {
        let missing = lattice.nodes.count - watches.count
        if missing > 0 {
            watches += [SegmentWatch](repeating: SegmentWatch(), count: missing)
            fresh += [WatchedSums](repeating: WatchedSums(), count: missing)
            freshHours += [Int32](repeating: 0, count: missing)
        }
        cellDays.admit(rows: lattice.cells.count)
        cellHours?.admit(rows: lattice.cells.count)
        segmentDays.admit(rows: lattice.nodes.count)
        segmentHours?.admit(rows: lattice.nodes.count)
    }

    private mutating func readTouched(_ said: inout [Assessment]) {
        guard let today else { return }
        touched.sort()
        for segment in touched where lattice.nodes[segment].isActive && mayBeRead(segment) {
            read(
                view(of: segment, on: today, fresh: fresh[segment], freshHour: freshHours[segment]), next: today, &said)
        }
    }

    /// A chart whose alerts end by the level rests while one is open.
    func mayBeRead(_ segment: Int) -> Bool {
        watches[segment].open == nil || plan.recovery == .condition
    }

    /// Reads the chart and lets its word take effect.
    mutating func read(_ view: SegmentView, next day: Int32, _ said: inout [Assessment]) {
        let segment = view.segment
        guard let reading = chart.read(view, &watches[segment].trace) else {
            watches[segment].isArmed = false
            return
        }
        watches[segment].isArmed = true
        watches[segment].log = reading.log
        watches[segment].threshold = reading.threshold
        if watches[segment].open != nil {
            if reading.isOut {
                watches[segment].open?.goneSince = .min
            } else if watches[segment].open?.goneSince == .min {
                watches[segment].open?.goneSince = day
            }
        } else if watches[segment].isAccepted {
            watches[segment].isAccepted = reading.isOut
        } else if reading.isOut {
            open(segment, reading, on: day, &said)
        }
    }

    func view(of segment: Int, on day: Int32, fresh: WatchedSums, freshHour: Int32) -> SegmentView {
        SegmentView(
            segment: segment, day: day, hour: hour, line: line, days: segmentDays, hours: segmentHours,
            baseline: watches[segment].baseline, fresh: fresh, freshHour: freshHour, volume: watches[segment].volume,
            patienceDays: patienceDays, isOpen: watches[segment].open != nil)
    }

    var patienceDays: Double {
        context.budget.patienceDays(watched: lattice.activeByLevel.reduce(0, +))
    }

    // MARK: Standings

    var standings: [SeriesStanding] {
        watches.indices.map { segment in
            let watch = watches[segment]
            let state: SeriesStanding.State =
                watch.open != nil
                ? .open : !lattice.nodes[segment].isActive ? .unwatched : watch.isArmed ? .watching : .learning
            let knows = state == .open || state == .watching
            let before = knows ? usual(segment) : WatchedSums()
            return SeriesStanding(
                segment: lattice.nodes[segment].segment, state: state, volume: watch.volume,
                baseline: line.score(before), baselineAnswers: before.answers,
                evidence: knows ? watch.log : nil, threshold: knows ? watch.threshold : nil,
                daysWatched: watch.daysWatched)
        }
    }

    /// The learnt baseline, what an open alert compares with, or the last four weeks.
    private func usual(_ segment: Int) -> WatchedSums {
        if let open = watches[segment].open, !open.before.isEmpty {
            return LearntBaseline.sums(open.before, line).reduce(WatchedSums(), +)
        }
        if let baseline = watches[segment].baseline { return baseline.total }
        guard let today else { return WatchedSums() }
        return line.bounded(segmentDays.sum(row: segment, over: today - Self.volumeDays...today))
    }
}
