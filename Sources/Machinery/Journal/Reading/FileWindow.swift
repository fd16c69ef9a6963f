#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A moving window over a file, so that reading in order costs one system call a window and no copies.
///
/// Used by one thread at a time.
final class FileWindow {
    let file: any File
    /// Size of the file when the window was made; what is written later is not seen.
    let size: Int64
    private let windowBytes: Int
    private var storage: UnsafeMutableRawBufferPointer
    private var start: Int64 = 0
    private var filled = 0

    init(_ file: any File, windowBytes: Int) throws(FileError) {
        self.file = file
        self.windowBytes = windowBytes
        size = try file.size()
        storage = .allocate(byteCount: windowBytes, alignment: 16)
    }

    deinit { storage.deallocate() }

    /// At most `count` bytes from `offset` on, fewer only where the file ends. Valid until the next call.
    func bytes(at offset: Int64, count: Int) throws(FileError) -> UnsafeRawBufferPointer {
        let wanted = Int(min(Int64(count), max(0, size - offset)))
        if offset < start || offset + Int64(wanted) > start + Int64(filled) { try fill(at: offset, atLeast: wanted) }
        let from = Int(offset - start)
        let available = min(wanted, max(0, filled - from))
        return UnsafeRawBufferPointer(rebasing: storage[from..<from + available])
    }

    private func fill(at offset: Int64, atLeast count: Int) throws(FileError) {
        if storage.count < count {
            storage.deallocate()
            storage = .allocate(byteCount: count, alignment: 16)
        }
        // A failed read must not leave the window claiming bytes it lost.
        filled = 0
        start = offset
        let wanted = Int(min(Int64(max(count, windowBytes)), size - offset))
        filled = try file.readFully(into: UnsafeMutableRawBufferPointer(rebasing: storage[..<wanted]), at: offset)
    }

    /// The line at `offset` without its newline; `nil` if none ends within `bytesMax`. Valid until the next call.
    func line(at offset: Int64, bytesMax: Int) throws(FileError) -> UnsafeRawBufferPointer? {
        var count = min(1024, bytesMax)
        while true {
            let found = try bytes(at: offset, count: count)
            if let start = found.baseAddress, let newline = memchr(start, 10, found.count) {
                return UnsafeRawBufferPointer(start: start, count: UnsafeRawPointer(newline) - start)
            }
            if count == bytesMax || found.count < count { return nil }
            count = min(4 * count, bytesMax)
        }
    }
}
