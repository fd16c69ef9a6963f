import CZMQ
import Glibc

/// Lets any thread end the waiting of a poll loop: the loop polls `fileDescriptor`, the others call `signal`.
///
/// Signals do not queue: any number of them before a `drain` is one.
package final class Wakeup: Sendable {
    /// Readable from a `signal` until the next `drain`. It belongs to this object.
    package let fileDescriptor: Int32

    package init() throws(ZMQError) {
        fileDescriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard fileDescriptor >= 0 else { throw ZMQError(code: errno, operation: .createWakeup) }
    }

    deinit { close(fileDescriptor) }

    /// From any thread; also from a signal handler, as it is one `write`.
    package func signal() {
        var one: UInt64 = 1
        // EAGAIN means that 2^64 - 1 signals are pending: the loop is awake already.
        while write(fileDescriptor, &one, 8) < 0, errno == EINTR {}
    }

    /// Takes the signals back. The loop calls it before it looks for work, so that no signal is lost.
    ///
    /// - Returns: Whether there had been any.
    @discardableResult
    package func drain() -> Bool {
        var count: UInt64 = 0
        while true {
            if read(fileDescriptor, &count, 8) == 8 { return true }
            if errno != EINTR { return false }
        }
    }
}
