import CZMQ
import Glibc

/// A thread for one service loop, outside Swift's cooperative pool, which must never be blocked by polling.
package struct LoopThread: ~Copyable {
    private let thread: pthread_t

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - name: Seen in `top -H` and debuggers; the kernel keeps the first 15 bytes.
    ///   - stackBytes: At least 64 KiB. Untouched stack costs address space only.
    ///   - body: Ends the thread by returning.
    package init(
        named name: String, stackBytes: Int = 8 << 20, body: @escaping @Sendable () -> Void
    ) throws(ZMQError) {
        precondition(stackBytes >= 64 << 10, "a loop thread needs 64 KiB of stack")
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, stackBytes)
        let work = Unmanaged.passRetained(ThreadWork(name: name, body: body))
        var thread = pthread_t()
        let status = pthread_create(&thread, &attributes, runThreadWork, work.toOpaque())
        guard status == 0 else {
            work.release()
            throw ZMQError(code: status, operation: .startThread)
        }
        self.thread = thread
    }

    /// A thread that nobody joins goes on by itself until its body returns.
    deinit { pthread_detach(thread) }

    /// Blocks until the body has returned. Not from the thread itself, nor from an `async` function.
    package consuming func join() {
        pthread_join(thread, nil)
        discard self
    }
}

/// Runs `body` on a thread of its own and suspends, blocking nobody, until it has returned or thrown.
package func runLoopThread<Outcome: Sendable>(
    named name: String, stackBytes: Int = 8 << 20, body: @escaping @Sendable () throws -> Outcome
) async throws -> Outcome {
    try await withCheckedThrowingContinuation { continuation in
        do {
            _ = try LoopThread(named: name, stackBytes: stackBytes) {
                continuation.resume(with: Result(catching: body))
            }
        } catch {
            continuation.resume(throwing: error)
        }
    }
}

private final class ThreadWork: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }
}

private func runThreadWork(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { preconditionFailure("a thread starts with its work") }
    let work = Unmanaged<ThreadWork>.fromOpaque(argument).takeRetainedValue()
    let kernelNameBytesMax = 15
    pthread_setname_np(pthread_self(), String(decoding: work.name.utf8.prefix(kernelNameBytesMax), as: UTF8.self))
    work.body()
    return nil
}
