import Testing
import ZMQ

@Suite struct RefusalTests {
    @Test("a bind conflict names the endpoint and the next step")
    func conflict() throws {
        let context = try Context()
        let first = try Socket(context, .pull)
        let endpoint = try first.bind("tcp://127.0.0.1:*")
        let second = try Socket(context, .pull)
        let error = #expect(throws: ZMQError.self) { try second.bind(endpoint) }
        #expect(
            error?.description == "cannot bind to \(endpoint): Address already in use; "
                + "another process is bound to \(endpoint); stop it or choose another port")
        #expect(error?.operation == .bind)
        #expect(error?.endpoint == endpoint)
    }

    @Test(
        "a wrong endpoint says what would be right",
        arguments: [
            ("nonsense", "write it as tcp://HOST:PORT"),
            ("smoke://signal", "use tcp://, ipc:// or inproc://"),
            ("tcp://192.0.2.1:7401", "this machine has no such address"),
            ("tcp://nosuchinterface:7401", "no network interface has this name"),
        ])
    func endpoints(endpoint: String, step: String) throws {
        let socket = try Socket(Context(), .pull)
        let error = try #require(throws: ZMQError.self) { try socket.bind(endpoint) }
        #expect(error.description.contains(step), "\(error)")
        #expect(error.description.contains(endpoint))
    }

    @Test("an option that libzmq refuses is named")
    func option() throws {
        let error = try #require(throws: ZMQError.self) {
            _ = try Socket(Context(), .pull, options: SocketOptions { $0.receiveHighWaterMark = -1 })
        }
        #expect(error.operation == .setOption("receiveHighWaterMark"))
        #expect(error.description.contains("receiveHighWaterMark"))
    }

    @Test("sending twice on a REQ is an error and no trap")
    func outOfTurn() throws {
        let context = try Context()
        let rep = try Socket(context, .rep)
        let req = try Socket(context, .req)
        try rep.bind("inproc://turns")
        try req.connect("inproc://turns")
        try send(["one"], on: req)
        let error = try #require(throws: ZMQError.self) { _ = try req.send("two") }
        #expect(error.description.contains("in turn"), "\(error)")
    }

    @Test("a frame above maxMessageBytes costs its sender the connection, and nobody else anything")
    func tooLarge() throws {
        let context = try Context()
        let pull = try Socket(context, .pull, options: SocketOptions { $0.maxMessageBytes = 1000 })
        var monitor = try SocketMonitor(watching: pull)
        let endpoint = try pull.bind("tcp://127.0.0.1:*")
        let honest = try Socket(context, .push)
        try honest.connect(endpoint)
        try send([String(repeating: "x", count: 1000)], on: honest)
        #expect(try receive(pull)?.first?.utf8.count == 1000)
        #expect(try nextEvent(&monitor)?.kind == .accepted)
        #expect(try nextEvent(&monitor)?.kind == .handshakeSucceeded)

        let greedy = try Socket(context, .push, options: SocketOptions { $0.linger = 0 })
        try greedy.connect(endpoint)
        try send([String(repeating: "x", count: 1001)], on: greedy)
        #expect(try firstEvent(&monitor) { $0 == .disconnected } != nil)
        #expect(try receive(pull, withinMilliseconds: silenceMilliseconds) == nil)

        try send(["still here"], on: honest)
        #expect(try receive(pull) == ["still here"])
        monitor.stop()
    }

    @Test("terminating a context under an open socket stops the process with the reason instead of hanging it")
    func openSocket() async throws {
        let exit = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let context = try Context()
            let socket = try Socket(context, .pull)
            context.terminate()
            socket.close()
        }
        let text = String(decoding: exit.standardErrorContent, as: UTF8.self)
        #expect(text.contains("close every socket before terminating its context"))
    }

    @Test("milliseconds clamp and round up")
    func milliseconds() {
        #expect(Milliseconds(-5).count == 0)
        #expect(Milliseconds(Int.max).count == Int32.max)
        #expect(Milliseconds(.microseconds(1)).count == 1)
        #expect(Milliseconds(.milliseconds(1500)).count == 1500)
        #expect(Milliseconds(.seconds(-1)).count == 0)
        #expect(Milliseconds(.seconds(Int64.max)).count == Int32.max)
        #expect(Milliseconds.seconds(2) == 2000)
    }

    @Test("the loaded library is of a version this code was written for")
    func version() {
        let version = zmqVersion()
        #expect(version.major == 4)
        #expect(version.minor >= 3)
    }
}
