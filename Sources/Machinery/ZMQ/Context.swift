import CZMQ
import Glibc
import Synchronization

/// The I/O threads and the inproc names that sockets share. One per process is the rule; tests make their own.
///
/// Any thread may use a context. Every socket keeps its context alive.
//
// @unchecked: `handle` is a raw pointer, which Swift cannot see to be safe to share; libzmq documents its contexts as
// thread safe, the pointer never changes, and everything else is atomic.
package final class Context: @unchecked Sendable {
    let handle: UnsafeMutableRawPointer
    private let openSockets = Atomic<Int>(0)
    private let isTerminated = Atomic<Bool>(false)

    /// - Parameters:
    ///   - ioThreads: At least 1. One moves about a gigabyte a second; the services need no more.
    ///   - maxSockets: Sockets open at a time, monitors and their internal pairs included.
    package init(ioThreads: Int = 1, maxSockets: Int = 1023) throws(ZMQError) {
        precondition(ioThreads > 0 && maxSockets > 0, "a context needs an I/O thread and a socket")
        guard let handle = zmq_ctx_new() else { throw ZMQError(.createContext) }
        self.handle = handle
        guard zmq_ctx_set(handle, ZMQ_IO_THREADS, Int32(clamping: ioThreads)) == 0,
            zmq_ctx_set(handle, ZMQ_MAX_SOCKETS, Int32(clamping: maxSockets)) == 0
        else { throw ZMQError(.createContext) }
    }

    deinit { terminate() }

    /// Waits until everything sent has left or its linger time is over, then frees the I/O threads.
    ///
    /// Call it once at exit, after all sockets are closed: libzmq would wait for ever for an open one, so that is
    /// caught here as a programmer error. Calling it again does nothing. It blocks for the longest linger at most.
    package func terminate() {
        // Not a precondition: release builds drop its text, and an operator should read why the process stopped.
        guard openSockets.load(ordering: .acquiring) == 0 else {
            fatalError("close every socket before terminating its context")
        }
        guard !isTerminated.exchange(true, ordering: .acquiringAndReleasing) else { return }
        while zmq_ctx_term(handle) != 0, zmq_errno() == EINTR {}
    }

    func socketOpened() { openSockets.add(1, ordering: .relaxed) }

    func socketClosed() { openSockets.subtract(1, ordering: .releasing) }
}
