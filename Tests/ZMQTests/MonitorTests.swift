import Testing
import ZMQ

@Suite struct MonitorTests {
    @Test("both ends report the life of a connection")
    func life() throws {
        let context = try Context()
        let server = try Socket(context, .router)
        var serverMonitor = try SocketMonitor(watching: server)
        let endpoint = try server.bind("tcp://127.0.0.1:*")
        let client = try Socket(context, .dealer)
        var clientMonitor = try SocketMonitor(watching: client)
        try client.connect(endpoint)

        #expect(try nextEvent(&clientMonitor) == SocketEvent(kind: .connected, endpoint: endpoint))
        #expect(try nextEvent(&clientMonitor)?.kind == .handshakeSucceeded)
        #expect(try nextEvent(&serverMonitor)?.kind == .accepted)
        #expect(try nextEvent(&serverMonitor)?.kind == .handshakeSucceeded)

        clientMonitor.stop(watching: client)
        client.close()
        #expect(try nextEvent(&serverMonitor)?.kind == .disconnected)
        serverMonitor.stop(watching: server)
        server.close()
        context.terminate()
    }

    @Test("a stopped monitor says nothing more, and the socket goes on")
    func stopped() throws {
        let context = try Context()
        let pull = try Socket(context, .pull)
        let endpoint = try pull.bind("tcp://127.0.0.1:*")
        for round in 0..<3 {
            var monitor = try SocketMonitor(watching: pull)
            let push = try Socket(context, .push)
            try push.connect(endpoint)
            #expect(try firstEvent(&monitor) { $0 == .accepted } != nil)
            monitor.stop(watching: pull)
            try send(["\(round)"], on: push)
            #expect(try receive(pull) == ["\(round)"])
        }
    }
}
