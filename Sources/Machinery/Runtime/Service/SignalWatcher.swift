import Glibc
import Synchronization

/// A signal that asks a service to stop.
package enum StopSignal: Int32, Sendable, CaseIterable {
    case terminate = 15
    case interrupt = 2

    package var name: String {
        switch self {
        case .terminate: "SIGTERM"
        case .interrupt: "SIGINT"
        }
    }

    /// The status a shell gives to a process this signal ended.
    package var exitStatus: Int32 { 128 + rawValue }
}

/// Catches SIGTERM and SIGINT: the first one is handed to the service on a thread of the watcher, a second one ends
/// the process at once with 128 + its number. SIGPIPE and SIGHUP are ignored.
///
/// Signals are caught by a handler and not by `sigwait` alone, because a program with an asynchronous main gives its
/// first thread to libdispatch, which waits there with nothing blocked: a signal would end the process. At most one
/// watcher may be at work in a process.
package final class SignalWatcher: Sendable {
    private let readEnd: Int32
    private let writeEnd: Int32
    private let thread: Mutex<pthread_t?>

    /// Blocks SIGTERM and SIGINT in this thread and all it will create, so that they do not interrupt system calls
    /// there. Call it first thing in `main`; the watcher's own thread stays open to them.
    package static func blockSignals() {
        var signals = stopSignals()
        let result = pthread_sigmask(SIG_BLOCK, &signals, nil)
        assert(result == 0, "blocking signals cannot fail")
    }

    /// Begins to watch.
    /// - Parameter onFirst: called once, on the watcher's thread.
    package init(onFirst: @escaping @Sendable (StopSignal) -> Void) {
        var ends: [Int32] = [-1, -1]
        precondition(pipe(&ends) == 0, "a pipe can be made while the process starts")
        (readEnd, writeEnd) = (ends[0], ends[1])
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        signalsSeen.store(0, ordering: .relaxed)
        let (_, previous) = signalPipe.compareExchange(
            expected: -1, desired: writeEnd, ordering: .sequentiallyConsistent)
        precondition(previous == -1, "another watcher is at work")

        let waiting = Waiting(readEnd: readEnd, onFirst: onFirst)
        var handle = pthread_t()
        let result = pthread_create(
            &handle, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Waiting>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, Unmanaged.passRetained(waiting).toOpaque())
        precondition(result == 0, "a thread can be made while the process starts")
        thread = Mutex(handle)

        signal(SIGPIPE, SIG_IGN)
        signal(SIGHUP, SIG_IGN)
        for stop in StopSignal.allCases { Self.setAction(of: stop, handleStopSignal) }
    }

    /// Ends the thread and waits for that; later signals have their usual effect again. Later calls do nothing.
    package func stop() {
        thread.withLock { thread in
            guard let handle = thread else { return }
            thread = nil
            for stop in StopSignal.allCases { Self.setAction(of: stop, SIG_DFL) }
            signalPipe.store(-1, ordering: .sequentiallyConsistent)
            // No signal has the number 0.
            var nothing: UInt8 = 0
            write(writeEnd, &nothing, 1)
            pthread_join(handle, nil)
            close(readEnd)
            close(writeEnd)
        }
    }

    private static func setAction(of stop: StopSignal, _ handler: sighandler_t?) {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = handler
        action.sa_flags = SA_RESTART
        let result = sigaction(stop.rawValue, &action, nil)
        assert(result == 0, "these signals can be caught")
    }

    private static func stopSignals() -> sigset_t {
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in StopSignal.allCases { sigaddset(&signals, signal.rawValue) }
        return signals
    }

    /// What the watcher's thread does.
    private final class Waiting: Sendable {
        let readEnd: Int32
        let onFirst: @Sendable (StopSignal) -> Void

        init(readEnd: Int32, onFirst: @escaping @Sendable (StopSignal) -> Void) {
            self.readEnd = readEnd
            self.onFirst = onFirst
        }

        func run() {
            // Where every other thread blocks them, signals are caught here.
            var signals = SignalWatcher.stopSignals()
            pthread_sigmask(SIG_UNBLOCK, &signals, nil)
            var number: UInt8 = 0
            while true {
                let count = read(readEnd, &number, 1)
                if count < 0, errno == EINTR { continue }
                guard count == 1, let signal = StopSignal(rawValue: Int32(number)) else { return }
                onFirst(signal)
            }
        }
    }
}

// A signal handler can reach globals only. Both are set up before it is installed.

/// Write end of the watcher's pipe; -1 when nobody watches.
private let signalPipe = Atomic<Int32>(-1)
private let signalsSeen = Atomic<Int>(0)

/// Does only what a handler may (signal-safety(7)): atomics, `write`, `_exit`.
private func handleStopSignal(_ number: Int32) {
    let interrupted = errno
    if signalsSeen.add(1, ordering: .sequentiallyConsistent).oldValue > 0 { _exit(128 + number) }
    var byte = UInt8(truncatingIfNeeded: number)
    write(signalPipe.load(ordering: .sequentiallyConsistent), &byte, 1)
    errno = interrupted
}
