import Alerting
import HTTP
import JSON
import Logging
import Runtime
import Testing

/// Runs a real server of these routes, and hands its address to `body`.
private func withServer(_ routes: [Route], _ body: (String) async throws -> Void) async throws {
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let server = HTTPServer(
        address: "127.0.0.1:0",
        responder: Responder(
            routes: routes, health: Health(conditions: []), metrics: MetricsRegistry(), logger: logger),
        logger: logger)
    let (addresses, listening) = AsyncStream.makeStream(of: String.self)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            defer { listening.finish() }
            try await server.run { listening.yield($0) }
        }
        var address: String?
        for await found in addresses {
            address = found
            break
        }
        let outcome: Result<Void, any Error>
        do {
            try await body(try #require(address))
            outcome = .success(())
        } catch { outcome = .failure(error) }
        server.shutdown()
        try await group.waitForAll()
        try outcome.get()
    }
}

private func ask(_ proxy: CommentsProxy, _ path: String, _ query: [(String, String)]) async throws -> HTTPResponse {
    let route = try #require(proxy.routes.first { $0.pattern == path })
    return try await route.handler(
        HTTPRequest(path: path, query: query.map { HTTPRequest.Item(name: $0, value: $1) }))
}

private func text(_ response: HTTPResponse) -> String { String(decoding: response.body, as: UTF8.self) }

@Suite struct CommentsProxyTests {
    @Test func questionsArePassedOnWordForWord() async throws {
        let ingest = Route(.get, "/api/v1/comments") { request in
            .json(Array(JSONTree.object(request.query.map { ($0.name, .string($0.value)) }).text.utf8))
        }
        try await withServer([ingest]) { address in
            let answer = try await ask(
                CommentsProxy(address: address), "/api/v1/comments",
                [("segment", "region:eu,channel:e&mail=1"), ("contains", "Größe 100% + доставка"), ("to", "")])
            #expect(answer.status == 200 && answer.contentType == "application/json")
            #expect(
                text(answer)
                    == #"{"segment":"region:eu,channel:e&mail=1","contains":"Größe 100% + доставка","to":""}"#)
        }
    }

    @Test func refusalsArePassedOn() async throws {
        let ingest = Route(.get, "/api/v1/words") { request in
            if request.query.isEmpty { return .error("too few", status: 403) }
            throw QueryError("limit", "is wrong")
        }
        try await withServer([ingest]) { address in
            let proxy = CommentsProxy(address: address)
            let forbidden = try await ask(proxy, "/api/v1/words", [])
            let wrong = try await ask(proxy, "/api/v1/words", [("limit", "0")])
            let unknown = try await ask(proxy, "/api/v1/comments", [])
            #expect(forbidden == .error("too few", status: 403))
            #expect(wrong == .error("query limit is wrong", status: 400))
            #expect(unknown.status == 404)
        }
    }

    @Test func anAbsentIngestIsSaid() async throws {
        // The address of a server that has just gone.
        var address = ""
        try await withServer([]) { address = $0 }
        let answer = try await ask(CommentsProxy(address: address), "/api/v1/comments", [("contains", "secret")])
        #expect(answer.status == 503)
        #expect(text(answer).contains(address) && text(answer).contains("alerting.comments"))
        #expect(!text(answer).contains("secret"))
    }
}
