import JSON
import Journal
import Messages

/// Message files as a backtest reads them: in order, with the set each block was accepted under, changing nothing and
/// taking no lock, so that the services may run.
package struct MessageFiles: Sendable {
    private let journal: InspectedJournal
    private let sets: [String: DefinitionSet]
    /// The set of the last block.
    package let newest: DefinitionSet
    /// What a start of ingest would cut off: half-written or damaged bytes that no one has a receipt for.
    package var unsynced: TailCut? { journal.unsynced }
    package var blocks: Int { Int(journal.index.next - journal.index.first) }

    /// - Parameters:
    ///   - directory: a folder of message files.
    ///   - chosen: paths of single files to be read instead of all of the folder; they must follow each other.
    /// - Throws: ``MessageError`` that says which file is damaged where, or that there is none.
    package init(directory: String, chosen: [String] = [], fileSystem: any FileSystem = POSIXFileSystem()) throws {
        let files: any FileSystem = chosen.isEmpty ? fileSystem : ChosenFiles(paths: chosen, on: fileSystem)
        do throws(JournalError) {
            journal = try Recovery.inspect(fileSystem: files, directory: directory)
        } catch {
            if case .absent(1, 1, 1) = error {
                throw MessageError(
                    "\(directory) holds no message files: name the data folder of ingest, its ingest/journal, or single "
                        + "messages-….jsonl files")
            }
            throw MessageError("\(error)")
        }
        var sets: [String: DefinitionSet] = [:]
        for entry in journal.index.files where sets[entry.setHash] == nil {
            sets[entry.setHash] = try Self.set(in: directory + "/" + entry.id.name, of: files)
        }
        self.sets = sets
        guard let text = journal.end.set?.json else {
            throw MessageError("the message files in \(directory) name no set: nothing was ever accepted into them")
        }
        newest = try DefinitionSet(text: Array(text.utf8))
    }

    /// Largest preamble read.
    private static let preambleBytesMax = 16 << 20

    /// The set of a file's first line, which the journal has verified.
    private static func set(in path: String, of files: any FileSystem) throws -> DefinitionSet {
        let file = try files.open(path, .read)
        var count = 1 << 16
        while true {
            let bytes = try file.bytes(at: 0, count: count)
            if let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
                let preamble = try bytes[..<end].withUnsafeBytes { try JSONTree.parse($0) }
                return try DefinitionSet(text: (preamble["set"] ?? .null).canonical)
            }
            guard bytes.count == count, count < preambleBytesMax else {
                throw MessageError("\(path) has no whole first line")
            }
            count *= 4
        }
    }

    /// Every block in order, with the set it was accepted under.
    ///
    /// - Parameter body: takes the block and why it is skipped, nil where it counts; numbers begin with 1 whatever
    ///   retention has removed.
    package func forEachBlock(_ body: (SealedBlock, DefinitionSet, String?) throws -> Void) throws {
        let offset = journal.index.first - 1
        for number in journal.index.first..<journal.index.next {
            let block = try journal.reader.read(number, in: journal.index)
            guard let set = sets[block.header.set] else {
                throw MessageError("block \(number) is under the set \(block.header.set), which no file begins with")
            }
            let skip = journal.end.skips.first { $0.number == number && $0.mark == block.header.mark }
            var header = block.header
            header.number -= offset
            header.synced = header.number - 1
            try body(SealedBlock(sealing: header, payload: block.payload), set, skip?.reason)
        }
    }
}

/// Some files in place of a folder's.
private struct ChosenFiles: FileSystem {
    private let paths: [String: String]
    private let system: any FileSystem

    init(paths: [String], on system: any FileSystem) {
        self.paths = Dictionary(paths.map { (Self.name($0), $0) }, uniquingKeysWith: { first, _ in first })
        self.system = system
    }

    private static func name(_ path: String) -> String { String(path.split(separator: "/").last ?? "") }

    func open(_ path: String, _ mode: FileOpenMode) throws(FileError) -> any File {
        try system.open(paths[Self.name(path)] ?? path, mode)
    }

    func list(_ directory: String) throws(FileError) -> [String] { paths.keys.sorted() }
    func freeBytes(at path: String) throws(FileError) -> Int64 { try system.freeBytes(at: path) }

    // Reading needs none of the rest.
    func lock(_ path: String) throws(FileError) -> (any FileLock)? { try system.lock(path) }
    func makeDirectory(_ path: String) throws(FileError) { try system.makeDirectory(path) }
    func rename(_ from: String, to: String) throws(FileError) { try system.rename(from, to: to) }
    func remove(_ path: String) throws(FileError) { try system.remove(path) }
    func synchronizeDirectory(_ path: String) throws(FileError) { try system.synchronizeDirectory(path) }
}
