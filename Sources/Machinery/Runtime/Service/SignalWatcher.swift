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

/// Waits for SIGTERM and SIGINT on a thread of its own: the first one is handed to the service, a second one ends the
/// process at once with 128 + its number. SIGPIPE and SIGHUP are ignored.
///
/// Signals must be blocked before any other thread exists, since threads inherit the mask: call ``blockSignals()``
/// first thing in `main`, then ``init(onFirst:onSecond:)``.
package final class SignalWatcher: Sendable {
    /// What the thread needs; it outlives neither the watcher nor the process.
    private final class Waiting: Sendable {
        let onFirst: @Sendable (StopSignal) -> Void
        let onSecond: @Sendable (StopSignal) -> Void
        let stopping = Atomic<Bool>(false)

        init(onFirst: @escaping @Sendable (StopSignal) -> Void, onSecond: @escaping @Sendable (StopSignal) -> Void) {
            self.onFirst = onFirst
            self.onSecond = onSecond
        }
    }

    private let waiting: Waiting
    private let thread: Mutex<pthread_t?>

    /// Blocks SIGTERM and SIGINT in this thread and all it will create; ignores SIGPIPE and SIGHUP in the process.
    package static func blockSignals() {
        var signals = stopSignals()
        let result = pthread_sigmask(SIG_BLOCK, &signals, nil)
        assert(result == 0, "blocking signals cannot fail")
        signal(SIGPIPE, SIG_IGN)
        signal(SIGHUP, SIG_IGN)
    }

    /// Begins to wait.
    /// - Parameters:
    ///   - onFirst: called once on the watcher's thread; must return soon.
    ///   - onSecond: ends the process; replaced in tests only.
    package init(
        onFirst: @escaping @Sendable (StopSignal) -> Void,
        onSecond: @escaping @Sendable (StopSignal) -> Void = { _exit($0.exitStatus) }
    ) {
        waiting = Waiting(onFirst: onFirst, onSecond: onSecond)
        var handle = pthread_t()
        let argument = Unmanaged.passRetained(waiting).toOpaque()
        let result = pthread_create(
            &handle, nil,
            { argument in
                guard let argument else { return nil }
                SignalWatcher.wait(Unmanaged<Waiting>.fromOpaque(argument).takeRetainedValue())
                return nil
            }, argument)
        precondition(result == 0, "a thread can be made while the process starts")
        thread = Mutex(handle)
    }

    /// Ends the thread and waits for that. Signals stay blocked. Later calls do nothing.
    package func stop() {
        thread.withLock { thread in
            guard let handle = thread else { return }
            thread = nil
            waiting.stopping.store(true, ordering: .releasing)
            pthread_kill(handle, SIGTERM)
            pthread_join(handle, nil)
        }
    }

    /// Delivers a signal to the watcher alone, as if the process had got it.
    func deliver(_ signal: StopSignal) {
        thread.withLock { handle in
            guard let handle else { return }
            pthread_kill(handle, signal.rawValue)
        }
    }

    private static func wait(_ waiting: Waiting) {
        var signals = stopSignals()
        // The thread that made the watcher may not have blocked them; this one must.
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        var seen = false
        while true {
            var number: Int32 = 0
            guard sigwait(&signals, &number) == 0, let signal = StopSignal(rawValue: number) else { continue }
            if waiting.stopping.load(ordering: .acquiring) { return }
            if seen {
                waiting.onSecond(signal)
            } else {
                seen = true
                waiting.onFirst(signal)
            }
        }
    }

    private static func stopSignals() -> sigset_t {
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in StopSignal.allCases { sigaddset(&signals, signal.rawValue) }
        return signals
    }
}
