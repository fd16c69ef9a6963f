#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The file system of the machine.
package struct POSIXFileSystem: FileSystem {
    package init() {}

    package func open(_ path: String, _ mode: FileOpenMode) throws(FileError) -> any File {
        let descriptor = retrying { openDescriptor(path, mode.flags | O_CLOEXEC, mode.permissions) }
        guard descriptor >= 0 else { throw FileError(.open, path, code: errno) }
        return POSIXFile(path: path, descriptor: descriptor)
    }

    package func lock(_ path: String) throws(FileError) -> (any FileLock)? {
        let descriptor = retrying { openDescriptor(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640) }
        guard descriptor >= 0 else { throw FileError(.lock, path, code: errno) }
        let held = POSIXFile(path: path, descriptor: descriptor)
        if retrying({ flock(descriptor, LOCK_EX | LOCK_NB) }) == 0 { return held }
        if errno == EWOULDBLOCK { return nil }
        throw FileError(.lock, path, code: errno)
    }

    package func makeDirectory(_ path: String) throws(FileError) {
        var built = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            built += part
            if mkdir(built, 0o750) != 0, errno != EEXIST, errno != EISDIR {
                throw FileError(.makeDirectory, built, code: errno)
            }
            built += "/"
        }
    }

    package func list(_ directory: String) throws(FileError) -> [String] {
        guard let stream = opendir(directory) else { throw FileError(.list, directory, code: errno) }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        guard errno == 0 else { throw FileError(.list, directory, code: errno) }
        return names
    }

    package func rename(_ from: String, to: String) throws(FileError) {
        guard renamePath(from, to) == 0 else { throw FileError(.rename, from, code: errno) }
    }

    package func remove(_ path: String) throws(FileError) {
        guard unlink(path) == 0 else { throw FileError(.remove, path, code: errno) }
    }

    package func synchronizeDirectory(_ path: String) throws(FileError) {
        let descriptor = retrying { openDescriptor(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0) }
        guard descriptor >= 0 else { throw FileError(.synchronizeDirectory, path, code: errno) }
        defer { closeDescriptor(descriptor) }
        guard fsync(descriptor) == 0 else { throw FileError(.synchronizeDirectory, path, code: errno) }
    }

    package func freeBytes(at path: String) throws(FileError) -> Int64 {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { throw FileError(.freeBytes, path, code: errno) }
        return Int64(status.f_bavail) &* Int64(status.f_frsize)
    }
}

/// One open descriptor; as a lock, holding it open holds the lock.
private final class POSIXFile: File, FileLock {
    let path: String
    private let descriptor: Int32

    init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit { closeDescriptor(descriptor) }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(FileError) -> Int {
        let count = retrying { pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset)) }
        guard count >= 0 else { throw FileError(.read, path, code: errno) }
        return count
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(FileError) -> Int {
        if bytes.isEmpty { return 0 }
        let count = retrying { pwrite(descriptor, bytes.baseAddress, bytes.count, off_t(offset)) }
        // POSIX leaves a result of zero open; it would make every caller loop for ever.
        guard count > 0 else { throw FileError(.write, path, code: count < 0 ? errno : EIO) }
        return count
    }

    func synchronize() throws(FileError) {
        #if canImport(Glibc)
        let result = fdatasync(descriptor)
        #else
        // fsync does not reach the platter on Darwin.
        let result = fcntl(descriptor, F_FULLFSYNC)
        #endif
        // EINTR counts as a failure: whether the pages reached the disk is unknown.
        guard result == 0 else { throw FileError(.synchronize, path, code: errno) }
    }

    func truncate(to size: Int64) throws(FileError) {
        guard retrying({ ftruncate(descriptor, off_t(size)) }) == 0 else {
            throw FileError(.truncate, path, code: errno)
        }
    }

    func size() throws(FileError) -> Int64 {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError(.size, path, code: errno) }
        return Int64(status.st_size)
    }
}

extension FileOpenMode {
    fileprivate var flags: Int32 {
        switch self {
        case .read: O_RDONLY
        case .update: O_RDWR
        case .create: O_RDWR | O_CREAT | O_EXCL
        case .createSecret, .replace: O_RDWR | O_CREAT | O_TRUNC
        }
    }

    fileprivate var permissions: mode_t { self == .createSecret ? 0o600 : 0o640 }
}

extension FileError {
    /// The disk or a quota is full: the same operation may succeed once there is room.
    package var isFull: Bool { code == ENOSPC || code == EDQUOT }

    /// The file or directory does not exist.
    var isMissing: Bool { code == ENOENT }
}

func systemErrorText(_ code: Int32) -> String {
    String(unsafeUninitializedCapacity: 256) { buffer in
        buffer.withMemoryRebound(to: CChar.self) { text in
            strerror_r(code, text.baseAddress!, text.count) == 0 ? strlen(text.baseAddress!) : 0
        }
    }
}

/// Repeats a system call that a signal interrupted before it did anything.
private func retrying<Result: SignedInteger>(_ call: () -> Result) -> Result {
    while true {
        let result = call()
        if result != -1 || errno != EINTR { return result }
    }
}

// Inside types with methods of the same names the system's functions would be hidden.
private func openDescriptor(_ path: String, _ flags: Int32, _ permissions: mode_t) -> Int32 {
    open(path, flags, permissions)
}

private func closeDescriptor(_ descriptor: Int32) { _ = close(descriptor) }

private func renamePath(_ from: String, _ to: String) -> Int32 { rename(from, to) }
