import Runtime
import Testing

@testable import HTTP

/// What a client may do wrong; after each, the server answers the next one.
@Suite(.timeLimit(.minutes(1))) struct HostileClientTests {
    private func withServer(
        _ limits: HTTPLimits = HTTPLimits(), _ body: @escaping @Sendable (_ address: String) throws -> Void
    ) async throws {
        try await Fixture().withServer(limits) { address, _ in
            try body(address)
            let client = try SocketClient(address)
            client.send(get("/healthz"))
            #expect(try client.answer().status == 200)
        }
    }

    @Test(arguments: [
        "garbage\r\n\r\n", "\u{0}\u{1}\u{2}\u{3}", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "{\"json\":1}\n",
        "GET / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}",
    ])
    func garbageIsAnsweredWithBadRequestAndClosed(garbage: String) async throws {
        try await withServer { address in
            let client = try SocketClient(address)
            client.send(garbage)
            client.finishSending()
            let text = try client.rest()
            #expect(text.isEmpty || text.hasPrefix("HTTP/1.1 400 "), "\(text)")
        }
    }

    @Test func randomBytesDoNoHarm() async throws {
        try await withServer { address in
            var state: UInt64 = 7
            for length in stride(from: 1, to: 4000, by: 97) {
                let bytes = (0..<length).map { _ in
                    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    return UInt8(truncatingIfNeeded: state >> 40)
                }
                let client = try SocketClient(address)
                client.send(bytes)
                client.finishSending()
                _ = try client.rest()
            }
        }
    }

    @Test func connectionsThatComeAndGoDoNoHarm() async throws {
        try await withServer { address in
            for piece in ["", "G", "GET /heal", get("/healthz"), "POST /echo HTTP/1.1\r\nContent-Length: 10\r\n\r\nab"]
            {
                for _ in 0..<20 { try SocketClient(address).send(piece) }
            }
        }
    }

    @Test func largeHeadersAreRefused() async throws {
        var limits = HTTPLimits()
        limits.headBytesMax = 4096
        try await withServer(limits) { address in
            for head in [
                "GET /\(String(repeating: "x", count: 5000)) HTTP/1.1\r\n\r\n",
                get("/healthz", "X: \(String(repeating: "x", count: 5000))\r\n"),
                get("/healthz", (0..<50).map { "X\($0): \(String(repeating: "x", count: 100))\r\n" }.joined()),
            ] {
                let client = try SocketClient(address)
                client.send(head)
                #expect(try client.rest().hasPrefix("HTTP/1.1 400 "))
            }
        }
    }

    @Test func manyHeadersAreRefused() async throws {
        try await withServer { address in
            let client = try SocketClient(address)
            client.send(get("/healthz", (0..<200).map { "X\($0): x\r\n" }.joined()))
            #expect(try client.rest().hasPrefix("HTTP/1.1 400 "))
        }
    }

    @Test func aHeadWithoutEndIsCutOff() async throws {
        var limits = HTTPLimits()
        limits.idleTimeout = .milliseconds(200)
        try await withServer(limits) { address in
            let client = try SocketClient(address)
            client.send("GET /")
            // Ends when the server closes; the time limit of the suite is the test.
            while client.send([UInt8](repeating: UInt8(ascii: "x"), count: 1 << 16)) {}
        }
    }

    @Test(arguments: [
        "Content-Length: 1000000000\r\n\r\nabc", "Content-Length: 101\r\n\r\n\(String(repeating: "x", count: 101))",
        "Transfer-Encoding: chunked\r\n\r\n80\r\n\(String(repeating: "x", count: 128))\r\n0\r\n\r\n",
    ])
    func largeBodiesAreRefusedWithAnAnswer(rest: String) async throws {
        var limits = HTTPLimits()
        limits.bodyBytesMax = 100
        limits.lingerTimeout = .milliseconds(50)
        try await withServer(limits) { address in
            let client = try SocketClient(address)
            client.send("POST /echo HTTP/1.1\r\nHost: x\r\n\(rest)")
            let answer = try client.answer()
            #expect(answer.status == 413)
            #expect(answer.headers["connection"] == "close")
            #expect(answer.body == #"{"error":"the body is larger than 100B; send it in parts"}"#)
            #expect(client.receive() == .closed)
        }
    }

    @Test func aBodyOfExactlyTheLimitIsTaken() async throws {
        var limits = HTTPLimits()
        limits.bodyBytesMax = 100
        try await withServer(limits) { address in
            let client = try SocketClient(address)
            client.send(
                "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n\(String(repeating: "x", count: 100))")
            #expect(try client.answer().body.count == 100)
        }
    }

    @Test(arguments: ["", "GET /heal", "GET / HTTP/1.1\r\nHost:"])
    func aClientThatSaysNothingMoreIsClosed(beginning: String) async throws {
        var limits = HTTPLimits()
        limits.idleTimeout = .milliseconds(50)
        try await withServer(limits) { address in
            let client = try SocketClient(address)
            client.send(beginning)
            #expect(client.receive() == .closed)
        }
    }

    @Test(arguments: [get("/slow"), "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab"])
    func aRequestThatTakesTooLongIsClosed(request: String) async throws {
        var limits = HTTPLimits()
        limits.requestTimeout = .milliseconds(50)
        try await withServer(limits) { address in
            let client = try SocketClient(address)
            client.send(request)
            #expect(client.receive() == .closed)
        }
    }

    @Test func aClientThatDoesNotReadItsAnswerIsClosed() async throws {
        var limits = HTTPLimits()
        limits.requestTimeout = .milliseconds(500)
        limits.connectionsMax = 1
        try await withServer(limits) { address in
            let deaf = try SocketClient(address)
            deaf.send(get("/large"))
            // The one connection allowed is taken until the server gives the deaf client up.
            let next = try SocketClient(address)
            next.send(get("/healthz"))
            #expect(try next.answer().status == 200)
        }
    }

    @Test func connectionsBeyondTheLimitWait() async throws {
        var limits = HTTPLimits()
        limits.connectionsMax = 2
        try await withServer(limits) { address in
            let clients = try (0..<3).map { _ in try SocketClient(address) }
            for client in clients { client.send(get("/healthz")) }
            #expect(try clients[0].answer().status == 200)
            #expect(try clients[1].answer().status == 200)
            #expect(!clients[2].hasSomething(withinMilliseconds: 300))
            for client in clients.prefix(2) {
                client.finishSending()
                #expect(try client.rest() == "")
            }
            #expect(try clients[2].answer().status == 200)
        }
    }
}
