import DequeModule

/// Which identities were accepted within the horizon, and in which block: the duplicate index. Used by the loop thread.
///
/// Recent ones are in memory, older ones in runs on disk behind filters, so that looking for a new identity touches no
/// disk. Work on files is handed out by `nextWork`, done elsewhere, and taken back by `finish`.
package final class IdentityIndex: @unchecked Sendable {
    // Unchecked because its state is guarded by the rule above: whoever was handed the index is its only user.
    private let fileSystem: any FileSystem
    private let directory: String
    private let node: String
    private let key: UInt64
    private let options: IdentityOptions
    private var active = IdentityTable()
    /// The caller's time when the first identity now in memory was seen by `nextWork`.
    private var activeSince: Int64?
    /// On its way to a run.
    private var frozen: Frozen?
    /// Oldest first, without gaps between the blocks they cover.
    private var runs: [IdentityRun]
    /// Identities in `active` of blocks not known to be synced, in order of insertion.
    private var unsettled: Deque<Unsettled> = []
    private var obsolete: [String]
    private var damaged: Set<String> = []
    private var isWorking = false
    /// The first block that no run covers.
    private var nextFrom: UInt64
    /// Identities forgotten within the horizon because of `identitiesMax`.
    package private(set) var forgottenEarly = 0

    private struct Frozen {
        var table: IdentityTable
        var header: IdentityRunHeader
    }

    private struct Unsettled {
        var identity: Identity
        var block: UInt64
    }

    init(
        fileSystem: any FileSystem, directory: String, node: String, key: UInt64, options: IdentityOptions,
        runs: [IdentityRun], obsolete: [String], nextFrom: UInt64
    ) {
        self.fileSystem = fileSystem
        self.directory = directory
        self.node = node
        self.key = key
        self.options = options
        self.runs = runs
        self.obsolete = obsolete
        self.nextFrom = nextFrom
    }

    /// The last block whose identities are in runs, and its mark. After opening, those of every later block
    /// (of every block within the horizon when `nil`) must be inserted again, each block settled.
    package var coveredThrough: (number: UInt64, mark: Mark)? { runs.last.map { ($0.header.through, $0.header.mark) } }

    /// The first block whose identities must be inserted after opening.
    package var uncoveredFrom: UInt64 { nextFrom }

    /// Identities in memory.
    package var countInMemory: Int { active.count + (frozen?.table.count ?? 0) }
    /// Identities in runs.
    package var countOnDisk: Int { runs.reduce(0) { $0 + $1.header.count } }
    package var runCount: Int { runs.count }
    /// Bytes of the tables in memory, without filters.
    package var tableBytes: Int { active.bytes + (frozen?.table.bytes ?? 0) }

    /// The block that holds the identity; `nil` when none within the horizon does.
    package func contains(_ identity: Identity) throws(JournalError) -> UInt64? {
        if let block = active.block(of: identity) { return block }
        return try blockOutsideActive(identity)
    }

    /// Notes an identity as accepted in `block`, unless it is known: then answers the block that holds it and changes
    /// nothing.
    ///
    /// `clock` is the arrival clock of the block. A failed read of a run throws, and the identity is not noted. The
    /// answer `duplicate` may be given only once the block answered is synced.
    package func insert(_ identity: Identity, block: UInt64, clock: Int64) throws(JournalError) -> UInt64? {
        precondition(block > 0, "blocks count from 1")
        // Asked first although the answer is seldom needed: it is nearly always no, so the processor goes on to the table
        // and waits for both memories at once.
        let isElsewhere = mayBeOutsideActive(identity)
        let found = try active.insert(identity, block: block, clock: clock) { () throws(JournalError) in
            isElsewhere ? try blockOutsideActive(identity) : nil
        }
        if found == nil { unsettled.append(Unsettled(identity: identity, block: block)) }
        return found
    }

    /// Blocks up to `number` are synced: their identities stay.
    package func settle(through number: UInt64) {
        while let first = unsettled.first, first.block <= number { unsettled.removeFirst() }
    }

    /// The write of blocks from `number` on failed: their identities are forgotten (PROTOCOL.md, rule 2). Never settled
    /// ones.
    package func forget(from number: UInt64) {
        while let last = unsettled.last, last.block >= number {
            active.remove(last.identity)
            unsettled.removeLast()
        }
    }

    @inline(__always)
    private func mayBeOutsideActive(_ identity: Identity) -> Bool {
        if frozen != nil { return true }
        for run in runs where run.mayContain(identity) { return true }
        return false
    }

    private func blockOutsideActive(_ identity: Identity) throws(JournalError) -> UInt64? {
        if let block = frozen?.table.block(of: identity) { return block }
        for run in runs.reversed() {
            do throws(JournalError) {
                if let block = try run.block(of: identity) { return block }
            } catch {
                setAside(run, error)
                throw error
            }
        }
        return nil
    }

    /// A damaged run is removed from the disk, so that the next start rebuilds it; what can be read of it is used until
    /// then.
    private func setAside(_ run: IdentityRun, _ error: JournalError) {
        guard case .corrupt = error, damaged.insert(run.header.fileName).inserted else { return }
        obsolete.append(directory + "/" + run.header.fileName)
    }
}

// MARK: Work on files

extension IdentityIndex {
    /// What should be done on a background thread now; `nil` while something is being done or nothing needs to be.
    ///
    /// `now` is the caller's own time in milliseconds, `clock` the arrival clock; `settled` the last synced block and
    /// its mark. With `flushing` everything in memory goes to a run, as at shutdown. Call it about once a second, and
    /// after `finish`.
    package func nextWork(
        now: Int64, clock: Int64, settled: (number: UInt64, mark: Mark)?, flushing: Bool = false
    ) -> IdentityWork? {
        if isWorking { return nil }
        forgetOldRuns(clock)
        if active.count > 0, activeSince == nil { activeSince = now }
        if let settled, frozen == nil, flushing || isFlushDue(now) { freeze(settled, clock) }
        let task: IdentityWork.Task
        if let frozen {
            task = .flush(frozen.table, frozen.header)
        } else if let range = IdentityMergePolicy(options).choose(runs.map(candidate)) {
            task = .merge(Array(runs[range]))
        } else if !obsolete.isEmpty {
            task = .removeOnly
        } else {
            return nil
        }
        isWorking = true
        defer { obsolete = [] }
        return IdentityWork(task: task, obsolete: obsolete, fileSystem: fileSystem, directory: directory)
    }

    /// Takes the outcome of the work handed out last. Throws what went wrong, for the log; the work is handed out
    /// again.
    package func finish(_ outcome: IdentityWork.Outcome) throws(JournalError) {
        isWorking = false
        obsolete += outcome.notRemoved
        if let run = outcome.run {
            switch outcome.task {
            case .flush:
                runs.append(run)
                frozen = nil
                // Blocks between the frozen ones and now are covered by the next run.
                nextFrom = run.header.through + 1
            case .merge(let merged):
                let first = runs.firstIndex { $0 === merged[0] }!
                runs.replaceSubrange(first..<first + merged.count, with: [run])
            case .removeOnly: break
            }
        }
        guard let error = outcome.error else { return }
        if case .corrupt(let corruption) = error, case .merge(let merged) = outcome.task,
            let run = merged.first(where: { $0.file.path == corruption.file })
        {
            setAside(run, error)
        }
        throw error
    }

    private func isFlushDue(_ now: Int64) -> Bool {
        active.count >= options.identitiesInMemoryMax || activeSince.map { now - $0 >= options.flushAge } ?? false
    }

    /// Sets aside what is in memory of synced blocks, to become a run.
    private func freeze(_ settled: (number: UInt64, mark: Mark), _ clock: Int64) {
        settle(through: settled.number)
        guard settled.number >= nextFrom, active.count > unsettled.count else { return }
        let table = active
        active = IdentityTable()
        activeSince = nil
        for pending in unsettled {
            table.remove(pending.identity)
            _ = active.insert(pending.identity, block: pending.block, clock: clock) { nil }
        }
        frozen = Frozen(
            table: table,
            header: IdentityRunHeader(
                node: node, key: key, from: nextFrom, through: settled.number, mark: settled.mark,
                minClock: table.minClock, maxClock: table.maxClock, count: 0, pages: 0, filterBlocks: 0, indexCrc: 0))
    }

    private func forgetOldRuns(_ clock: Int64) {
        if let horizon = options.horizon {
            while let oldest = runs.first, oldest.header.maxClock < clock - horizon { forgetOldest() }
        }
        while countOnDisk > options.identitiesMax {
            forgottenEarly += runs[0].header.count
            forgetOldest()
        }
    }

    private func forgetOldest() {
        obsolete.append(directory + "/" + runs.removeFirst().header.fileName)
    }

    private func candidate(_ run: IdentityRun) -> IdentityMergePolicy.Candidate {
        IdentityMergePolicy.Candidate(
            count: run.header.count, minClock: run.header.minClock, maxClock: run.header.maxClock,
            isMergeable: !damaged.contains(run.header.fileName))
    }
}
