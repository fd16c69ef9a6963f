import JSON
import Messages
import PluginKit
import Satisfaction

/// What became of a tally.
package enum TallyOutcome: Sendable, Equatable {
    /// Merged, with every tally that waited behind it.
    case applied
    /// Kept until its predecessors are here.
    case ahead
    /// Its block was applied before.
    case repeated
    case refused(Refused)
}

/// Alerting without its I/O: tallies go in, in any order, and are applied in the order of the journal, each block once;
/// transactions, feed messages and progress come out.
///
/// Deterministic: the same tallies, whatever their order and repetitions, give the same lines, alerts and revisions at
/// every step close. Used by one thread.
package struct AlertingMachine {
    /// Tallies kept ahead of a gap, per node; further ones are dropped and asked for again.
    package static let waitingMax = 1024
    /// Days of the line an alert carries.
    static let trendDays: Int32 = 28

    private let start: String
    private var counter: UInt64 = 0
    private var nodes: [String: NodeState] = [:]
    private var sets: [String: DefinitionSet] = [:]
    private var checks: [String: TallyCheck] = [:]
    private var waiting: [String: [UInt64: WaitingTally]] = [:]
    var plan: ActiveSet?
    var series = SeriesRegistry()
    var lines: LineBook
    private var alerts = AlertBook()
    private var alertFeed: Feed
    var scoreFeed: Feed
    private let parser = JSONParser(documentBytesMax: 64 << 20)

    private var changes = StoreChanges()
    /// Positions and waiting tallies as of the last transaction: what may be called committed.
    private var storedNodes: [String: NodeState] = [:]
    private var storedAhead: [String: [UInt64]] = [:]
    private var storedDetectors: [String: StoredDetector]
    private var storedOpenSteps: [String: String]
    var board: ScoreBoard
    /// Answers below which a segment is not published; 1 publishes everything. Counting and detection know nothing of it.
    let minimumAnswers: Int64

    /// Counts for the metrics of the service.
    package private(set) var statistics = AlertingStatistics()

    /// - Parameters:
    ///   - contents: what the store held at start.
    ///   - chunks: where stored chunks are read from.
    ///   - start: random id of this life.
    ///   - minimumAnswers: below it, a segment is not published.
    package init(
        contents: StoreContents, chunks: any ChunkSource, start: String, minimumAnswers: Int64 = 1
    ) throws(MessageError) {
        self.start = start
        self.minimumAnswers = minimumAnswers
        let lastClock = contents.nodes.values.map(\.clock).max()
        // A day on, because no zone is more than a day ahead of UTC.
        board = ScoreBoard(begunOn: lastClock.map { Int32($0 / 86_400_000) + 1 } ?? .min)
        lines = LineBook(source: chunks)
        nodes = contents.nodes
        for (hash, text) in contents.sets {
            let set = try DefinitionSet(text: text)
            sets[hash] = set
            checks[hash] = try TallyCheck(set)
        }
        for tally in contents.waiting {
            storedWaiting.insert(Self.waitingKey(tally.node, tally.number))
            if tally.number < contents.nodes[tally.node]?.next ?? 1 {
                changes.waitingRemoved.append((tally.node, tally.number))
            } else {
                waiting[tally.node, default: [:]][tally.number] = tally
            }
        }
        storedNodes = contents.nodes
        storedAhead = Self.ahead(waiting)
        series.restore(contents.series)
        alerts.restore(contents.openAlerts, revisions: contents.alertRevisions)
        alertFeed = Feed(epoch: contents.epoch, sequences: contents.sequences)
        scoreFeed = Feed(epoch: "\(contents.epoch)-\(start)", sequences: [:])
        storedDetectors = contents.detectors
        storedOpenSteps = contents.openSteps
        let newest = contents.nodes.values.max { $0.clock < $1.clock }
        statistics.clock = newest?.clock ?? 0
        if let newest, let set = sets[newest.set] { try activate(set, stored: true) }
    }

    // MARK: Tallies

    /// Takes one `tideline.tally.v1` event.
    ///
    /// - Parameter set: the canonical text of the set it names, where it came with it.
    package mutating func take(tally event: UnsafeRawBufferPointer, set text: [UInt8]?) -> TallyOutcome {
        var header: TallyHeader?
        do throws(MessageError) {
            // A set this release cannot use says nothing against the block: it is as if the set had not come.
            var unusable: MessageError?
            if let text { do throws(MessageError) { try learn(text) } catch { unusable = error } }
            let data = try data(of: event)
            let read = try TallyHeader(data)
            header = read
            guard let check = checks[read.set] else {
                let sentence = unusable?.description ?? "the set \(read.set) has not been sent"
                return .refused(refusal(read, .unknownSet, sentence))
            }
            // Whole before anything changes: a tally is merged entirely or not at all.
            try check.check(data)
            return try place(read, data, event)
        } catch {
            statistics.tallies.bad += 1
            return .refused(
                header.map { refusal($0, .badTally, error.description) }
                    ?? Refused(
                        worker: "", node: "", number: 0, mark: "", reason: .badTally, sentence: error.description,
                        finishedBefore: false))
        }
    }

    private mutating func learn(_ text: [UInt8]) throws(MessageError) {
        let set = try DefinitionSet(text: text)
        guard sets[set.hash.text] == nil else { return }
        _ = try ActiveSet(set, at: 0)
        checks[set.hash.text] = try TallyCheck(set)
        sets[set.hash.text] = set
        changes.sets.append((set.hash.text, text))
    }

    private func data(of event: UnsafeRawBufferPointer) throws(MessageError) -> JSONValue {
        let value: JSONValue
        do { value = try parser.parse(event) } catch { throw MessageError("a tally is not JSON: \(error)") }
        guard try Envelope.type(of: value) == .tally, let data = value.member(named: "data") else {
            throw MessageError("this entrance takes tideline.tally.v1 with its data")
        }
        return data
    }

    private mutating func place(
        _ header: TallyHeader, _ data: JSONValue, _ event: UnsafeRawBufferPointer
    ) throws(MessageError) -> TallyOutcome {
        let state = nodes[header.node] ?? NodeState()
        if header.number < state.next {
            if header.number + 1 == state.next, let mark = state.mark, mark != header.mark {
                return .refused(refusal(header, .fork, "block \(header.number) is applied already under mark \(mark)"))
            }
            statistics.tallies.repeated += 1
            return .repeated
        }
        if header.number > state.next {
            keep(header, event)
            return .ahead
        }
        guard fits(header.previous, state) else {
            return .refused(
                refusal(
                    header, .fork,
                    "block \(header.number) follows \(header.previous), but \(state.mark ?? "nothing") is applied"))
        }
        try apply(data, header)
        applyWaiting(of: header.node)
        return .applied
    }

    private func fits(_ previous: String, _ state: NodeState) -> Bool {
        state.mark == nil || state.mark == previous
    }

    private func refusal(_ header: TallyHeader, _ reason: Refused.Reason, _ sentence: String) -> Refused {
        Refused(
            worker: "", node: header.node, number: header.number, mark: header.mark, reason: reason,
            sentence: sentence, finishedBefore: false)
    }

    private mutating func keep(_ header: TallyHeader, _ event: UnsafeRawBufferPointer) {
        let known = waiting[header.node] ?? [:]
        guard known[header.number]?.mark != header.mark, known.count < Self.waitingMax else { return }
        waiting[header.node, default: [:]][header.number] = WaitingTally(
            node: header.node, number: header.number, mark: header.mark, previous: header.previous, event: Array(event))
        statistics.tallies.ahead += 1
        hasChanges = true
    }

    /// Applies what the closed gap lets through; a tally that does not follow is dropped and asked for again.
    private mutating func applyWaiting(of node: String) {
        while let state = nodes[node], let tally = waiting[node]?.removeValue(forKey: state.next) {
            if storedWaiting.remove(Self.waitingKey(node, tally.number)) != nil {
                changes.waitingRemoved.append((node, tally.number))
            }
            guard fits(tally.previous, state) else { return }
            let isApplied = tally.event.withUnsafeBytes { bytes in
                do throws(MessageError) {
                    let data = try data(of: bytes)
                    try apply(data, try TallyHeader(data))
                    return true
                } catch { return false }
            }
            // It was checked when it came; should the store have spoiled it, ingest sends the block again.
            guard isApplied else { return }
        }
    }

    /// Waiting tallies the store has, by node and number.
    private var storedWaiting: Set<String> = []

    private static func waitingKey(_ node: String, _ number: UInt64) -> String { "\(node)/\(number)" }

    // MARK: Applying

    private mutating func apply(_ data: JSONValue, _ header: TallyHeader) throws(MessageError) {
        var state = nodes[header.node] ?? NodeState()
        if plan?.set.hash.text != header.set, let set = sets[header.set] {
            // What the former set gathered is folded under it.
            if state.step > .min { closeStep(state.step) }
            let isOtherStep = plan.map { $0.set.stepMilliseconds != set.stepMilliseconds } ?? false
            try activate(set, stored: false)
            if isOtherStep { state.step = header.step }
        } else if header.step > state.step, state.step > .min {
            closeStep(state.step)
        }
        // An empty run: nothing arrived in the steps it names, so nothing is folded for them.
        state.step = max(state.step, header.step, header.through)
        if let metrics = data.member(named: "metrics")?.array {
            for metric in metrics { try merge(MetricTallyReader(metric), step: header.step) }
        }
        for call in data.member(named: "calls")?.array.map(Array.init) ?? [] {
            publish(try AnswerCall(call), at: header.clock)
        }
        state.next = header.number + 1
        state.mark = header.mark
        state.clock = max(state.clock, header.clock)
        state.set = header.set
        nodes[header.node] = state
        hasChanges = true
        statistics.tallies.applied += 1
        statistics.responses += UInt64(max(0, header.responses))
        statistics.clock = max(statistics.clock, header.clock)
    }

    /// Puts a call on the feed with the transaction that counts its answer.
    private mutating func publish(_ call: AnswerCall, at clock: Int64) {
        changes.feed.append(
            alertFeed.message(
                call.type, metric: call.metric, segment: .total, key: call.key, at: clock,
                data: minimumAnswers > 1 ? call.withoutPerson : call.data))
    }

    private mutating func merge(_ tally: MetricTallyReader, step: Int64) throws(MessageError) {
        guard let place = plan?.metrics.firstIndex(where: { $0.name == tally.metric }),
            let contract = plan?.metrics[place].metric.contract, contract.hash.text == tally.contract
        else { throw MessageError("/data/metrics: \(tally.metric) under \(tally.contract) is not of the block's set") }
        let width = plan!.metrics[place].metric.width
        let zone = plan!.zone
        var current: Int32 = -1
        try tally.forEachLine { segment throws(MessageError) in
            current = try series.series(contract: tally.contract, segment: segment)
        } count: { bucket, column, amount throws(MessageError) in
            guard column < width else { throw MessageError("/data/metrics: column \(column) is not the metric's") }
            lines.add(amount, column: column, bucket: bucket, series: current, width: width, step: step)
            board.note(current, bucket: bucket, zone: zone)
        }
        try tally.forEachSource { source, answers, harm throws(MessageError) in
            plan!.metrics[place].open.add(source: source.text, answers: answers, harm: harm ?? 0)
        }
        var cell = 0
        try tally.forEachCell { values throws(MessageError) in
            cell = try plan!.metrics[place].open.cell(values)
        } count: { keys, column, amount throws(MessageError) in
            guard column < width else { throw MessageError("/data/metrics: column \(column) is not the metric's") }
            plan!.metrics[place].open.add(
                amount, column: column, cell: cell, day: keys.0, firstBucket: keys.1, lastBucket: keys.2)
        }
    }

    // MARK: Steps

    /// Folds what arrived in `step`; nothing more can come, because the journal is at a later one.
    private mutating func closeStep(_ step: Int64) {
        guard let stepMilliseconds = plan?.set.stepMilliseconds, let zone = plan?.zone else { return }
        let end = (step + 1) * stepMilliseconds
        for place in plan!.metrics.indices {
            var arrivals = StepArrivals(
                step: step, day: zone.day(of: end - 1), cells: plan!.metrics[place].open.close())
            let plain = arrivals
            watchVolume(of: place, &arrivals, at: end)
            // Detectors read the passage of time off the steps in which something came.
            guard !arrivals.cells.isEmpty else { continue }
            for watch in plan!.metrics[place].watches.indices {
                let isVolumeWatched = plan!.metrics[place].watches[watch].rule.volume
                for assessment in plan!.metrics[place].watches[watch].step(isVolumeWatched ? arrivals : plain) {
                    take(assessment, metric: place, watch: watch, at: end)
                }
            }
        }
        statistics.stepsClosed += 1
        statistics.lastStepClosed = step
    }

    private mutating func take(_ assessment: Assessment, metric place: Int, watch: Int, at moment: Int64) {
        let rule = plan!.metrics[place].watches[watch].rule
        tell(
            annotated(assessment, metric: place, rule: rule.name), rule: rule, metric: plan!.metrics[place].metric,
            at: moment)
    }

    /// Moves the alert an assessment is about.
    mutating func tell(_ assessment: Assessment, rule: RuleDefinition, metric: any Metric, at moment: Int64) {
        let isTold = assessment.verdict != .suspected && assessment.verdict != .cleared
        var telling = AlertTelling(
            metric: MetricWording(metric, named: rule.metric), zone: plan!.zone, calendar: plan!.set.calendar)
        if isTold {
            telling.trend = trend(of: assessment.segment, metric: metric, zone: plan!.zone, until: moment)
            telling.themes = risenThemes(assessment, metric: rule.metric, until: moment)
        }
        alerts.take(assessment, rule: rule, contract: metric.contract, at: moment, telling: telling)
    }

    /// The last weeks of a segment's line, a point a civil day.
    private mutating func trend(
        of segment: Segment, metric: any Metric, zone: TimeZoneTable, until moment: Int64
    ) -> [AlertRecord.TrendPoint] {
        guard let line = series.find(contract: metric.contract.hash.text, segment: segment) else { return [] }
        let today = zone.day(of: moment - 1)
        return (today - Self.trendDays + 1...today).map { day in
            let start = zone.start(ofDay: day)
            let score = metric.score(lines.tally(of: line, in: start..<zone.start(ofDay: day + 1)).tally)
            return AlertRecord.TrendPoint(start: start, score: score?.value, responses: score?.responses ?? 0)
        }
    }

    /// Closes the open step because the input has ended; for replay only.
    package mutating func endOfInput() {
        if let open = nodes.values.map(\.step).max(), open > .min { closeStep(open) }
    }

    // MARK: Sets

    private mutating func activate(_ set: DefinitionSet, stored: Bool) throws(MessageError) {
        let former = plan
        var next = try ActiveSet(set, at: statistics.clock)
        series.activate(
            dimensions: set.dimensions, valuesMax: set.valuesPerDimensionMax,
            contracts: next.metrics.map { ($0.name, $0.metric.contract.hash, $0.metric.width) })
        for place in next.metrics.indices {
            try next.metrics[place].restore(
                detectors: storedDetectors, running: former,
                openStep: stored ? storedOpenSteps[next.metrics[place].name] : nil)
        }
        // A detector that begins anew knows nothing of what it said before, and neither does a rule that is gone.
        let continued = next.metrics.flatMap { metric in
            metric.watches.map(\.rule.name).filter { !metric.begunAnew.contains($0) }
        }
        let volumes = next.metrics.filter(\.isVolumeContinued).compactMap(\.volume?.rule.name)
        alerts.withdraw(
            rulesOtherThan: Set(continued), volumesOtherThan: Set(volumes), at: statistics.clock,
            zone: next.zone)
        plan = next
        if !stored, let former { noteMeasureChanges(since: former, at: statistics.clock) }
    }

    // MARK: Transactions

    /// Whether anything waits for a transaction.
    package private(set) var hasChanges = false

    private var waitingUnstored: [WaitingTally] {
        waiting.values.flatMap(\.values).filter { !storedWaiting.contains(Self.waitingKey($0.node, $0.number)) }
    }

    /// Everything since the last ``markStored()``, for one transaction.
    package mutating func takeChanges() -> StoreChanges {
        var changes = self.changes
        changes.nodes = nodes
        changes.series = series.fresh
        changes.chunks = lines.changes
        changes.waitingAdded = waitingUnstored
        if let plan {
            for metric in plan.metrics {
                changes.openSteps.append((metric.name, metric.open.encoded.text))
                if let volume = metric.volume, volume.isDirty { changes.detectors.append(volume.stored) }
                for watch in metric.watches where watch.isDirty {
                    changes.detectors.append(watch.stored)
                }
            }
        }
        changes.alerts = alerts.changes
        changes.alertsRemoved = alerts.removed
        for alert in alerts.changes where alert.state != .pending {
            changes.feed.append(
                alertFeed.message(
                    .alert, metric: alert.metric, segment: alert.segment, key: "\(alert.id).\(alert.revision)",
                    at: alert.changed,
                    data: AlertPrivacy.covered(alert.data, minimumAnswers: minimumAnswers)))
            statistics.count(alert)
        }
        changes.sequences = alertFeed.takeChangedSequences()
        return changes
    }

    /// The last ``takeChanges()`` is durable.
    package mutating func markStored(_ stored: StoreChanges) {
        changes = StoreChanges()
        series.markStored()
        lines.markStored()
        alerts.markStored()
        hasChanges = false
        storedNodes = nodes
        storedAhead = Self.ahead(waiting)
        for tally in stored.waitingAdded { storedWaiting.insert(Self.waitingKey(tally.node, tally.number)) }
        plan?.markStored()
    }

    private static func ahead(_ waiting: [String: [UInt64: WaitingTally]]) -> [String: [UInt64]] {
        waiting.mapValues { $0.keys.sorted() }.filter { !$0.value.isEmpty }
    }

    /// What `hello` and `committed` say: how far every node is applied.
    package mutating func progress() -> Progress {
        counter += 1
        return Progress(
            start: start, counter: counter,
            nodes: storedNodes.mapValues { NodePosition(next: $0.next, mark: $0.mark) }, ahead: storedAhead)
    }

    // MARK: Feed

    /// Names under which sequences count: of alerts, which the store keeps, and of scores, which begin anew with each
    /// start.
    package var alertEpoch: String { alertFeed.epoch }
    package var scoreEpoch: String { scoreFeed.epoch }

    /// Why nothing may be committed any more; nil when all is well.
    package var failure: String? { lines.failure }

    /// How every rule stands to its segments.
    /// - Parameter seriesMax: segments listed, over all rules.
    package func ruleStandings(seriesMax: Int) -> [RuleStanding] {
        var left = seriesMax
        return (plan?.metrics ?? []).flatMap(\.watches).map { watch in
            let standing = RuleStanding(
                watch.rule, began: watch.began, standings: watch.detector.standings, seriesMax: left)
            left -= standing.series.count
            return standing
        }
    }

    package var activeSet: DefinitionSet? { plan?.set }
    package var seriesCount: Int { series.all.count }
    package var overflowedAnswers: UInt64 { series.overflowed }
    package var openAlerts: [AlertRecord] { alerts.openAlerts }
    package var waitingCount: Int { waiting.values.reduce(0) { $0 + $1.count } }
}
