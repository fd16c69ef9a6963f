import Glibc
import Logging
import Synchronization
import Testing

@testable import Runtime

@Suite struct ServiceRunTests {
    private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    private let signals: AsyncStream<StopSignal>
    private let continuation: AsyncStream<StopSignal>.Continuation

    init() { (signals, continuation) = AsyncStream.makeStream(of: StopSignal.self) }

    private func run(
        drainTimeout: Duration = .seconds(60), cancelTimeout: Duration = .seconds(60),
        abandon: @escaping @Sendable (Runtime.ExitStatus) -> Void = { _ in Issue.record("abandoned") }
    ) -> ServiceRun {
        ServiceRun(drainTimeout: drainTimeout, cancelTimeout: cancelTimeout, logger: Self.quiet, abandon: abandon)
    }

    @Test func aServiceThatReturnsIsDone() async {
        #expect(await run()(signals, run: {}, drain: { _ in }) == .done)
    }

    @Test func aServiceThatThrowsFailed() async {
        struct Broken: Error {}
        #expect(await run()(signals, run: { throw Broken() }, drain: { _ in }) == .failed)
    }

    @Test func aSignalDrains() async {
        let (work, finish) = AsyncStream.makeStream(of: Never.self)
        continuation.yield(.terminate)
        let status = await run()(
            signals, run: { for await _ in work {} },
            drain: { signal in
                #expect(signal == .terminate)
                finish.finish()
            })
        #expect(status == .done)
    }

    @Test func aServiceThatDoesNotDrainIsCancelled() async {
        continuation.yield(.interrupt)
        let status = await run(drainTimeout: .milliseconds(1))(
            signals, run: { try await Task.sleep(for: .seconds(3600)) }, drain: { _ in })
        #expect(status == .failed)
    }

    @Test func aServiceThatDoesNotHeedThatIsAbandoned() async {
        let abandoned = Mutex<Runtime.ExitStatus?>(nil)
        let (stuck, free) = AsyncStream.makeStream(of: Never.self)
        continuation.yield(.interrupt)
        let status = await run(
            drainTimeout: .milliseconds(1), cancelTimeout: .milliseconds(1),
            abandon: { status in
                abandoned.withLock { $0 = status }
                free.finish()
            })(
                signals,
                run: {
                    // A task of its own does not hear of the cancellation.
                    await Task { for await _ in stuck {} }.value
                }, drain: { _ in })
        #expect(status == .failed)
        #expect(abandoned.withLock { $0 } == .failed)
    }
}

/// Signals are sent to a whole process, so each test has one of its own.
@Suite struct SignalTests {
    @Test func theFirstSignalDrainsAndTheStatusIsThatOfTheService() async {
        await #expect(processExitsWith: .exitCode(0)) {
            let (work, finish) = AsyncStream.makeStream(of: Never.self)
            let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let status = await ServiceRun(drainTimeout: .seconds(60), logger: quiet).untilSignal(
                run: {
                    kill(getpid(), SIGTERM)
                    for await _ in work {}
                }, drain: { _ in finish.finish() })
            exit(status.rawValue)
        }
    }

    @Test func aSecondSignalEndsTheProcessAtOnce() async {
        await #expect(processExitsWith: .exitCode(143)) {
            let (seen, see) = AsyncStream.makeStream(of: StopSignal.self)
            let watcher = SignalWatcher(onFirst: { see.yield($0) })
            kill(getpid(), SIGINT)
            for await signal in seen {
                if signal == .interrupt { kill(getpid(), SIGTERM) }
            }
            watcher.stop()
        }
    }

    @Test func signalsAreSeenWhenEveryOtherThreadBlocksThem() async {
        await #expect(processExitsWith: .exitCode(7)) {
            SignalWatcher.blockSignals()
            _ = SignalWatcher(onFirst: { _ in exit(7) })
            kill(getpid(), SIGTERM)
            while true { pause() }
        }
    }

    @Test func hangUpAndBrokenPipeAreIgnored() async {
        await #expect(processExitsWith: .exitCode(0)) {
            let watcher = SignalWatcher(onFirst: { _ in exit(9) })
            kill(getpid(), SIGHUP)
            kill(getpid(), SIGPIPE)
            watcher.stop()
            exit(0)
        }
    }

    @Test func afterTheWatcherSignalsWorkAsUsual() async {
        await #expect(processExitsWith: .signal(SIGTERM)) {
            let watcher = SignalWatcher(onFirst: { _ in exit(9) })
            watcher.stop()
            watcher.stop()
            kill(getpid(), SIGTERM)
            while true { pause() }
        }
    }
}
