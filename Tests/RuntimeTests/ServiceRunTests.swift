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

    @Test func theSecondSignalIsHandedOnAsTheSecond() async {
        let (seen, see) = AsyncStream.makeStream(of: String.self)
        let watcher = SignalWatcher(
            onFirst: { see.yield("first \($0.name)") }, onSecond: { see.yield("second \($0.name) \($0.exitStatus)") })
        var iterator = seen.makeAsyncIterator()
        watcher.deliver(.terminate)
        #expect(await iterator.next() == "first SIGTERM")
        watcher.deliver(.interrupt)
        #expect(await iterator.next() == "second SIGINT 130")
        watcher.stop()
        watcher.stop()
    }

    @Test func aSecondSignalEndsTheProcess() async {
        await #expect(processExitsWith: .exitCode(143)) {
            let (seen, see) = AsyncStream.makeStream(of: StopSignal.self)
            let watcher = SignalWatcher(onFirst: { see.yield($0) })
            watcher.deliver(.interrupt)
            for await _ in seen { watcher.deliver(.terminate) }
        }
    }
}
