import JSON
import Satisfaction

/// What a tally message says besides its counts.
package struct TallyHeader: Sendable, Equatable {
    package let node: String
    package let number: UInt64
    package let mark: String
    package let previous: String
    package let step: Int64
    package let through: Int64
    package let clock: Int64
    package let set: String
    package let responses: Int

    package init(block: BlockMessage, responses: Int) {
        node = block.node
        number = block.number
        mark = block.mark
        previous = block.previous
        step = block.step
        through = block.through
        clock = block.clock
        set = block.set
        self.responses = responses
    }

    /// Appends the header's members to an object that is open.
    package func write(into writer: inout JSONWriter) {
        writer.name("node")
        writer.value(node)
        writer.name("number")
        writer.value(Int64(number))
        writer.name("mark")
        writer.value(mark)
        writer.name("previous")
        writer.value(previous)
        writer.name("step")
        writer.value(step)
        writer.name("through")
        writer.value(through)
        writer.name("clock")
        writer.value(clock)
        writer.name("set")
        writer.value(set)
        writer.name("responses")
        writer.value(Int64(responses))
    }

    /// Reads the data of a `tideline.tally.v1` event.
    package init(_ data: JSONValue) throws(MessageError) {
        node = try Self.text(data, "node")
        number = UInt64(max(0, try Self.integer(data, "number")))
        mark = try Self.text(data, "mark")
        previous = try Self.text(data, "previous")
        step = try Self.integer(data, "step")
        through = try Self.integer(data, "through")
        clock = try Self.integer(data, "clock")
        set = try Self.text(data, "set")
        responses = Int(clamping: try Self.integer(data, "responses"))
        try checkRanges()
    }

    /// Journals count from 1 and live between 1970 and the year 9999; anything else is not from a worker of ours.
    private func checkRanges() throws(MessageError) {
        let lastMoment: Int64 = 253_402_300_799_999
        // A step is a second at least, so its number never reaches a moment in milliseconds.
        let lastStep = lastMoment / 1000
        guard number >= 1, (0...lastMoment).contains(clock), (0...lastStep).contains(step), through >= step,
            through <= lastStep, (0...100_000_000).contains(responses)
        else { throw MessageError("/data holds a number, step, clock or count that no journal has") }
    }

    private static func text(_ data: JSONValue, _ name: StaticString) throws(MessageError) -> String {
        guard let text = data.member(named: name)?.string else { throw MessageError("/data/\(name) must be a string") }
        return text.text
    }

    private static func integer(_ data: JSONValue, _ name: StaticString) throws(MessageError) -> Int64 {
        guard let number = data.member(named: name)?.int64 else {
            throw MessageError("/data/\(name) must be a whole number")
        }
        return number
    }
}

/// One metric's part of a tally message, read in place.
package struct MetricTallyReader {
    package let metric: String
    package let contract: String
    private let lines: JSONArray
    private let cells: JSONArray
    private let sources: JSONArray?

    /// Sources a tally names, with the rest of them under one more.
    package static let sourcesMax = 8
    /// Far above what a block holds, far below where sums overflow.
    package static let sourceAnswersMax: Int64 = 1 << 40
    package static let sourceHarmMax: Int64 = 1 << 50

    package init(_ value: JSONValue) throws(MessageError) {
        guard let metric = value.member(named: "metric")?.string,
            let contract = value.member(named: "contract")?.string,
            let lines = value.member(named: "lines")?.array, let cells = value.member(named: "model")?.array
        else { throw MessageError("/data/metrics must hold objects with metric, contract, lines and model") }
        self.metric = metric.text
        self.contract = contract.text
        self.lines = lines
        self.cells = cells
        guard let sources = value.member(named: "sources") else {
            self.sources = nil
            return
        }
        guard let array = sources.array else { throw MessageError("/data/metrics: sources must be an array") }
        self.sources = array
    }

    /// Hands over answers by CloudEvents source, the rest of them under ""; workers of older releases say nothing.
    /// - Parameter harm: of the metric's first channel; nil where it is not said.
    package func forEachSource(
        _ body: (_ source: JSONString, _ answers: Int64, _ harm: Int64?) throws(MessageError) -> Void
    ) throws(MessageError) {
        var count = 0
        for entry in sources.map({ Array($0) }) ?? [] {
            count += 1
            let parts = entry.array.map { Array($0) } ?? []
            guard count <= Self.sourcesMax + 1, (2...3).contains(parts.count), let source = parts[0].string,
                let answers = parts[1].int64, (0...Self.sourceAnswersMax).contains(answers)
            else {
                throw MessageError(
                    "/data/metrics: sources hold at most \(Self.sourcesMax + 1) of [source, answers, harm]")
            }
            let harm = parts.count == 3 ? parts[2].int64 : nil
            guard parts.count == 2 || harm.map({ (0...Self.sourceHarmMax).contains($0) }) ?? false else {
                throw MessageError("/data/metrics: the harm of a source must be a whole number")
            }
            try body(source, answers, harm)
        }
    }

    /// Hands every count of the lines to `body`, line by line.
    ///
    /// - Parameters:
    ///   - begin: called with a line's segment as a flat list of dimension and value.
    ///   - count: called with bucket, step and count for each count of that line.
    package func forEachLine(
        begin: (JSONArray) throws(MessageError) -> Void,
        count: (_ bucket: Int32, _ step: Int, _ count: Int64) throws(MessageError) -> Void
    ) throws(MessageError) {
        for line in lines {
            try Self.forEachRow(of: line, keys: 1, begin: begin) { (keys, step, number) throws(MessageError) in
                try count(keys.0, step, number)
            }
        }
    }

    /// The same for the model's cells: `count` gets day, first bucket, last bucket, step and count.
    package func forEachCell(
        begin: (JSONArray) throws(MessageError) -> Void,
        count: (_ keys: (Int32, Int32, Int32), _ step: Int, _ count: Int64) throws(MessageError) -> Void
    ) throws(MessageError) {
        for cell in cells { try Self.forEachRow(of: cell, keys: 3, begin: begin, count: count) }
    }

    private static func forEachRow(
        of value: JSONValue, keys: Int, begin: (JSONArray) throws(MessageError) -> Void,
        count: (_ keys: (Int32, Int32, Int32), _ step: Int, _ count: Int64) throws(MessageError) -> Void
    ) throws(MessageError) {
        guard let entry = value.array else { throw MessageError("/data/metrics: a line must be an array") }
        var isFirst = true
        for element in entry {
            guard let row = element.array else { throw MessageError("/data/metrics: a row must be an array") }
            if isFirst {
                isFirst = false
                try begin(row)
                continue
            }
            var place = 0
            var key: (Int32, Int32, Int32) = (0, 0, 0)
            var step: Int64 = -1
            for item in row {
                guard let number = item.int64 else {
                    throw MessageError("/data/metrics: a row must hold whole numbers")
                }
                if place < keys {
                    // Buckets and days of the years 1970 to 9999, and a little before for zones and vendors' zeros.
                    guard (-100_000...281_600_000).contains(number) else {
                        throw MessageError("/data/metrics: a bucket or day lies beyond the year 9999")
                    }
                    let narrow = Int32(number)
                    switch place {
                    case 0: key.0 = narrow
                    case 1: key.1 = narrow
                    default: key.2 = narrow
                    }
                } else if step < 0 {
                    guard number >= 0, number < Int64(Tally.widthMax) else {
                        throw MessageError("/data/metrics: a column lies in 0..<\(Tally.widthMax)")
                    }
                    step = number
                } else {
                    guard number != 0, number.magnitude <= 1 << 62 else {
                        throw MessageError("/data/metrics: an amount is not 0 and at most 2^62 either way")
                    }
                    try count(key, Int(step), number)
                    step = -1
                }
                place += 1
            }
            guard place >= keys, step < 0 else { throw MessageError("/data/metrics: a row is cut short") }
        }
        if isFirst { throw MessageError("/data/metrics: a line must begin with its segment") }
    }
}
