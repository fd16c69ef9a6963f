/// The operations on files that the journal needs, and no more, so that a simulated disk can stand in for a real one.
///
/// Methods may be called from any thread. All paths are used as given. Every failure carries the operation, the path
/// and the system's error number.
package protocol FileSystem: Sendable {
    /// Opens a file. The file closes when the last reference to it goes.
    func open(_ path: String, _ mode: FileOpenMode) throws(FileError) -> any File

    /// Takes the exclusive lock on a file, which is made if absent. `nil` when another holder has it.
    /// The lock is released when the last reference to it goes, or the process ends.
    func lock(_ path: String) throws(FileError) -> (any FileLock)?

    /// Makes a directory and those above it; existing ones are fine.
    func makeDirectory(_ path: String) throws(FileError)

    /// Names (not paths) in a directory, in no particular order, without `.` and `..`.
    func list(_ directory: String) throws(FileError) -> [String]

    /// Replaces `to` by `from` atomically. Durable after `synchronizeDirectory`.
    func rename(_ from: String, to: String) throws(FileError)

    /// Removes a file; open references stay usable. Durable after `synchronizeDirectory`.
    func remove(_ path: String) throws(FileError)

    /// Makes the entries of a directory durable.
    func synchronizeDirectory(_ path: String) throws(FileError)

    /// Bytes an unprivileged process may still write to the file system that holds `path`.
    func freeBytes(at path: String) throws(FileError) -> Int64
}

/// An open file.
package protocol File: AnyObject, Sendable {
    /// The path the file was opened under; for messages.
    var path: String { get }

    /// Reads at most `buffer.count` bytes; 0 at and behind the end. May read less than asked for.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(FileError) -> Int

    /// Writes at least one byte of a non-empty buffer and says how many. May write less than given.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(FileError) -> Int

    /// Makes content and size durable. After a failure nothing is known about what was written since the last success,
    /// and a later success proves nothing about it.
    func synchronize() throws(FileError)

    /// Shortens or lengthens the file. Durable after `synchronize`.
    func truncate(to size: Int64) throws(FileError)

    func size() throws(FileError) -> Int64
}

/// A held lock; dropping it releases it.
package protocol FileLock: AnyObject, Sendable {}

package enum FileOpenMode: Sendable {
    /// The file must exist.
    case read
    /// The file must exist.
    case update
    /// The file must not exist; readable by owner and group.
    case create
    /// Replaces what exists; readable by the owner alone.
    case createSecret
    /// Replaces what exists.
    case replace
}

/// A failed operation of the file system.
package struct FileError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Operation: String, Sendable {
        case open, lock, makeDirectory, list, rename, remove, synchronizeDirectory, freeBytes
        case read, write, synchronize, truncate, size
    }

    package var operation: Operation
    package var path: String
    /// The system's error number (`errno`).
    package var code: Int32

    package init(_ operation: Operation, _ path: String, code: Int32) {
        self.operation = operation
        self.path = path
        self.code = code
    }

    package var description: String { "\(operation.rawValue) \(path): \(systemErrorText(code)) (errno \(code))" }
}

extension File {
    /// Reads until the buffer is full or the file ends; says how many bytes it got.
    func readFully(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(FileError) -> Int {
        var done = 0
        while done < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            let count = try read(into: rest, at: offset + Int64(done))
            if count == 0 { break }
            done += count
        }
        return done
    }

    /// Writes everything, however often the file system takes only a part.
    func writeFully(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(FileError) {
        var done = 0
        while done < bytes.count {
            done += try write(UnsafeRawBufferPointer(rebasing: bytes[done...]), at: offset + Int64(done))
        }
    }

    func writeFully(_ bytes: [UInt8], at offset: Int64) throws(FileError) {
        try bytes.withRawBytes { (buffer) throws(FileError) in try writeFully(buffer, at: offset) }
    }

    /// The bytes of a range, fewer where the file ends.
    package func bytes(at offset: Int64, count: Int) throws(FileError) -> [UInt8] {
        let storage = UnsafeMutableRawBufferPointer.allocate(byteCount: max(count, 1), alignment: 16)
        defer { storage.deallocate() }
        let got = try readFully(into: UnsafeMutableRawBufferPointer(rebasing: storage[..<count]), at: offset)
        return [UInt8](storage[..<got])
    }
}

extension FileSystem {
    /// Replaces a small file as a whole: afterwards, and after any crash, it holds either the old or the new bytes.
    func replaceFile(_ name: String, in directory: String, with bytes: [UInt8], secret: Bool = false) throws(FileError)
    {
        let path = directory + "/" + name
        let file = try open(path + temporarySuffix, secret ? .createSecret : .replace)
        try file.writeFully(bytes, at: 0)
        try file.synchronize()
        try rename(path + temporarySuffix, to: path)
        try synchronizeDirectory(directory)
    }
}

/// Ends the names of files being made; whatever has it at start is removed.
let temporarySuffix = ".tmp"
