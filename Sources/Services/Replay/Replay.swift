import Alerting
import Glibc
import Ingest
import JSON
import Journal
import Messages
import PluginKit
import Satisfaction
import Scoring
import Settings

/// The whole system on recorded responses, in one process and without sockets: the very machines the services run.
///
/// The arrival clock is the messages' own, line order is arrival order. Nothing outlives the replay: identities and
/// trend lines live in memory and in a temporary folder that is removed.
package struct Replay: ~Copyable {
    /// The set in force: the configured one, or that of the last block taken.
    package private(set) var set: DefinitionSet
    private var intake: Intake
    private var scoring = ScoringMachine(worker: "replay")
    private var alerting: AlertingMachine
    private let store: TrendStore
    private let folder: String
    private let parser = JSONParser(documentBytesMax: 64 << 20)
    private var setsSent: Set<String> = []
    /// Blocks between two transactions: enough to make them cheap, few enough to bound memory.
    private static let blocksPerCommit = 512
    private var uncommitted = 0

    /// Called with every alert revision, in order.
    private let onAlert: (AlertRecord) throws -> Void

    /// - Throws: when the temporary folder cannot be made.
    package static func open(
        set: DefinitionSet, onAlert: @escaping (AlertRecord) throws -> Void
    ) throws -> Replay {
        var template = Array("/tmp/tideline-replay-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw MessageError("no temporary folder can be made in /tmp") }
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let files = POSIXFileSystem()
        var randomness = SystemRandomNumberGenerator()
        let key = try IdentityKey.open(fileSystem: files, directory: folder, randomness: &randomness)
        let node = "replay"
        let identities = try IdentityIndex.open(
            fileSystem: files, directory: folder, node: node, key: key,
            options: IdentityOptions(identitiesInMemoryMax: 50_000_000, horizon: nil), neededFrom: 1
        ) { _ in nil }
        let end = JournalEnd(
            node: node, clock: .message, next: 1, mark: .none, step: 0, clockReading: 0, set: nil, nodes: "[]",
            skips: [])
        // Marks only chain blocks here; a fixed seed makes two replays alike to the last byte.
        let intake = try Intake(
            set: set, end: end, limits: IntakeLimits(), identities: identities, key: key, start: "replay",
            generator: ReplayRandomness(state: 1))
        let store = try TrendStore(path: nil)
        let alerting = try AlertingMachine(contents: try store.contents(), chunks: store, start: "replay")
        return Replay(
            set: set, intake: intake, alerting: alerting, store: store, folder: folder, onAlert: onAlert)
    }

    private init(
        set: DefinitionSet, intake: consuming Intake, alerting: AlertingMachine, store: TrendStore, folder: String,
        onAlert: @escaping (AlertRecord) throws -> Void
    ) {
        self.set = set
        self.onAlert = onAlert
        self.intake = intake
        self.alerting = alerting
        self.store = store
        self.folder = folder
    }

    deinit { removeFolder(folder) }

    /// Takes one line of input.
    /// - Returns: what ingest says of it.
    package mutating func take(line: UnsafeRawBufferPointer) throws -> ReplayDecision {
        let before = intake.statistics
        var rejection: Rejection?
        intake.message(line, now: 0) { reason, _, _ in rejection = reason }
        try forward(intake.takeSealed())
        if let rejection { return .rejected(rejection) }
        return intake.statistics.duplicates > before.duplicates ? .duplicate : .accepted
    }

    /// The input has ended: counts what is left and closes the open step.
    package mutating func finish() throws {
        try forward(intake.takeForWriting())
        alerting.endOfInput()
        try commit()
    }

    private mutating func forward(_ blocks: [SealedBlock]) throws {
        guard !blocks.isEmpty else { return }
        intake.written(blocks)
        for block in blocks { try count(block, skipped: nil) }
    }

    /// Takes one block as it stands in message files, under its own set or under one that differs from it in nothing that
    /// counting sees; blocks come in the order of their numbers, from 1.
    /// - Parameter skipped: why none of its events counts; nil where they do.
    package mutating func take(block: SealedBlock, under set: DefinitionSet, skipped: String?) throws {
        precondition(block.header.set == set.hash.text)
        self.set = set
        try count(block, skipped: skipped)
    }

    private mutating func count(_ block: SealedBlock, skipped: String?) throws {
        let event = BlockMessage.event(
            node: block.header.node, number: block.header.number, attempt: 1, worker: "replay",
            header: block.headerLine.dropLast(), skipped: skipped)
        let control = try parser.parse(event)
        let text = setsSent.insert(set.hash.text).inserted ? set.text : nil
        let effects = try block.payload.withUnsafeBytes { events in
            guard let text else { return try scoring.take(block: control, events: events, set: nil) }
            return try text.withUnsafeBytes { try scoring.take(block: control, events: events, set: $0) }
        }
        for effect in effects {
            switch effect {
            case .tally(let tally, let set):
                let outcome = tally.withUnsafeBytes { alerting.take(tally: $0, set: set) }
                if case .refused(let refused) = outcome { throw MessageError(refused.sentence) }
            case .refused(let refused): throw MessageError("block \(refused.number): \(refused.sentence)")
            case .tallied, .progress: break
            }
        }
        uncommitted += 1
        if uncommitted >= Self.blocksPerCommit { try commit() }
    }

    private mutating func commit() throws {
        uncommitted = 0
        let changes = alerting.takeChanges()
        try store.commit(changes)
        alerting.markStored(changes)
        for alert in changes.alerts where alert.state != .pending { try onAlert(alert) }
    }

    /// The days of a metric's line that have answers, in order.
    /// - Parameter length: of the windows; a day by default.
    package func days(
        of metric: any Metric, named name: String, in segment: Segment, length: WindowLength = .day
    ) throws -> [WindowTally] {
        guard let zone = TimeZoneTable(named: set.timeZone),
            let line = try store.series(metric: name, segment: segment).first(where: {
                $0.contract == metric.contract.hash.text
            })
        else { return [] }
        return try ScoreWindows(length: length, zone: zone)
            .tallies(of: line, in: store, over: Timestamp.earliest..<Timestamp.latest)
    }

    /// Segments of a metric that have had answers, the total first.
    package func segments(of name: String) throws -> [Segment] {
        Array(Set(try store.series(metric: name, segment: nil).map(\.segment))).sorted()
    }

    /// How every rule stands to the segments it has seen, by name.
    package var standings: [String: [SeriesStanding]] {
        Dictionary(
            alerting.ruleStandings(seriesMax: .max).map { ($0.rule.name, $0.series) },
            uniquingKeysWith: { first, _ in first })
    }

    /// Every (series, civil day) with answers, in order of series and time, as the API would say it.
    package func scores(_ body: (JSONTree) throws -> Void) throws {
        guard let zone = TimeZoneTable(named: set.timeZone) else { return }
        for definition in set.metrics {
            let metric = try definition.metric()
            let lines = try store.series(metric: definition.name, segment: nil).sorted { $0.segment < $1.segment }
            for line in lines {
                let windows = try ScoreWindows(length: .day, zone: zone)
                    .tallies(of: line, in: store, over: Timestamp.earliest..<Timestamp.latest)
                for window in windows {
                    let isProvisional =
                        window.window.upperBound + set.completenessDelayMilliseconds > alerting.statistics.clock
                    let data = ScoreData.tree(
                        of: line, metric: metric, tally: window, step: "1d", provisional: isProvisional)
                    if let data { try body(data) }
                }
            }
        }
    }
}

/// What became of a line.
package enum ReplayDecision: Sendable {
    case accepted
    case duplicate
    case rejected(Rejection)
}

/// SplitMix64 (S. Vigna, public domain): for marks that are the same in every replay.
private struct ReplayRandomness: RandomNumberGenerator, Sendable {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

private func removeFolder(_ path: String) {
    guard let directory = opendir(path) else { return }
    while let entry = readdir(directory) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        if name != ".", name != ".." { unlink("\(path)/\(name)") }
    }
    closedir(directory)
    rmdir(path)
}
