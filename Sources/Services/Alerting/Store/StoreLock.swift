import Foundation
import Glibc

/// The exclusive hold on a trend store's folder, so that two processes never add to the same lines.
///
/// Held until the last reference goes or the process ends, however it ends.
package final class StoreLock: Sendable {
    private let descriptor: Int32

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { _ = close(descriptor) }

    /// Takes the lock beside a trend store, making its folder where there is none.
    ///
    /// - Parameter path: of the trend store.
    /// - Returns: nil when another process holds it.
    /// - Throws: ``TrendStoreError`` naming the file.
    package static func take(beside path: String) throws(TrendStoreError) -> StoreLock? {
        let folder = (path as NSString).deletingLastPathComponent
        let file = folder + "/lock"
        do { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) } catch {
            throw TrendStoreError("the folder \(folder) of the trend store cannot be made: \(error)")
        }
        let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else {
            throw TrendStoreError("\(file) cannot be opened: \(String(cString: strerror(errno)))")
        }
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let code = errno
            if code == EINTR { continue }
            _ = close(descriptor)
            if code == EWOULDBLOCK { return nil }
            throw TrendStoreError("\(file) cannot be locked: \(String(cString: strerror(code)))")
        }
        return StoreLock(descriptor: descriptor)
    }
}
