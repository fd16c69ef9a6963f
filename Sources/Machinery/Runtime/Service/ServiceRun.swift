import Glibc
import Logging

/// Runs a service from start to exit status: until it ends by itself, or until a signal asks it to drain.
///
/// Everything runs in tasks that end before ``callAsFunction(_:run:drain:)`` returns; only a service that neither
/// drains in time nor heeds cancellation is abandoned, by ending the process.
package struct ServiceRun: Sendable {
    /// How long draining may take before the service is cancelled.
    package let drainTimeout: Duration
    /// How long a cancelled service may take to return before the process ends without it.
    package let cancelTimeout: Duration
    package let logger: Logger
    private let abandon: @Sendable (ExitStatus) -> Void

    /// - Parameter abandon: ends the process; replaced in tests only.
    package init(
        drainTimeout: Duration, cancelTimeout: Duration = .seconds(2), logger: Logger,
        abandon: @escaping @Sendable (ExitStatus) -> Void = { _exit($0.rawValue) }
    ) {
        self.drainTimeout = drainTimeout
        self.cancelTimeout = cancelTimeout
        self.logger = logger
        self.abandon = abandon
    }

    private enum Event: Sendable {
        case signalled(StopSignal)
        case returned
        case threw(String)
        case drainTookTooLong
        case cancelTookTooLong
        /// A child that has nothing to say ended.
        case nothing
    }

    /// The same with the signals of the process. ``SignalWatcher/blockSignals()`` should have been called first thing
    /// in `main`, so that signals interrupt no system call elsewhere.
    package func untilSignal(
        run: @escaping @Sendable () async throws -> Void, drain: @escaping @Sendable (StopSignal) async -> Void
    ) async -> ExitStatus {
        let (signals, continuation) = AsyncStream.makeStream(of: StopSignal.self)
        let watcher = SignalWatcher(onFirst: { signal in
            continuation.yield(signal)
            continuation.finish()
        })
        defer { watcher.stop() }
        return await callAsFunction(signals, run: run, drain: drain)
    }

    /// - Parameters:
    ///   - signals: only the first counts.
    ///   - run: the whole service; returns when it has drained, throws when it cannot go on.
    ///   - drain: asks `run` to finish what is in flight and return; called at most once.
    /// - Returns: `done` when `run` returned, `failed` when it threw or had to be cancelled.
    package func callAsFunction(
        _ signals: AsyncStream<StopSignal>, run: @escaping @Sendable () async throws -> Void,
        drain: @escaping @Sendable (StopSignal) async -> Void
    ) async -> ExitStatus {
        let (cancellation, cancel) = AsyncStream.makeStream(of: Never.self)
        return await withTaskGroup(of: Event.self) { group in
            // Everything else in the group only waits, and ends with the service.
            defer { group.cancelAll() }
            var status = ExitStatus.done
            group.addTask { await Self.event(of: run, cancelledBy: cancellation) }
            group.addTask {
                for await signal in signals { return .signalled(signal) }
                return .nothing
            }
            while let event = await group.next() {
                switch event {
                case .signalled(let signal):
                    logger.info("draining", metadata: ["signal": .string(signal.name)])
                    group.addTask {
                        await drain(signal)
                        return .nothing
                    }
                    group.addTask { await Self.waited(drainTimeout) ? .drainTookTooLong : .nothing }
                case .drainTookTooLong:
                    status = .failed
                    logger.critical("draining took too long, cancelling", metadata: ["limit": "\(drainTimeout)"])
                    cancel.finish()
                    group.addTask { await Self.waited(cancelTimeout) ? .cancelTookTooLong : .nothing }
                case .cancelTookTooLong:
                    logger.critical("cancellation was not heeded, ending the process")
                    abandon(.failed)
                    return .failed
                case .returned:
                    logger.info("stopped")
                    return status
                case .threw(let error):
                    // A service that was cancelled above ends with the error of that.
                    if status == .done { logger.critical("failed", metadata: ["error": .string(error)]) }
                    return .failed
                case .nothing: break
                }
            }
            return status
        }
    }

    /// Runs the service to its end, cancelling it when the stream finishes.
    private static func event(
        of run: @escaping @Sendable () async throws -> Void, cancelledBy cancellation: AsyncStream<Never>
    ) async -> Event {
        do {
            return try await withThrowingTaskGroup(of: Bool.self) { group in
                defer { group.cancelAll() }
                group.addTask {
                    try await run()
                    return true
                }
                group.addTask {
                    for await _ in cancellation {}
                    return false
                }
                while let hasRun = try await group.next() {
                    if hasRun { break }
                    group.cancelAll()
                }
                return .returned
            }
        } catch {
            return .threw("\(error)")
        }
    }

    /// - Returns: false when cancelled before the time was over.
    private static func waited(_ duration: Duration) async -> Bool {
        do {
            try await Task.sleep(for: duration)
            return true
        } catch {
            return false
        }
    }
}
