import JSON
import Messages
import PluginKit
import Satisfaction
import Settings
import Tables

/// Counts one block's responses: the lines (per segment and bucket) and the detectors' input (per model cell and day).
///
/// Pure: what it writes depends on the set and the block alone. The tables that give texts their numbers live on from
/// block to block only to save work; lines stand in the order in which the block first mentions them.
struct BlockTally {
    private let plan: TallyPlan
    /// How blocks of another set are read; nil for those of the plan's own, which were accepted under it.
    private let history: HistoryReading?
    private let time: TimeZoneTable
    /// Per dimension, the numbers of its values.
    private var values: [ByteTable]
    private var pairs = PairTable()
    private var cells = PairTable()
    private var metrics: [MetricTally]
    private var sources: SourceTally
    /// Value of each dimension in the present response; -1 where it has none.
    private var present: [Int32]
    /// What the value being counted adds.
    private var sums = Contributions()
    /// Events counted, of all types.
    private(set) var responses = 0
    /// Answers that call for somebody, as the tally message says them.
    private(set) var calls: [JSONTree] = []

    /// Values, pairs and cells kept between blocks; past it the tables begin anew with the next block.
    static let valuesKeptMax = 200_000

    init(plan: TallyPlan, history: HistoryReading? = nil) {
        self.plan = plan
        self.history = history
        time = plan.timeZone
        values = plan.dimensions.map { _ in ByteTable() }
        metrics = plan.metrics.map { MetricTally(width: $0.width, dimensions: plan.dimensions.count) }
        sources = SourceTally(metrics: plan.metrics.count)
        present = [Int32](repeating: -1, count: plan.dimensions.count)
    }

    /// Forgets the last block's counts.
    mutating func begin() {
        responses = 0
        calls.removeAll()
        if values.contains(where: { $0.count > Self.valuesKeptMax }) || pairs.count > Self.valuesKeptMax
            || cells.count > Self.valuesKeptMax
        {
            self = BlockTally(plan: plan, history: history)
        }
        sources.begin()
        for index in metrics.indices { metrics[index].begin() }
    }

    /// Counts the events of a block, one a line.
    mutating func count(events: UnsafeRawBufferPointer, _ parser: JSONParser) throws(MessageError) {
        var rest = events
        while !rest.isEmpty {
            let end = rest.firstLineFeed() ?? rest.endIndex
            let event: JSONValue
            do throws(JSONSyntaxError) {
                event = try parser.parse(UnsafeRawBufferPointer(rebasing: rest[..<end]))
            } catch { throw MessageError("event \(responses + 1) of the block is not JSON: \(error)") }
            try count(event)
            rest = UnsafeRawBufferPointer(rebasing: rest[min(end + 1, rest.endIndex)...])
        }
    }

    /// Counts one journaled event.
    /// - Throws: ``MessageError`` when the event is not one that ingest would have accepted under this set; where history is
    ///   read, what the set does not take is left out instead.
    mutating func count(_ event: JSONValue) throws(MessageError) {
        guard let text = event.member(named: "time")?.string, let moment = Timestamp.read(text.bytes) else {
            throw MessageError("an event of the block has no readable time")
        }
        guard let type = event.member(named: "type")?.string.flatMap(IncomingType.init) else {
            throw MessageError("an event of the block is of no type that is counted")
        }
        guard let data = event.member(named: "data"), let members = data.object else {
            throw MessageError("an event of the block has no data")
        }
        readSegments(members.member(named: "segments")?.object)
        sources.nextEvent()
        let counted = CountedEvent(
            event: event, content: MetricEvent(time: moment, data: data), bucket: Bucket(containing: moment),
            day: time.day(of: moment))
        switch type {
        case .response:
            guard let answers = members.member(named: "answers")?.object else {
                throw MessageError("a response of the block has no answers")
            }
            for answer in answers {
                guard let feeds = plan.feeds(ofAnswer: answer.name) else {
                    if let history {
                        history.ignore(answer.name)
                        continue
                    }
                    throw MessageError(
                        "an event of the block answers \(answer.name.excerpt), which its set does not have")
                }
                guard let value = try meant(answer) else {
                    for feed in feeds { history?.refuse(feed.metric, .otherScale) }
                    continue
                }
                for feed in feeds { try count(value, feed, counted) }
            }
            for feed in plan.feeds.responses { try count(data, feed, counted) }
        case .measure:
            guard let measures = members.member(named: "measures")?.object else {
                throw MessageError("a measure of the block has no measures")
            }
            for measure in measures {
                guard let feeds = plan.feeds(ofMeasure: measure.name) else {
                    if let history {
                        history.ignore(measure.name)
                        continue
                    }
                    throw MessageError(
                        "an event of the block measures \(measure.name.excerpt), which its set does not have")
                }
                for feed in feeds { try count(measure.value, feed, counted) }
            }
        case .invitation:
            for feed in plan.feeds.invitations { try count(data, feed, counted) }
        }
        responses += 1
    }

    /// The answer's value; nil where history is read and the answer was on a scale the set cannot convert from.
    private func meant(_ answer: JSONMember) throws(MessageError) -> JSONValue? {
        guard let history else { return answer.value }
        return try history.meant(answer)
    }

    /// One event on its way through the metrics.
    private struct CountedEvent {
        let event: JSONValue
        let content: MetricEvent
        let bucket: Bucket
        let day: Int32
    }

    private mutating func count(
        _ value: JSONValue, _ feed: MetricFeeds.Feed, _ event: CountedEvent
    ) throws(MessageError) {
        let metric = plan.metrics[feed.metric]
        sums.removeAll()
        do { try metric.count(value, input: feed.input, of: event.content, into: &sums) } catch {
            if let history { return history.refuse(feed.metric, error.reason) }
            throw MessageError("an event of the block has a value its set refuses: \(error.sentence)")
        }
        guard !sums.entries.isEmpty else { return }
        var bucket = event.bucket
        if metric.moment == .invited, let asked = event.content.data.member(named: "invited")?.string,
            let moment = Timestamp.read(asked.bytes)
        {
            bucket = Bucket(containing: moment)
        }
        addToLines(of: feed.metric, bucket)
        if plan.watched[feed.metric] {
            addToCell(of: feed.metric, event.day, bucket)
            if let weights = plan.weights[feed.metric] {
                sources.add(sums, weights.answers, weights.harms, metric: feed.metric, of: event.event)
            }
        }
        if let call = plan.calls[feed.metric]?.call(step: Int(sums.entries[0].column)) {
            calls.append(said(call, of: feed.metric, event.event))
        }
    }

    /// A call, as the tally message carries it to alerting.
    private func said(
        _ call: (type: MessageType, answer: Int, threshold: Double), of metric: Int, _ event: JSONValue
    ) -> JSONTree {
        let data = event.member(named: "data")
        var members: [(String, JSONTree)] = [
            ("type", .string(call.type.rawValue)), ("metric", .string(plan.names[metric])),
            ("contract", .string(plan.metrics[metric].contract.hash.text)), ("answer", .integer(Int64(call.answer))),
            ("threshold", .number(call.threshold)),
            ("segments", data?.member(named: "segments").map(JSONTree.init) ?? .object([])),
        ]
        if let respondent = data?.member(named: "respondent")?.string {
            members.append(("respondent", .string(respondent.text)))
        }
        let response = ["source", "id", "time"].compactMap { name in
            event.object?.member(named: name).map { (name, JSONTree($0)) }
        }
        members.append(("response", .object(response)))
        return .object(members)
    }

    private mutating func readSegments(_ segments: JSONObject?) {
        for index in present.indices { present[index] = -1 }
        guard let segments else { return }
        var expected = 0
        for segment in segments {
            guard let dimension = plan.dimension(named: segment.name, expected: expected) else { continue }
            expected = dimension + 1
            if let value = segment.value.string { present[dimension] = Int32(values[dimension].intern(value.bytes)) }
        }
    }

    private mutating func addToLines(of metric: Int, _ bucket: Bucket) {
        metrics[metric].add(sums, line: .total, bucket: bucket)
        for dimension in present.indices where present[dimension] >= 0 {
            metrics[metric].add(
                sums, line: .value(dimension: dimension, value: Int(present[dimension])), bucket: bucket)
        }
        for (index, pair) in plan.pairs.enumerated() {
            let first = present[pair.0]
            let second = present[pair.1]
            guard first >= 0, second >= 0 else { continue }
            let number = pairs.intern(UInt32(index) << 24 | UInt32(first), UInt32(second))
            metrics[metric].add(sums, line: .pair(number), bucket: bucket)
        }
    }

    private mutating func addToCell(of metric: Int, _ day: Int32, _ bucket: Bucket) {
        var cell: UInt32 = 0
        for dimension in plan.model {
            cell = UInt32(cells.intern(cell, UInt32(bitPattern: present[dimension] + 1)) + 1)
        }
        metrics[metric].add(sums, cell: Int(cell), day: day, bucket: bucket)
    }

    // MARK: Writing

    /// Appends the members `metrics` of the tally message's data.
    func write(into writer: inout JSONWriter) {
        writer.beginArray()
        for (index, tally) in metrics.enumerated() where !tally.isEmpty {
            writer.beginObject()
            writer.name("metric")
            writer.value(plan.names[index])
            writer.name("contract")
            writer.value(plan.metrics[index].contract.hash.text)
            writer.name("lines")
            tally.writeLines(into: &writer) { line, writer in writeSegment(line, into: &writer) }
            writer.name("model")
            tally.writeCells(into: &writer) { cell, writer in writeCell(cell, into: &writer) }
            if plan.watched[index] {
                writer.name("sources")
                sources.write(metric: index, into: &writer)
            }
            writer.endObject()
        }
        writer.endArray()
    }

    private func writeSegment(_ line: MetricTally.Line, into writer: inout JSONWriter) {
        switch line {
        case .total: break
        case .value(let dimension, let value): writePart(dimension, value, into: &writer)
        case .pair(let number):
            let (first, second) = pairs.pair(of: number)
            let pair = plan.pairs[Int(first >> 24)]
            writePart(pair.0, Int(first & 0xFF_FFFF), into: &writer)
            writePart(pair.1, Int(second), into: &writer)
        }
    }

    private func writePart(_ dimension: Int, _ value: Int, into writer: inout JSONWriter) {
        writer.value(plan.dimensions[dimension])
        values[dimension].bytes(of: value).withUnsafeBufferPointer { writer.value(utf8: UnsafeRawBufferPointer($0)) }
    }

    private func writeCell(_ cell: Int, into writer: inout JSONWriter) {
        var chain: [UInt32] = []
        var number = cell
        for _ in plan.model {
            let (rest, value) = cells.pair(of: number - 1)
            chain.append(value)
            number = Int(rest)
        }
        for (dimension, value) in zip(plan.model, chain.reversed()) {
            if value == 0 {
                writer.value("")
            } else {
                values[dimension].bytes(of: Int(value) - 1)
                    .withUnsafeBufferPointer { writer.value(utf8: UnsafeRawBufferPointer($0)) }
            }
        }
    }
}
