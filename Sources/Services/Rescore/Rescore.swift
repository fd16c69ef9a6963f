import Alerting
import JSON
import Journal
import Messages
import Satisfaction
import Scoring

/// Counts past blocks under the contracts of a set that came later, into the lines of a trend store.
///
/// Only what is missing is added: a block applied under a set that has a contract was counted under it when it came. Lines
/// and the position reached go into the store in one transaction, so that every block counts once under every contract,
/// however often a run is stopped and begun again. Detectors see nothing of it.
///
/// The store must not be in use by an alerting: hold its ``StoreLock``.
package struct Rescore {
    /// Blocks and responses of one transaction, at most.
    package static let blocksPerCommitMax = 128
    static let responsesPerCommitMax = 200_000

    package let plan: RescorePlan
    private let set: DefinitionSet
    private let sets: [String: DefinitionSet]
    private let store: TrendStore
    private let journal: InspectedJournal
    private let blocksPerCommit: Int
    private var lines: HistoryLines
    private var outcome = RescoreOutcome()
    private let parser = JSONParser(documentBytesMax: 64 << 20)
    /// What has been added since the last transaction.
    private var uncommitted = (blocks: 0, responses: 0)

    /// Reads what the store has and what the message files hold of it; changes nothing.
    ///
    /// - Parameters:
    ///   - set: the configured set.
    ///   - journal: the message files, opened after the store was locked.
    /// - Throws: ``RescoreError`` when store and message files do not belong together, ``MessageError`` when this release
    ///   does not have what a set names.
    package init(
        set: DefinitionSet, store: TrendStore, journal: InspectedJournal, blocksPerCommit: Int = blocksPerCommitMax
    ) throws {
        let contents = try store.contents()
        let node = journal.end.node
        guard let state = contents.nodes[node] else {
            throw RescoreError(
                contents.nodes.isEmpty
                    ? "the trend store has counted nothing yet: start the services, then rescore what they have counted"
                    : "the trend store has counted \(contents.nodes.keys.sorted().joined(separator: ", ")), but these message "
                        + "files are of node \(node): name the data folder that holds both")
        }
        try Self.checkMark(of: state, journal)
        var sets: [String: DefinitionSet] = [:]
        for (hash, text) in contents.sets { sets[hash] = try DefinitionSet(text: text) }
        plan = try RescorePlan(
            set, journal: journal, applied: state.next, sets: sets, rescored: try store.rescored())
        lines = try HistoryLines(stored: contents.series, set: set, chunks: store)
        self.set = set
        self.sets = sets
        self.store = store
        self.journal = journal
        self.blocksPerCommit = blocksPerCommit
    }

    /// The last block the store has applied must be the one the message files hold.
    private static func checkMark(of state: NodeState, _ journal: InspectedJournal) throws {
        guard state.next <= journal.index.next else {
            throw RescoreError(
                "the trend store has blocks up to \(state.next - 1), but the message files end with block "
                    + "\(journal.index.next - 1): restore the message files, or move the trend store away")
        }
        guard state.next > journal.index.first else { return }
        let last = try journal.reader.header(state.next - 1, in: journal.index)
        guard state.mark == nil || state.mark == "\(last.mark)" else {
            throw RescoreError(
                "block \(last.number) of the message files is not the one that the trend store has applied: restore the message "
                    + "files, or move the trend store away")
        }
    }

    /// Counts everything the plan names.
    ///
    /// - Parameter progress: called after every block with the responses counted so far; what it throws ends the run, and the
    ///   next one goes on from the last transaction.
    package mutating func run(progress: (Int) throws -> Void = { _ in }) throws -> RescoreOutcome {
        for piece in plan.pieces {
            guard let former = sets[piece.set] else { preconditionFailure("planned from the same sets") }
            var tally = try HistoryTally(of: piece.metrics, in: set, former: former)
            for number in piece.blocks {
                try count(try journal.reader.read(number, in: journal.index), &tally)
                if uncommitted.blocks >= blocksPerCommit || uncommitted.responses >= Self.responsesPerCommitMax {
                    try commit(piece, next: number + 1)
                }
                try progress(outcome.responses)
            }
            try commit(piece, next: piece.blocks.upperBound)
            outcome.leftOut.add(tally.leftOut)
        }
        return outcome
    }

    private mutating func count(_ block: SealedBlock, _ tally: inout HistoryTally) throws {
        uncommitted.blocks += 1
        let isSkipped = journal.end.skips.contains {
            $0.number == block.header.number && $0.mark == block.header.mark
        }
        guard !isSkipped else {
            outcome.skipped += 1
            return
        }
        do {
            let counted = try block.payload.withUnsafeBytes { try tally.count($0) }
            let metrics: JSONValue
            do throws(JSONSyntaxError) { metrics = try parser.parse(counted) } catch {
                throw MessageError("its tally is not JSON: \(error)")
            }
            try lines.add(metrics, step: block.header.step)
        } catch {
            throw RescoreError(
                "block \(block.header.number) cannot be counted under the configured contracts: \(error). Nothing of the last "
                    + "transaction was stored; mend the cause and run this again")
        }
        outcome.blocks += 1
        outcome.responses += block.header.count
        uncommitted.responses += block.header.count
    }

    private mutating func commit(_ piece: RescorePlan.Piece, next: UInt64) throws {
        guard uncommitted.blocks > 0 else { return }
        var changes = try lines.changes()
        changes.rescored = try ContractIdentity.all(set).enumerated().filter { piece.metrics.contains($0.offset) }.map {
            RescoredPosition(
                metric: $0.element.metric, contract: $0.element.contract.text, node: journal.end.node, next: next)
        }
        do { try store.commit(changes) } catch {
            throw RescoreError(
                "the trend store cannot be written: \(error). What was stored before stays; make room or mend the disk and run "
                    + "this again")
        }
        lines.markStored()
        uncommitted = (0, 0)
    }
}

/// What a run has done.
package struct RescoreOutcome: Sendable, Equatable {
    package fileprivate(set) var blocks = 0
    package fileprivate(set) var responses = 0
    /// Blocks that ingest was told to skip: they count nothing, under no contract.
    package fileprivate(set) var skipped = 0
    package fileprivate(set) var leftOut = LeftOut()
}
