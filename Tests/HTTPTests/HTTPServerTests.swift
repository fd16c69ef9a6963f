import Runtime
import Testing

@testable import HTTP

@Suite(.timeLimit(.minutes(1))) struct HTTPServerTests {
    @Test func aConnectionAnswersManyRequests() async throws {
        try await Fixture().withServer { address, _ in
            let client = try SocketClient(address)
            for number in 1...3 {
                client.send(get("/api/v1/scores?metric=csat&segment=region%3Aeu+west&limit=\(number)"))
                let answer = try client.answer()
                #expect(answer.status == 200)
                #expect(answer.body == "csat region:eu west \(number)")
                #expect(answer.headers["content-type"] == "text/plain; charset=utf-8")
                #expect(answer.headers["date"] == "Sun, 06 Nov 1994 08:49:37 GMT")
            }
            client.send(get("/api/v1/alerts/a%2Fb") + get("/api/v1/alerts/open/"))
            #expect(try client.answer().body == "alert a/b")
            #expect(try client.answer().body == "open alerts")
        }
    }

    @Test func bodiesArriveWhole() async throws {
        try await Fixture().withServer { address, _ in
            let client = try SocketClient(address)
            let body = String(repeating: "0123456789", count: 10_000)
            client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: a/b\r\nContent-Length: \(body.count)\r\n\r\n")
            for piece in stride(from: 0, to: body.count, by: 33_333) {
                client.send(Array(body.utf8.dropFirst(piece).prefix(33_333)))
            }
            let answer = try client.answer()
            #expect(answer.body == body)
            #expect(answer.headers["content-type"] == "a/b")
            client.send(
                "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
            #expect(try client.answer().body == "abcde")
        }
    }

    @Test func healthReadinessAndMetricsAreBuiltIn() async throws {
        let fixture = Fixture()
        try await fixture.withServer { address, _ in
            let client = try SocketClient(address)
            client.send(get("/healthz"))
            #expect(try client.answer().status == 200)
            client.send(get("/readyz"))
            let starting = try client.answer()
            #expect(starting.status == 503)
            #expect(starting.headers["content-type"] == "application/json")
            #expect(starting.body.contains(#""name":"journal","ready":false,"reason":"starting""#))
            fixture.health.set("journal", .ready)
            client.send(get("/readyz"))
            #expect(try client.answer().status == 200)
            fixture.health.startDraining()
            client.send(get("/readyz"))
            #expect(try client.answer().status == 503)
            client.send(get("/metrics"))
            let metrics = try client.answer()
            #expect(metrics.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(metrics.body.contains("tideline_http_requests_total{status=\"503\"} 2\n"))
        }
    }

    @Test func headIsGetWithoutABody() async throws {
        try await Fixture().withServer { address, _ in
            let client = try SocketClient(address)
            client.send("HEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            let answer = try client.answer(hasBody: false)
            #expect(answer.status == 200)
            #expect(answer.headers["content-length"] == "14")
            client.send(get("/healthz"))
            #expect(try client.answer().body == #"{"alive":true}"#)
        }
    }

    @Test func aServerAsksForItsAddressOnlyOnce() async throws {
        try await Fixture().withServer { address, _ in
            #expect(address.hasPrefix("127.0.0.1:") && address != "127.0.0.1:0")
        }
    }

    @Test func aTakenAddressIsSaid() async throws {
        let fixture = Fixture()
        let (addresses, found) = AsyncStream.makeStream(of: String.self)
        let first = HTTPServer(address: "127.0.0.1:0", responder: fixture.responder(), logger: Fixture.quiet)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await first.run { found.yield($0) } }
            var iterator = addresses.makeAsyncIterator()
            let address = try #require(await iterator.next())
            let second = HTTPServer(address: address, responder: Fixture().responder(), logger: Fixture.quiet)
            let error = await #expect(throws: HTTPServerError.self) { try await second.run() }
            #expect(
                error?.description == "cannot listen for HTTP on \(address): Address already in use; "
                    + "stop what listens there or configure another address")
            first.shutdown()
            try await tasks.waitForAll()
        }
    }

    @Test func shutdownBeforeOrWhileStartingIsNoTrouble() async throws {
        for _ in 0..<20 {
            let server = HTTPServer(address: "127.0.0.1:0", responder: Fixture().responder(), logger: Fixture.quiet)
            server.shutdown()
            try await server.run()
        }
    }

    @Test func shutdownClosesIdleConnectionsAndFinishesOthers() async throws {
        let (starts, started) = AsyncStream.makeStream(of: Void.self)
        let (permits, permit) = AsyncStream.makeStream(of: Never.self)
        let fixture = Fixture()
        let slow = Route(.get, "/wait") { _ in
            started.yield()
            for await _ in permits {}
            return .text("finished")
        }
        let responder = Responder(
            routes: [slow], health: fixture.health, metrics: fixture.metrics, logger: Fixture.quiet)
        let server = HTTPServer(address: "127.0.0.1:0", responder: responder, logger: Fixture.quiet)
        let (addresses, found) = AsyncStream.makeStream(of: String.self)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await server.run { found.yield($0) } }
            var iterator = addresses.makeAsyncIterator()
            let address = try #require(await iterator.next())
            let (idle, busy) = try await blocking {
                let idle = try SocketClient(address)
                idle.send(get("/healthz"))
                #expect(try idle.answer().status == 200)
                let busy = try SocketClient(address)
                busy.send(get("/wait"))
                return (idle, busy)
            }
            var startIterator = starts.makeAsyncIterator()
            await startIterator.next()
            server.shutdown()
            try await blocking {
                let rest = try idle.rest()
                #expect(rest == "")
                permit.finish()
                let answer = try busy.answer()
                #expect(answer.body == "finished")
                #expect(busy.receive() == .closed)
            }
            try await tasks.waitForAll()
        }
    }

    @Test func cancellationEndsTheServer() async throws {
        let server = HTTPServer(address: "127.0.0.1:0", responder: Fixture().responder(), logger: Fixture.quiet)
        let (addresses, found) = AsyncStream.makeStream(of: String.self)
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try? await server.run { found.yield($0) } }
            for await address in addresses {
                try? await blocking {
                    let client = try SocketClient(address)
                    client.send(get("/healthz"))
                    let answer = try client.answer()
                    #expect(answer.status == 200)
                }
                break
            }
            tasks.cancelAll()
        }
    }
}
