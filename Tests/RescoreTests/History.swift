import Alerting
import JSON
import Journal
import JournalTestKit
import MachineTestKit
import Messages
import Rescore
import Satisfaction
import Scoring
import Settings

/// A system with message files on a simulated disk and a trend store, whose set may change between two blocks.
struct History {
    static let folder = "data/ingest/journal"

    let files = SimulatedFileSystem(seed: 1)
    let store: TrendStore
    private(set) var journal: RecoveredJournal
    private var chain: BlockChain
    private var machine: AlertingMachine
    private var clock = Responses.moment

    init(seed: UInt64 = 1) throws {
        store = try TrendStore(path: nil)
        var generator = SeededGenerator(seed: seed)
        journal = try Recovery.open(
            fileSystem: files, directory: Self.folder, options: JournalOptions(fileBytesMax: 1 << 16),
            randomness: &generator)
        chain = BlockChain(Definitions.csat(), node: journal.end.node, seed: seed)
        machine = try AlertingMachine(contents: try store.contents(), chunks: store, start: "a")
    }

    /// Journals blocks under a set, 17 seconds after each other, and counts them; a skipped one counts nothing.
    mutating func take(_ blocks: [[String]], under set: DefinitionSet, skipping: Set<Int> = []) throws {
        journal.writer.setInForce(JournalSet(json: String(decoding: set.text, as: UTF8.self), hash: set.hash.text))
        chain.set = set
        var scoring = ScoringMachine(worker: "w")
        for (place, events) in blocks.enumerated() {
            clock += 17_000
            let block = chain.seal(events, clock: clock)
            let location = try journal.writer.write([block])[0]
            journal.index.append(block.header, at: location)
            let isSkipped = skipping.contains(place)
            if isSkipped {
                try journal.writer.addSkip(number: block.header.number, mark: block.header.mark, reason: "poison")
            }
            for effect in try scoring.take(block, set: set, skipped: isSkipped ? "poison" : nil) {
                switch effect {
                case .tally(let event, let text):
                    let outcome = machine.take(SentTally(event: event, set: text ?? set.text))
                    if outcome != .applied { throw Broken("\(outcome)") }
                case .refused(let refused): throw Broken(refused.sentence)
                case .tallied, .progress: break
                }
            }
        }
        try machine.commit(to: store)
    }

    /// Alerting starts again on what the store holds.
    mutating func restart() throws {
        machine = try AlertingMachine(contents: try store.contents(), chunks: store, start: "b")
    }

    func rescore(under set: DefinitionSet, blocksPerCommit: Int = 3) throws -> Rescore {
        let journal = try Recovery.inspect(fileSystem: files, directory: Self.folder)
        return try Rescore(set: set, store: store, journal: journal, blocksPerCommit: blocksPerCommit)
    }

    /// What the store holds under a set's contracts: segments, buckets, sums and revisions, without the series' numbers.
    func lines(under set: DefinitionSet) throws -> [String] {
        var lines: [String] = []
        for definition in set.metrics {
            let contract = try definition.metric().contract.hash.text
            for series in try store.series(metric: definition.name, segment: nil) where series.contract == contract {
                var buckets: [WindowTally] = []
                try store.forEachBucket(of: series, in: -8_000_000_000_000..<253_370_764_800_000) { start in
                    buckets.append(WindowTally(window: start..<start + Bucket.milliseconds, width: series.width))
                    return buckets.last
                }
                for bucket in buckets {
                    lines.append(
                        "\(series.metric) \(series.segment) \(bucket.window.lowerBound) \(bucket.tally.columns) "
                            + "revision \(bucket.revision)")
                }
            }
        }
        return lines.sorted()
    }
}

/// Sets and answers that change their contracts on the way.
enum Samples {
    static func metric(_ name: String, _ kind: String, _ configuration: JSONTree) -> MetricDefinition {
        MetricDefinition(name: name, kind: kind, configuration: configuration, followUp: kind == "csat" ? 2 : nil)
    }

    static func set(_ metrics: [MetricDefinition], valuesMax: Int = 1000, rules: [RuleDefinition] = []) -> DefinitionSet
    {
        DefinitionSet(
            metrics: metrics, dimensions: ["region", "channel"], pairs: [["region", "channel"]], model: ["region"],
            valuesPerDimensionMax: valuesMax, timeZone: "Europe/Berlin", rules: rules, stepMilliseconds: 60_000,
            latenessLimitMilliseconds: 7 * 86_400_000)
    }

    static let nps = metric("nps", "nps", [:])
    static let wide = metric("csat", "csat", ["satisfied": "4..5"])
    static let narrow = metric("csat", "csat", ["satisfied": 5])
    static let mean = metric("csat.mean", "csat.mean", [:])

    static func event(
        _ id: String, _ answers: JSONTree, at time: Int64 = Responses.moment, segments: [(String, String)] = []
    ) -> String {
        JSONTree.object([
            ("specversion", "1.0"), ("id", .string(id)), ("source", "/test"), ("type", "tideline.response.v1"),
            ("time", .string(Timestamp.text(time))),
            (
                "data",
                ["answers": answers, "segments": .object(segments.map { ($0.0, .string($0.1)) })]
            ),
        ]).text
    }

    /// Blocks of answers to CSAT, NPS or both, over some days and segments; some blocks are empty.
    static func blocks(_ count: Int, _ generator: inout SeededGenerator) -> [[String]] {
        (0..<count).map { block in
            (0..<Int.random(in: 0...9, using: &generator)).map { number in
                var answers: [(String, JSONTree)] = []
                if generator.chance(0.8) { answers.append(("csat", .integer(.random(in: 1...5, using: &generator)))) }
                if answers.isEmpty || generator.chance(0.5) {
                    answers.append(("nps", .integer(.random(in: 0...10, using: &generator))))
                }
                var segments: [(String, String)] = []
                for (dimension, values) in [("region", 5), ("channel", 3)] where generator.chance(0.8) {
                    segments.append((dimension, "\(dimension.first!)\(Int.random(in: 0..<values, using: &generator))"))
                }
                let time = Responses.moment - Int64.random(in: 0...200_000_000, using: &generator)
                return event("\(block)-\(number)", .object(answers), at: time, segments: segments)
            }
        }
    }
}
