/// Writes dead letters to files with a limit of their own. Used by one thread, not the loop's.
///
/// Nothing is synced: a power loss may take the last letters, never a response.
package final class DeadLetterWriter: @unchecked Sendable {
    // Unchecked because its state is guarded by the rule above: it is handed over once and used by that thread alone.
    private let fileSystem: any FileSystem
    private let directory: String
    private let options: DeadLetterOptions
    /// Oldest first, the one being written last.
    private var files: [(number: UInt64, bytes: Int64)] = []
    private var current: (any File)?
    /// Of all files made, also those removed since.
    private var highestNumber: UInt64 = 0
    /// Letters removed with the oldest file, or not written because the disk refused.
    package private(set) var lost: UInt64 = 0
    /// Letters written since the start.
    package private(set) var written: UInt64 = 0

    /// Makes the directory and finds the files of earlier runs; writing begins in a new file.
    package init(
        fileSystem: any FileSystem, directory: String, options: DeadLetterOptions = DeadLetterOptions()
    ) throws(JournalError) {
        self.fileSystem = fileSystem
        self.directory = directory
        self.options = options
        files = try journaling { () throws(FileError) in
            try fileSystem.makeDirectory(directory)
            var found: [(UInt64, Int64)] = []
            for number in try fileSystem.list(directory).compactMap(Self.number).sorted() {
                found.append((number, try fileSystem.open(directory + "/" + Self.name(number), .read).size()))
            }
            return found
        }
    }

    /// Bytes of all files.
    package var bytes: Int64 { files.reduce(0) { $0 + $1.bytes } }

    /// Appends whole lines from `DeadLetterBuffer.takeAll`. When the disk refuses, they are lost and counted, and the
    /// error is thrown for the log.
    package func write(_ lines: [UInt8]) throws(JournalError) {
        if lines.isEmpty { return }
        let letters = UInt64(count(lines))
        do throws(FileError) {
            try makeRoom(for: Int64(lines.count))
            let file = try fileToAppendTo()
            try file.writeFully(lines, at: files[files.count - 1].bytes)
            files[files.count - 1].bytes += Int64(lines.count)
            written += letters
        } catch {
            // The next letters begin a new file, so a line cut short stays the last of its own.
            current = nil
            lost += letters
            throw JournalError(error)
        }
    }

    private func makeRoom(for count: Int64) throws(FileError) {
        while let oldest = files.first, bytes + count > options.deadLetterBytesMax {
            let path = directory + "/" + Self.name(oldest.number)
            lost += UInt64(self.count(try fileSystem.open(path, .read).bytes(at: 0, count: Int(oldest.bytes))))
            try fileSystem.remove(path)
            files.removeFirst()
            if files.isEmpty { current = nil }
        }
    }

    private func fileToAppendTo() throws(FileError) -> any File {
        if let current, let last = files.last, last.bytes < options.fileBytesMax { return current }
        let number = (files.last?.number ?? highestNumber) + 1
        let file = try fileSystem.open(directory + "/" + Self.name(number), .replace)
        highestNumber = number
        files.append((number, 0))
        current = file
        return file
    }

    private func count(_ lines: [UInt8]) -> Int { lines.reduce(0) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) } }

    private static func name(_ number: UInt64) -> String { "rejected-\(decimal(number, digits: 20)).jsonl" }

    private static func number(_ name: String) -> UInt64? {
        guard name.hasPrefix("rejected-"), name.hasSuffix(".jsonl") else { return nil }
        return UInt64(name.dropFirst(9).dropLast(6)).flatMap { Self.name($0) == name ? $0 : nil }
    }
}
