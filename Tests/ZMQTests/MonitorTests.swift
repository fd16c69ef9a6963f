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

        clientMonitor.stop()
        client.close()
        #expect(try nextEvent(&serverMonitor)?.kind == .disconnected)
        serverMonitor.stop()
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
            monitor.stop()
            try send(["\(round)"], on: push)
            #expect(try receive(pull) == ["\(round)"])
        }
    }

    @Test("the watched socket may close first, or the monitor be dropped unread, and the context still ends")
    func anyOrder() throws {
        let context = try Context()
        let first = try Socket(context, .pull)
        try first.bind("tcp://127.0.0.1:*")
        var kept = try SocketMonitor(watching: first)
        first.close()

        let second = try Socket(context, .pull)
        let dropped = try SocketMonitor(watching: second)
        let push = try Socket(context, .push)
        let endpoint = try second.bind("tcp://127.0.0.1:*")
        try push.connect(endpoint)
        try send(["before"], on: push)
        #expect(try receive(second) == ["before"])
        dropped.stop()
        let later = try Socket(context, .push)
        try later.connect(endpoint)
        try send(["after"], on: later)
        #expect(try receive(second) == ["after"])

        #expect(try kept.next() == nil)
        kept.stop()
        later.close()
        push.close()
        second.close()
        context.terminate()
    }
}
