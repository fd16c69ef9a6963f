import JSON
import Messages
import PluginKit
import Satisfaction
import Tables

/// Counts one block's responses: the lines (per segment and bucket) and the detectors' input (per model cell and day).
///
/// Pure: what it writes depends on the set and the block alone. The tables that give texts their numbers live on from
/// block to block only to save work; lines stand in the order in which the block first mentions them.
struct BlockTally {
    private let plan: TallyPlan
    private let time: TimeZoneTable
    /// Per dimension, the numbers of its values.
    private var values: [ByteTable]
    private var pairs = PairTable()
    private var cells = PairTable()
    private var metrics: [MetricTally]
    /// Value of each dimension in the present response; -1 where it has none.
    private var present: [Int32]
    private(set) var responses = 0

    /// Values, pairs and cells kept between blocks; past it the tables begin anew with the next block.
    static let valuesKeptMax = 200_000

    init(plan: TallyPlan) {
        self.plan = plan
        time = plan.timeZone
        values = plan.dimensions.map { _ in ByteTable() }
        metrics = plan.metrics.map { MetricTally(steps: $0.contract.scale.steps, dimensions: plan.dimensions.count) }
        present = [Int32](repeating: -1, count: plan.dimensions.count)
    }

    /// Forgets the last block's counts.
    mutating func begin() {
        responses = 0
        if values.contains(where: { $0.count > Self.valuesKeptMax }) || pairs.count > Self.valuesKeptMax
            || cells.count > Self.valuesKeptMax
        {
            self = BlockTally(plan: plan)
        }
        for index in metrics.indices { metrics[index].begin() }
    }

    /// Counts one journaled event.
    /// - Throws: ``MessageError`` when the event is not one that ingest would have accepted under this set.
    mutating func count(_ event: JSONValue) throws(MessageError) {
        guard let text = event.member(named: "time")?.string, let moment = Timestamp.read(text.bytes) else {
            throw MessageError("an event of the block has no readable time")
        }
        guard let data = event.member(named: "data")?.object, let answers = data.member(named: "answers")?.object
        else { throw MessageError("an event of the block has no answers") }
        readSegments(data.member(named: "segments")?.object)
        let bucket = Bucket(containing: moment)
        let day = time.day(of: moment)
        for answer in answers {
            guard let metric = plan.metric(named: answer.name) else {
                throw MessageError("an event of the block answers \(answer.name.excerpt), which its set does not have")
            }
            let step: Int
            do { step = try plan.metrics[metric].step(of: answer.value) } catch {
                throw MessageError("an event of the block has an answer its set refuses: \(error.sentence)")
            }
            count(step, metric: metric, bucket: bucket, day: day)
        }
        responses += 1
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

    private mutating func count(_ step: Int, metric: Int, bucket: Bucket, day: Int32) {
        metrics[metric].add(step, line: .total, bucket: bucket)
        for dimension in present.indices where present[dimension] >= 0 {
            metrics[metric].add(
                step, line: .value(dimension: dimension, value: Int(present[dimension])), bucket: bucket)
        }
        for (index, pair) in plan.pairs.enumerated() {
            let first = present[pair.0]
            let second = present[pair.1]
            guard first >= 0, second >= 0 else { continue }
            let number = pairs.intern(UInt32(index) << 24 | UInt32(first), UInt32(second))
            metrics[metric].add(step, line: .pair(number), bucket: bucket)
        }
        var cell: UInt32 = 0
        for dimension in plan.model {
            cell = UInt32(cells.intern(cell, UInt32(bitPattern: present[dimension] + 1)) + 1)
        }
        metrics[metric].add(step, cell: Int(cell), day: day, bucket: bucket)
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
