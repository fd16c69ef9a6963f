import Testing
import ZMQ

@Suite struct CurveTests {
    private let server = try! CurveKeyPair.generate()
    private let client = try! CurveKeyPair.generate()
    private let domain = "integrators"

    private func serverOptions() -> SocketOptions {
        SocketOptions { $0.curve = .server(secretKey: server.secretKey, zapDomain: domain) }
    }

    private func clientOptions(_ keys: CurveKeyPair) -> SocketOptions {
        SocketOptions {
            $0.linger = 0
            $0.curve = .client(serverKey: server.publicKey, keys: keys)
        }
    }

    @Test("a known client gets in, and its frames carry its name")
    func admitted() throws {
        let context = try Context()
        var gate = try CurveGate(context, clients: [domain: [client.publicKey: "survey-tool"]])
        let pull = try Socket(context, .pull, options: serverOptions())
        var monitor = try SocketMonitor(watching: pull)
        let endpoint = try pull.bind("tcp://127.0.0.1:*")
        let push = try Socket(context, .push, options: clientOptions(client))
        try push.connect(endpoint)

        #expect(try outcome(of: &gate, &monitor) == .handshakeSucceeded)
        try send(["secret"], on: push)
        var poller = Poller()
        _ = poller.add(pull)
        #expect(try poller.wait(timeoutMilliseconds: patienceMilliseconds) == 1)
        var frame = Frame()
        #expect(try pull.receive(into: &frame))
        #expect(frame.bytes.elementsEqual("secret".utf8))
        #expect(frame.isAuthenticated == true)
        #expect(frame.clientName == "survey-tool")
        monitor.stop()
    }

    @Test("a client with an unknown key is refused with status 400")
    func unknown() throws {
        let context = try Context()
        var gate = try CurveGate(context, clients: [domain: [client.publicKey: "survey-tool"]])
        let stranger = try CurveKeyPair.generate()
        #expect(
            try handshake(context, &gate, clientOptions(stranger)) == .handshakeFailed(.authentication(status: 400)))
    }

    @Test("a client known in another domain only is refused")
    func otherDomain() throws {
        let context = try Context()
        var gate = try CurveGate(context, clients: ["elsewhere": [client.publicKey: "survey-tool"]])
        #expect(
            try handshake(context, &gate, clientOptions(client)) == .handshakeFailed(.authentication(status: 400)))
    }

    @Test("a plaintext client is refused")
    func plaintext() throws {
        let context = try Context()
        var gate = try CurveGate(context, clients: [domain: [client.publicKey: "survey-tool"]])
        let outcome = try handshake(context, &gate, SocketOptions { $0.linger = 0 })
        guard case .handshakeFailed(.protocol) = outcome else {
            Issue.record("a client without CURVE came to \(String(describing: outcome))")
            return
        }
    }

    @Test("without a gate nobody gets in, though the key is good")
    func failsClosed() throws {
        let context = try Context()
        let pull = try Socket(context, .pull, options: serverOptions())
        var monitor = try SocketMonitor(watching: pull)
        let push = try Socket(context, .push, options: clientOptions(client))
        try push.connect(try pull.bind("tcp://127.0.0.1:*"))
        let end = try firstEvent(&monitor) { $0 != .accepted }
        guard case .handshakeFailed = end?.kind else {
            Issue.record("the handshake came to \(String(describing: end))")
            return
        }
        #expect(try push.send("secret") == .wouldBlock)
        monitor.stop()
    }

    @Test("frames of a plain connection are not authenticated")
    func plainFrames() throws {
        let context = try Context()
        let pull = try Socket(context, .pull)
        let push = try Socket(context, .push)
        try push.connect(try pull.bind("tcp://127.0.0.1:*"))
        try send(["open"], on: push)
        var poller = Poller()
        _ = poller.add(pull)
        #expect(try poller.wait(timeoutMilliseconds: patienceMilliseconds) == 1)
        var message = MultipartMessage()
        #expect(try pull.receiveMessage(into: &message))
        #expect(message.frame(0).isAuthenticated == false)
    }

    @Test("keys are checked, derived and kept secret")
    func keys() throws {
        #expect(server.publicKey != client.publicKey)
        #expect(try CurveKeyPair(secretKey: server.secretKey) == server)
        #expect(try CurvePublicKey(z85: server.publicKey.z85) == server.publicKey)
        #expect(throws: CurveKeyProblem.length(3)) { try CurvePublicKey(z85: "abc") }
        #expect(throws: CurveKeyProblem.character(at: 39)) {
            try CurveSecretKey(z85: String(repeating: "0", count: 39) + "~")
        }
        var dumped = ""
        dump(server, to: &dumped)
        #expect(!"\(server) \(server.secretKey)".contains(server.secretKey.z85))
        #expect(!String(reflecting: server).contains(server.secretKey.z85))
        #expect(!dumped.contains(server.secretKey.z85))
    }

    /// How the handshake of a client with these options ends, at the server.
    private func handshake(
        _ context: Context, _ gate: inout CurveGate, _ options: SocketOptions
    ) throws -> SocketEvent.Kind? {
        let pull = try Socket(context, .pull, options: serverOptions())
        var monitor = try SocketMonitor(watching: pull)
        let push = try Socket(context, .push, options: options)
        try push.connect(try pull.bind("tcp://127.0.0.1:*"))
        let kind = try outcome(of: &gate, &monitor)
        #expect(try push.send("refused") == .wouldBlock)
        #expect(try receive(pull, withinMilliseconds: 0) == nil)
        monitor.stop()
        return kind
    }

    /// Serves the gate until the monitored server reports the end of a handshake; nil if it does not.
    private func outcome(of gate: inout CurveGate, _ monitor: inout SocketMonitor) throws -> SocketEvent.Kind? {
        var poller = Poller()
        _ = poller.add(gate.socket)
        _ = poller.add(monitor.socket)
        while try poller.wait(timeoutMilliseconds: patienceMilliseconds) > 0 {
            try gate.serve()
            while let event = try monitor.next() {
                if event.kind != .accepted { return event.kind }
            }
        }
        return nil
    }
}
