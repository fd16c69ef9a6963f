import DetectorPlugins
import JSON
import Messages
import PluginKit
import Satisfaction
import Tables

/// What has arrived for one metric since the last step closed: answers and harms by model cell and civil day.
struct OpenStep {
    /// Cells of one step; what comes beyond goes to the cell whose values are all `other`.
    static let cellsMax = 4096

    private struct Entry {
        let cell: Int
        let day: Int32
        var answers: Int64 = 0
        var harms: [Int64]
        var firstBucket: Int32
        var lastBucket: Int32
    }

    /// Nil where nothing watches the metric: then no cells come.
    private let watched: WatchedAnswers?
    private let dimensions: Int
    private var cells = ByteTable()
    private var days = PairTable()
    private var entries: [Entry] = []
    private var sources: [String: SourceArrivals] = [:]

    /// Sources of one step that are told apart; further ones are the rest.
    static let sourcesMax = 512

    init(watched: WatchedAnswers?, dimensions: Int) {
        self.watched = watched
        self.dimensions = dimensions
    }

    var isEmpty: Bool { entries.isEmpty }

    /// The number of a tally's model cell.
    mutating func cell(_ values: JSONArray) throws(MessageError) -> Int {
        var key: [UInt8] = []
        var count = 0
        for value in values {
            guard let text = value.string else { throw MessageError("/data/metrics: a model cell must hold texts") }
            if count > 0 { key.append(0x1F) }
            key.append(contentsOf: text.bytes)
            count += 1
        }
        guard count == dimensions else {
            throw MessageError("/data/metrics: a model cell must have \(dimensions) values")
        }
        return number(of: key)
    }

    private mutating func number(of key: [UInt8]) -> Int {
        if let known = key.withUnsafeBufferPointer({ cells.find($0) }) { return known }
        guard cells.count < Self.cellsMax - 1 else {
            return cells.intern(Array(repeating: SeriesRegistry.other, count: dimensions).joined(separator: "\u{1F}"))
        }
        return key.withUnsafeBufferPointer { cells.intern($0) }
    }

    /// - Parameter column: of the metric's tally.
    mutating func add(_ amount: Int64, column: Int, cell: Int, day: Int32, firstBucket: Int32, lastBucket: Int32) {
        guard let watched else { return }
        let place = place(cell, day, firstBucket, lastBucket)
        entries[place].answers &+= amount &* watched.answers[column]
        for channel in watched.channels.indices {
            entries[place].harms[channel] &+= amount &* watched.channels[channel].harms[column]
        }
    }

    /// - Parameter source: "" for the rest of a tally.
    mutating func add(source: String, answers: Int64, harm: Int64) {
        guard watched != nil else { return }
        let name = sources[source] != nil || sources.count < Self.sourcesMax ? source : ""
        let known = sources[name]
        sources[name] = SourceArrivals(
            source: name, answers: (known?.answers ?? 0) &+ answers, harm: (known?.harm ?? 0) &+ harm)
    }

    /// What arrived by source, in the order of their names; forgets it.
    mutating func takeSources() -> [SourceArrivals] {
        defer { sources.removeAll(keepingCapacity: true) }
        return sources.values.sorted { $0.source < $1.source }
    }

    /// The entry of a cell's day, stretched over the buckets.
    private mutating func place(_ cell: Int, _ day: Int32, _ firstBucket: Int32, _ lastBucket: Int32) -> Int {
        let place = days.intern(UInt32(cell), UInt32(bitPattern: day))
        if place == entries.count {
            entries.append(
                Entry(
                    cell: cell, day: day, harms: [Int64](repeating: 0, count: watched?.channels.count ?? 0),
                    firstBucket: firstBucket, lastBucket: lastBucket))
        }
        entries[place].firstBucket = min(entries[place].firstBucket, firstBucket)
        entries[place].lastBucket = max(entries[place].lastBucket, lastBucket)
        return place
    }

    /// Everything that arrived, sorted by cell and day; empties the step.
    mutating func close() -> [CellArrivals] {
        guard !entries.isEmpty else { return [] }
        let arrivals = sorted()
        cells = ByteTable()
        days = PairTable()
        entries.removeAll(keepingCapacity: true)
        return arrivals
    }

    private func sorted() -> [CellArrivals] {
        entries.map { entry in
            CellArrivals(
                cell: values(of: entry.cell), day: entry.day, answers: entry.answers, harms: entry.harms,
                firstBucket: Bucket(index: entry.firstBucket), lastBucket: Bucket(index: entry.lastBucket))
        }.sorted { left, right in
            left.cell == right.cell ? left.day < right.day : left.cell.lexicographicallyPrecedes(right.cell)
        }
    }

    private func values(of cell: Int) -> [String] {
        guard dimensions > 0 else { return [] }
        return cells.bytes(of: cell).split(separator: 0x1F, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
    }

    // MARK: Bytes

    /// The open step as JSON, for the store: an interrupted step goes on where it was.
    var encoded: JSONTree {
        let bySource = sources.values.sorted { $0.source < $1.source }.map { source in
            JSONTree.object([
                ("source", .string(source.source)), ("answers", .integer(source.answers)),
                ("harm", .integer(source.harm)),
            ])
        }
        return .array(
            bySource
                + sorted().map { arrival in
                    .object([
                        ("cell", .array(arrival.cell.map { .string($0) })), ("day", .integer(Int64(arrival.day))),
                        ("first", .integer(Int64(arrival.firstBucket.index))),
                        ("last", .integer(Int64(arrival.lastBucket.index))),
                        ("answers", .integer(arrival.answers)), ("harms", .array(arrival.harms.map { .integer($0) })),
                    ])
                })
    }

    mutating func restore(_ tree: JSONTree) throws(MessageError) {
        guard case .array(let stored) = tree else { throw MessageError("the stored open step is not an array") }
        for element in stored {
            let reader = TreeReader(element, place: "open step")
            if reader.optional("source") != nil {
                add(
                    source: try reader.string("source"), answers: try reader.integer("answers"),
                    harm: try reader.integer("harm"))
                continue
            }
            let cell = number(
                of: Array(
                    try TreeReader.strings(try reader.tree("cell"), place: "cell").joined(separator: "\u{1F}").utf8))
            let day = Int32(clamping: try reader.integer("day"))
            let first = Int32(clamping: try reader.integer("first"))
            let last = Int32(clamping: try reader.integer("last"))
            // Stores from before detectors saw harms have the counts by column.
            if reader.optional("counts") != nil {
                for (column, count) in try reader.array("counts").enumerated() {
                    guard let count = count.int64, count != 0, column < watched?.answers.count ?? 0 else { continue }
                    add(count, column: column, cell: cell, day: day, firstBucket: first, lastBucket: last)
                }
                continue
            }
            let place = place(cell, day, first, last)
            entries[place].answers &+= try reader.integer("answers")
            for (channel, harm) in try reader.array("harms").enumerated() where channel < entries[place].harms.count {
                entries[place].harms[channel] &+= harm.int64 ?? 0
            }
        }
    }
}
