import Journal
import Synchronization

/// A disk in memory that does, by seed, everything a disk is allowed to do: it takes writes in parts, fills up, fails,
/// loses pages after a failed sync, and at a power loss keeps any part of what was not synced, directory entries
/// included.
///
/// May be used from any thread. "The process" is whoever uses it between two calls of `kill` or `losePower`.
package final class SimulatedFileSystem: FileSystem {
    /// How often operations fail, 0…1 each.
    package struct Faults: Sendable {
        package var shortWrite = 0.0
        package var writeError = 0.0
        package var full = 0.0
        package var syncError = 0.0
        package var directoryError = 0.0

        package init() {}
    }

    fileprivate struct State {
        var generator: SeededGenerator
        var faults = Faults()
        var bytesMax = Int.max
        /// Operations until everything stops, as when the process is killed inside one.
        var operationsLeft: Int?
        /// Grows with each crash; files opened before are dead.
        var epoch = 0
        var entries: [String: SimulatedInode] = [:]
        var durableEntries: [String: SimulatedInode] = [:]
        var changes: [Change] = []
        var locks: Set<String> = []
        var synchronizations = 0
        /// The sync of a file with this count fails.
        var failingSynchronization: Int?
    }

    fileprivate enum Change {
        case link(String, SimulatedInode)
        case unlink(String)
        case rename(String, String, SimulatedInode)

        var path: String {
            switch self {
            case .link(let path, _), .unlink(let path), .rename(_, let path, _): path
            }
        }
    }

    private let state: Mutex<State>

    package init(seed: UInt64) { state = Mutex(State(generator: SeededGenerator(seed: seed))) }

    // MARK: What the test does

    package func setFaults(_ faults: Faults) { state.withLock { $0.faults = faults } }

    /// Bytes of all files together; writes beyond fail with ENOSPC.
    package func setBytesMax(_ bytes: Int) { state.withLock { $0.bytesMax = bytes } }

    package var bytes: Int { state.withLock { state in state.entries.values.reduce(0) { $0 + $1.content.count } } }

    /// How many times files were synced.
    package var synchronizations: Int { state.withLock { $0.synchronizations } }

    /// After that many more successful syncs of files, one fails.
    package func failSynchronization(after count: Int) {
        state.withLock { $0.failingSynchronization = $0.synchronizations + count }
    }

    /// Every operation fails after that many more, the last one half done, until `kill` or `losePower`.
    package func stop(afterOperations count: Int?) { state.withLock { $0.operationsLeft = count } }

    /// The process ends; the page cache stays.
    package func kill() {
        state.withLock { state in
            state.epoch += 1
            state.operationsLeft = nil
            state.locks = []
        }
    }

    /// The machine ends; what was not synced stays in part.
    package func losePower() {
        kill()
        state.withLock { state in
            let stale = state.entries.keys.sorted().first.flatMap { state.entries[$0]?.content } ?? []
            for change in state.changes where state.generator.chance(0.6) { state.apply(change) }
            state.changes = []
            state.entries = state.durableEntries
            for path in state.entries.keys.sorted() {
                state.entries[path]!.losePower(stale: stale, using: &state.generator)
            }
        }
    }

    /// What a program would read.
    package func content(_ path: String) -> [UInt8]? { state.withLock { $0.entries[path]?.content } }

    /// All files as a program would read them.
    package var contents: [String: [UInt8]] { state.withLock { $0.entries.mapValues(\.content) } }

    /// Changes one byte of a file behind everyone's back; doing it twice restores it.
    package func damage(_ path: String, at offset: Int, xor mask: UInt8) {
        state.withLock { $0.entries[path]?.damage(at: offset, xor: mask) }
    }

    // MARK: FileSystem

    package func open(_ path: String, _ mode: FileOpenMode) throws(FileError) -> any File {
        let (inode, epoch) = try perform { (state) throws(FileError) in
            try state.begin(.open, path)
            return (try state.open(path, mode), state.epoch)
        }
        return SimulatedFile(path: path, inode: inode, epoch: epoch, fileSystem: self)
    }

    package func lock(_ path: String) throws(FileError) -> (any FileLock)? {
        let taken = try perform { (state) throws(FileError) in
            try state.begin(.lock, path)
            return state.locks.insert(path).inserted ? state.epoch : nil
        }
        return taken.map { SimulatedLock(path: path, epoch: $0, fileSystem: self) }
    }

    package func makeDirectory(_ path: String) throws(FileError) {
        try perform { (state) throws(FileError) in try state.begin(.makeDirectory, path) }
    }

    package func list(_ directory: String) throws(FileError) -> [String] {
        try perform { (state) throws(FileError) in
            try state.begin(.list, directory)
            return state.entries.keys.filter { parent($0) == directory }.map {
                String($0.dropFirst(directory.count + 1))
            }
        }
    }

    package func rename(_ from: String, to: String) throws(FileError) {
        try perform { (state) throws(FileError) in
            try state.begin(.rename, from, failing: state.faults.directoryError)
            guard let inode = state.entries.removeValue(forKey: from) else { throw FileError(.rename, from, code: 2) }
            state.entries[to] = inode
            state.changes.append(.rename(from, to, inode))
        }
    }

    package func remove(_ path: String) throws(FileError) {
        try perform { (state) throws(FileError) in
            try state.begin(.remove, path, failing: state.faults.directoryError)
            guard state.entries.removeValue(forKey: path) != nil else { throw FileError(.remove, path, code: 2) }
            state.changes.append(.unlink(path))
        }
    }

    package func synchronizeDirectory(_ path: String) throws(FileError) {
        try perform { (state) throws(FileError) in
            try state.begin(.synchronizeDirectory, path, failing: state.faults.directoryError)
            for change in state.changes where parent(change.path) == path { state.apply(change) }
            state.changes.removeAll { parent($0.path) == path }
        }
    }

    package func freeBytes(at path: String) throws(FileError) -> Int64 {
        try perform { (state) throws(FileError) in
            try state.begin(.freeBytes, path)
            return Int64(state.bytesMax - state.entries.values.reduce(0) { $0 + $1.content.count })
        }
    }

    // MARK: Files and locks

    /// Runs one operation under the lock of the state.
    private func perform<Result>(
        _ body: (inout State) throws(FileError) -> Result
    ) throws(FileError) -> Result {
        let result: Swift.Result<Result, FileError> = state.withLock { state in
            do throws(FileError) { return .success(try body(&state)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    private func onFile<Result>(
        _ file: SimulatedFile, _ operation: FileError.Operation, failing probability: (Faults) -> Double = { _ in 0 },
        _ body: (inout State, SimulatedInode) throws(FileError) -> Result
    ) throws(FileError) -> Result {
        try perform { (state) throws(FileError) in
            guard state.epoch == file.epoch else { throw FileError(operation, file.path, code: 5) }
            try state.begin(operation, file.path, failing: probability(state.faults))
            return try body(&state, file.inode)
        }
    }

    private final class SimulatedLock: FileLock {
        private let path: String
        private let epoch: Int
        private let fileSystem: SimulatedFileSystem

        init(path: String, epoch: Int, fileSystem: SimulatedFileSystem) {
            self.path = path
            self.epoch = epoch
            self.fileSystem = fileSystem
        }

        deinit {
            fileSystem.state.withLock { state in if state.epoch == epoch { state.locks.remove(path) } }
        }
    }

    // Unchecked because the inode is touched only under the lock of the file system's state.
    private final class SimulatedFile: File, @unchecked Sendable {
        let path: String
        let inode: SimulatedInode
        let epoch: Int
        private let fileSystem: SimulatedFileSystem

        init(path: String, inode: SimulatedInode, epoch: Int, fileSystem: SimulatedFileSystem) {
            self.path = path
            self.inode = inode
            self.epoch = epoch
            self.fileSystem = fileSystem
        }

        func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(FileError) -> Int {
            try fileSystem.onFile(self, .read) { (_, inode) throws(FileError) in
                let start = min(Int(offset), inode.content.count)
                let count = min(buffer.count, inode.content.count - start)
                inode.content.withUnsafeBytes { buffer.copyMemory(from: .init(rebasing: $0[start..<start + count])) }
                return count
            }
        }

        func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(FileError) -> Int {
            if bytes.isEmpty { return 0 }
            return try fileSystem.onFile(self, .write) { (state, inode) throws(FileError) in
                let grown = max(0, Int(offset) + bytes.count - inode.content.count)
                let room = state.bytesMax - state.entries.values.reduce(0) { $0 + $1.content.count }
                var count = max(0, min(bytes.count, bytes.count - grown + max(0, room)))
                if count == 0 || state.generator.chance(state.faults.full) { throw FileError(.write, path, code: 28) }
                let fails = state.generator.chance(state.faults.writeError)
                if fails || state.generator.chance(state.faults.shortWrite) {
                    count = Int.random(in: 1...count, using: &state.generator)
                }
                inode.write(UnsafeRawBufferPointer(rebasing: bytes[..<count]), at: Int(offset))
                if fails { throw FileError(.write, path, code: 5) }
                return count
            }
        }

        func synchronize() throws(FileError) {
            try fileSystem.onFile(self, .synchronize) { (state, inode) throws(FileError) in
                let isChosen = state.synchronizations == state.failingSynchronization
                if isChosen { state.failingSynchronization = nil }
                if isChosen || state.generator.chance(state.faults.syncError) {
                    inode.failToSynchronize(using: &state.generator)
                    throw FileError(.synchronize, path, code: 5)
                }
                inode.synchronize()
                state.synchronizations += 1
            }
        }

        func truncate(to size: Int64) throws(FileError) {
            try fileSystem.onFile(self, .truncate, failing: { $0.writeError }) { (_, inode) throws(FileError) in
                inode.truncate(to: Int(size))
            }
        }

        func size() throws(FileError) -> Int64 {
            try fileSystem.onFile(self, .size) { (_, inode) throws(FileError) in Int64(inode.content.count) }
        }
    }
}

extension SimulatedFileSystem.State {
    /// Counts an operation and lets it fail if its time has come.
    fileprivate mutating func begin(
        _ operation: FileError.Operation, _ path: String, failing probability: Double = 0
    ) throws(FileError) {
        if let left = operationsLeft {
            if left == 0 { throw FileError(operation, path, code: 5) }
            operationsLeft = left - 1
        }
        if probability > 0, generator.chance(probability) { throw FileError(operation, path, code: 5) }
    }

    fileprivate mutating func open(_ path: String, _ mode: FileOpenMode) throws(FileError) -> SimulatedInode {
        switch (mode, entries[path]) {
        case (.read, let inode?), (.update, let inode?): return inode
        case (.read, nil), (.update, nil): throw FileError(.open, path, code: 2)
        case (.create, .some): throw FileError(.open, path, code: 17)
        case (_, let inode?):
            inode.truncate(to: 0)
            return inode
        case (_, nil):
            let inode = SimulatedInode()
            entries[path] = inode
            changes.append(.link(path, inode))
            return inode
        }
    }

    fileprivate mutating func apply(_ change: SimulatedFileSystem.Change) {
        switch change {
        case .link(let path, let inode): durableEntries[path] = inode
        case .unlink(let path): durableEntries[path] = nil
        case .rename(let from, let to, let inode):
            durableEntries[from] = nil
            durableEntries[to] = inode
        }
    }
}

private func parent(_ path: String) -> String {
    String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
}
