/// A piece of the index's work on files, done on a background thread while the loop goes on: writing memory to a run,
/// or merging runs.
///
/// Until `IdentityIndex.finish` has its outcome, the index searches what was there before.
package struct IdentityWork: Sendable {
    enum Task: Sendable {
        /// `header` says what the run will cover.
        case flush(IdentityTable, IdentityRunHeader)
        /// Neighbours, oldest first.
        case merge([IdentityRun])
        case removeOnly
    }

    /// What became of it; for `IdentityIndex.finish`.
    package struct Outcome: Sendable {
        let task: Task
        let run: IdentityRun?
        let notRemoved: [String]
        let error: JournalError?
    }

    let task: Task
    /// Files that nothing needs any more.
    let obsolete: [String]
    let fileSystem: any FileSystem
    let directory: String

    /// Blocks on the disk. Any one thread.
    package func perform() -> Outcome {
        var run: IdentityRun?
        do throws(JournalError) {
            switch task {
            case .flush(let table, let header):
                run = try write(header, countMax: table.count) { (writer) throws(JournalError) in
                    try table.forEachInOrder { (slot) throws(JournalError) in
                        try journaling { () throws(FileError) in try writer.add(slot) }
                    }
                }
            case .merge(let runs):
                run = try write(Self.header(covering: runs), countMax: runs.reduce(0) { $0 + $1.header.count }) {
                    (writer) throws(JournalError) in try Self.merge(runs, into: &writer)
                }
            case .removeOnly: break
            }
        } catch {
            return Outcome(task: task, run: nil, notRemoved: obsolete, error: error)
        }
        return remove(after: run)
    }

    private func write(
        _ header: IdentityRunHeader, countMax: Int, _ fill: (inout IdentityRunWriter) throws(JournalError) -> Void
    ) throws(JournalError) -> IdentityRun {
        let path = directory + "/" + header.fileName
        var writer = IdentityRunWriter(
            try journaling { () throws(FileError) in try fileSystem.open(path + temporarySuffix, .replace) },
            countMax: countMax)
        try fill(&writer)
        return try journaling { () throws(FileError) in
            let run = try writer.finish(header)
            try fileSystem.rename(path + temporarySuffix, to: path)
            try fileSystem.synchronizeDirectory(directory)
            // Under its lasting name, which errors will give.
            return run.reading(try fileSystem.open(path, .read))
        }
    }

    private static func header(covering runs: [IdentityRun]) -> IdentityRunHeader {
        var header = runs.last!.header
        header.from = runs.first!.header.from
        header.minClock = runs.map(\.header.minClock).min()!
        header.maxClock = runs.map(\.header.maxClock).max()!
        return header
    }

    /// Merged runs are inside the new one now, so after a crash it does not matter which of them are gone.
    private func remove(after run: IdentityRun?) -> Outcome {
        var files = obsolete
        if case .merge(let merged) = task { files += merged.map { directory + "/" + $0.header.fileName } }
        var notRemoved: [String] = []
        var failure: FileError?
        for path in files where path != run.map({ directory + "/" + $0.header.fileName }) {
            do throws(FileError) {
                try fileSystem.remove(path)
            } catch {
                if error.isMissing { continue }
                notRemoved.append(path)
                failure = error
            }
        }
        return Outcome(task: task, run: run, notRemoved: notRemoved, error: failure.map { JournalError($0) })
    }

    /// Of an identity in several runs, the newest block is kept.
    private static func merge(_ runs: [IdentityRun], into writer: inout IdentityRunWriter) throws(JournalError) {
        var cursors: [IdentityRunCursor] = []
        for run in runs.reversed() { cursors.append(try IdentityRunCursor(run)) }
        while true {
            var least: Int?
            for index in cursors.indices {
                guard let slot = cursors[index].current else { continue }
                // Newest first: of equal ones the first found wins, and the writer passes over the rest.
                if least.map({ slot.identity < cursors[$0].current!.identity }) ?? true { least = index }
            }
            guard let least else { return }
            let slot = cursors[least].current!
            try journaling { () throws(FileError) in try writer.add(slot) }
            try cursors[least].advance()
        }
    }
}

/// Walks through a run in order, a page at a time.
private struct IdentityRunCursor {
    private let run: IdentityRun
    private var page = 0
    private var entries: [IdentityTable.Slot] = []
    private var index = 0

    init(_ run: IdentityRun) throws(JournalError) {
        self.run = run
        if run.header.pages > 0 { entries = try run.entries(of: 0) }
    }

    var current: IdentityTable.Slot? { index < entries.count ? entries[index] : nil }

    mutating func advance() throws(JournalError) {
        index += 1
        if index < entries.count { return }
        page += 1
        index = 0
        entries = page < run.header.pages ? try run.entries(of: page) : []
    }
}
