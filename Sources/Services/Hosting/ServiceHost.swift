import Glibc
import HTTP
import Logging
import Runtime
import Settings
import Synchronization
import ZMQ

/// Asks a service's loop to drain, from any thread.
package final class LoopControl: Sendable {
    private let stopping = Atomic<Bool>(false)
    /// Ends the loop's waiting; other threads of the service signal it too.
    package let wakeup: Wakeup

    package init() throws(ZMQError) { wakeup = try Wakeup() }

    package var isStopping: Bool { stopping.load(ordering: .acquiring) }

    package func stop() {
        stopping.store(true, ordering: .releasing)
        wakeup.signal()
    }
}

/// What every service stands on: logs, metrics, health, HTTP, signals, and one thread for its loop.
package struct ServiceHost: Sendable {
    /// The version of this release.
    package static let version = "0.1.0"

    package let name: String
    package let settings: TidelineSettings
    /// Random, 16 hexadecimal digits: names this life of the process.
    package let start: String
    package let logger: Logger
    package let metrics: MetricsRegistry
    package let health: Health
    package let control: LoopControl

    package init(name: String, settings: TidelineSettings, conditions: [String]) throws {
        self.name = name
        self.settings = settings
        let digits = String(UInt64.random(in: 1...UInt64.max), radix: 16)
        start = String(repeating: "0", count: 16 - digits.count) + digits
        let configuration = settings.configuration
        let log = ServiceLog(
            service: name, instance: start,
            level: Logger.Level(rawValue: configuration.string("log.level")) ?? .info,
            format: LogFormat(rawValue: configuration.string("log.format")) ?? .json)
        logger = log.logger()
        metrics = MetricsRegistry()
        metrics.addProcessMetrics(version: Self.version)
        health = Health(conditions: conditions)
        control = try LoopControl()
    }

    /// Runs the loop on its own thread, and HTTP beside it, until a signal; then drains.
    ///
    /// - Parameters:
    ///   - http: address of health, metrics and `routes`.
    ///   - loop: returns when ``control`` asks it to stop and everything is finished; throws when the service cannot go on.
    package func run(
        http: String, routes: [Route], loop: @escaping @Sendable () throws -> Void
    ) async -> ExitStatus {
        let server = HTTPServer(
            address: http, responder: Responder(routes: routes, health: health, metrics: metrics, logger: logger),
            logger: logger)
        if settings.configuration.boolean("insecure") {
            logger.warning("insecure is set: anyone who reaches the ports can read and write")
        }
        logger.info("starting", metadata: ["version": .string(Self.version), "data": .string(settings.data)])
        let run = ServiceRun(
            drainTimeout: settings.configuration.duration("drainTimeout"), logger: logger)
        return await run.untilSignal {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await server.run() }
                group.addTask {
                    defer { server.shutdown() }
                    defer { health.loopEnded() }
                    try await runLoopThread(named: name, body: loop)
                }
                do {
                    try await group.next()
                    control.stop()
                    try await group.waitForAll()
                } catch {
                    control.stop()
                    server.shutdown()
                    throw error
                }
            }
        } drain: { _ in
            health.startDraining()
            control.stop()
        }
    }
}
