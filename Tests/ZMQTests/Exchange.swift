import Testing
import ZMQ

/// Longest wait for something that must happen; only a failing test waits so long.
let patienceMilliseconds = 600_000

/// Long enough for loopback to deliver what must not come.
let silenceMilliseconds = 200

/// The next message as texts, one per frame; nil if none comes in time.
func receive(_ socket: borrowing Socket, withinMilliseconds: Int = patienceMilliseconds) throws -> [String]? {
    var poller = Poller(itemsMax: 1)
    let index = poller.add(socket)
    guard try poller.wait(timeoutMilliseconds: withinMilliseconds) == 1, poller.isReadable(index) else { return nil }
    var message = MultipartMessage()
    guard try socket.receiveMessage(into: &message) else { return nil }
    return texts(message)
}

func texts(_ message: borrowing MultipartMessage) -> [String] {
    (0..<message.count).map { String(decoding: message[$0], as: UTF8.self) }
}

/// Sends a message, waiting for a peer or room if need be.
func send(_ frames: [String], on socket: borrowing Socket) throws {
    var poller = Poller(itemsMax: 1)
    _ = poller.add(socket, interest: .out)
    for (index, frame) in frames.enumerated() {
        while try socket.send(frame, more: index + 1 < frames.count) == .wouldBlock {
            try #require(poller.wait(timeoutMilliseconds: patienceMilliseconds) == 1, "no peer took the message")
        }
    }
}

/// The next event of a monitor; nil if none comes in time.
func nextEvent(
    _ monitor: inout SocketMonitor, withinMilliseconds: Int = patienceMilliseconds
) throws -> SocketEvent? {
    if let event = try monitor.next() { return event }
    var poller = Poller(itemsMax: 1)
    _ = poller.add(monitor.socket)
    guard try poller.wait(timeoutMilliseconds: withinMilliseconds) == 1 else { return nil }
    return try monitor.next()
}

/// Reads events until one is of a kind that `matches`; nil if none comes in time.
func firstEvent(
    _ monitor: inout SocketMonitor, where matches: (SocketEvent.Kind) -> Bool
) throws -> SocketEvent? {
    while let event = try nextEvent(&monitor) {
        if matches(event.kind) { return event }
    }
    return nil
}
