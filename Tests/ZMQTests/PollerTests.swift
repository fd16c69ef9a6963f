import Synchronization
import Testing
import ZMQ

@Suite struct PollerTests {
    @Test("the poller says which sockets are ready, and rests those without interest")
    func readiness() throws {
        let context = try Context()
        let left = try Socket(context, .pair)
        let right = try Socket(context, .pair)
        try left.bind("inproc://readiness")
        try right.connect("inproc://readiness")
        var poller = Poller(itemsMax: 2)
        let leftIndex = poller.add(left)
        let rightIndex = poller.add(right, interest: .out)
        #expect(try poller.wait(timeoutMilliseconds: 0) == 1)
        #expect(poller.isReadable(leftIndex) == false)
        #expect(poller.isWritable(rightIndex) == true)

        try send(["hello"], on: right)
        #expect(try poller.wait(timeoutMilliseconds: patienceMilliseconds) == 2)
        #expect(poller.isReadable(leftIndex) == true)

        poller.setInterest([], at: leftIndex)
        poller.setInterest([.in, .out], at: rightIndex)
        #expect(try poller.wait(timeoutMilliseconds: 0) == 1)
        #expect(poller.isReadable(leftIndex) == false)
        #expect(poller.isReadable(rightIndex) == false)
        #expect(poller.isWritable(rightIndex) == true)
    }

    @Test("an empty poller only waits")
    func empty() throws {
        var poller = Poller()
        #expect(try poller.wait(timeoutMilliseconds: 1) == 0)
    }

    @Test("another thread ends the waiting, and its signals do not queue")
    func wakeup() throws {
        let wakeup = try Wakeup()
        var poller = Poller()
        let index = poller.add(fileDescriptor: wakeup.fileDescriptor)
        #expect(try poller.wait(timeoutMilliseconds: 0) == 0)
        let thread = try LoopThread(named: "waker") {
            wakeup.signal()
            wakeup.signal()
        }
        #expect(try poller.wait(timeoutMilliseconds: patienceMilliseconds) == 1)
        #expect(poller.isReadable(index) == true)
        thread.join()
        #expect(wakeup.drain())
        #expect(!wakeup.drain())
        #expect(try poller.wait(timeoutMilliseconds: 0) == 0)
    }

    @Test("a loop on its own thread serves a socket until it is told to stop")
    func loop() async throws {
        let context = try Context()
        let stop = try Wakeup()
        let ready = try Wakeup()
        let endpoint = Mutex("")
        async let served = runLoopThread(named: "a-name-longer-than-the-kernel-keeps") {
            let rep = try Socket(context, .rep)
            let bound = try rep.bind("tcp://127.0.0.1:*")
            endpoint.withLock { $0 = bound }
            ready.signal()
            return try serve(rep, until: stop)
        }
        try await runLoopThread(named: "client") {
            var poller = Poller()
            _ = poller.add(fileDescriptor: ready.fileDescriptor)
            #expect(try poller.wait(timeoutMilliseconds: patienceMilliseconds) == 1)
            let req = try Socket(context, .req)
            try req.connect(endpoint.withLock { $0 })
            for number in 0..<10 {
                try send(["\(number)"], on: req)
                #expect(try receive(req) == ["\(number)"])
            }
            stop.signal()
        }
        #expect(try await served == 10)
        context.terminate()
        context.terminate()
        let error = #expect(throws: ZMQError.self) { _ = try Socket(context, .rep) }
        #expect(error?.operation == .createSocket)
    }

    @Test("an error of the body reaches the one who waits for the thread")
    func failure() async throws {
        let error = await #expect(throws: ZMQError.self) {
            try await runLoopThread(named: "failing") { try Socket(Context(), .pull).bind("nonsense") }
        }
        #expect(error?.operation == .bind)
    }
}

/// Echoes single frames; returns how many.
private func serve(_ rep: borrowing Socket, until stop: Wakeup) throws -> Int {
    var poller = Poller()
    let socketIndex = poller.add(rep)
    let stopIndex = poller.add(fileDescriptor: stop.fileDescriptor)
    var frame = Frame()
    var echoes = 0
    while true {
        guard try poller.wait(timeoutMilliseconds: patienceMilliseconds) > 0 else { return echoes }
        if poller.isReadable(socketIndex) {
            while try rep.receive(into: &frame) {
                #expect(try rep.send(moving: &frame) == .sent)
                echoes += 1
            }
        }
        if poller.isReadable(stopIndex) { return echoes }
    }
}
