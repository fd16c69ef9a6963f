import Logging
import Runtime
import Testing

@testable import HTTP

/// What a test's server is made of.
struct Fixture: Sendable {
    let health = Health(conditions: ["journal"])
    let metrics = MetricsRegistry()
    static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    struct Broken: Error {}

    var routes: [Route] {
        [
            Route(.get, "/api/v1/scores") { request in
                try request.allowOnly(["metric", "segment", "limit"])
                let metric = try request.requiredText("metric")
                let limit = try request.integer("limit", in: 1...1000, default: 100)
                return .text("\(metric) \(try request.text("segment") ?? "total") \(limit)")
            },
            Route(.get, "/api/v1/alerts/{id}") { .text("alert \($0.parameter("id"))") },
            Route(.get, "/api/v1/alerts/open") { _ in .text("open alerts") },
            Route(.post, "/echo") { request in
                HTTPResponse(contentType: request.header("CONTENT-type") ?? "none", body: request.body)
            },
            Route(.get, "/broken") { _ in throw Broken() },
            Route(.get, "/large") { _ in .text(String(repeating: "x", count: 64 << 20)) },
            Route(.get, "/slow") { _ in
                try await Task.sleep(for: .seconds(3600))
                return .text("late")
            },
        ]
    }

    func responder() -> Responder { Responder(routes: routes, health: health, metrics: metrics, logger: Self.quiet) }

    /// Runs a server on a free port while the body runs, then shuts it down and waits for its end.
    func withServer(
        _ limits: HTTPLimits = HTTPLimits(), _ body: @escaping @Sendable (_ address: String, HTTPServer) throws -> Void
    ) async throws {
        let server = HTTPServer(
            address: "127.0.0.1:0", responder: responder(), limits: limits,
            clock: ManualClock(wallMilliseconds: 784_111_777_000).wall, logger: Self.quiet)
        let (addresses, found) = AsyncStream.makeStream(of: String.self)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await server.run { found.yield($0) } }
            tasks.addTask {
                defer { server.shutdown() }
                for await address in addresses {
                    return try await blocking { try body(address, server) }
                }
            }
            try await tasks.waitForAll()
        }
    }
}

func get(_ target: String, _ headers: String = "") -> String { "GET \(target) HTTP/1.1\r\nHost: x\r\n\(headers)\r\n" }
