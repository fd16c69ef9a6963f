import DequeModule
import Glibc
import JSON
import Messages
import Runtime
import ZMQ

/// What became of the events of a publication.
struct PublishCounts {
    var accepted = 0
    var duplicates = 0
    var rejected = 0
    /// Rejections by reason.
    var reasons: [String: Int] = [:]
    var decided: Int { accepted + duplicates + rejected }
}

/// Sends events with receipts and goes on until every one is decided.
///
/// Requests carry a number before the delimiter, so that replies find them; what stays unanswered while the service is
/// away is sent again: a repetition is a duplicate, never counted twice.
struct Publisher: ~Copyable {
    /// Requests without a reply at one time.
    static let outstandingMax = 1000
    /// Silence after which everything unanswered is sent again, in nanoseconds.
    static let silenceMax: Int64 = 5_000_000_000
    /// Silence after which the publisher gives up, in nanoseconds.
    static let patience: Int64 = 60_000_000_000

    private struct Request {
        let number: UInt64
        let firstLine: Int
        let payload: [UInt8]
        /// Events accepted by an earlier reply that left others undecided; sent again they are duplicates.
        var accepted = 0
    }

    private let endpoint: String
    private var socket: Socket
    private let context: Context
    private var poller: Poller
    private var message = MultipartMessage(framesMax: 8)
    private let parser = JSONParser()
    private var outstanding: [UInt64: Request] = [:]
    private var nextNumber: UInt64 = 1
    private var lastHeard = MonotonicClock.system.now()
    private var lastSent = MonotonicClock.system.now()
    private(set) var counts = PublishCounts()
    private let onRejection: (_ line: Int, _ receipt: JSONTree) -> Void

    /// - Parameter onRejection: called with the number of the line the rejected event stands in.
    static func open(
        _ endpoint: String, context: Context, onRejection: @escaping (Int, JSONTree) -> Void
    ) throws -> Publisher {
        let socket = try connect(endpoint, context)
        return Publisher(endpoint: endpoint, socket: socket, context: context, onRejection: onRejection)
    }

    private static func connect(_ endpoint: String, _ context: Context) throws -> Socket {
        let socket = try Socket(
            context, .dealer,
            options: SocketOptions {
                $0.linger = 0
                $0.sendHighWaterMark = 10_000
                $0.receiveHighWaterMark = 10_000
                $0.immediate = false
            })
        try socket.connect(endpoint)
        return socket
    }

    private init(
        endpoint: String, socket: consuming Socket, context: Context, onRejection: @escaping (Int, JSONTree) -> Void
    ) {
        self.endpoint = endpoint
        self.context = context
        self.onRejection = onRejection
        poller = Poller(itemsMax: 1)
        _ = poller.add(socket)
        self.socket = socket
    }

    var outstandingCount: Int { outstanding.count }

    /// Sends one request of one or more events and hears the replies that have come; waits while too many are open.
    mutating func send(_ payload: [UInt8], firstLine: Int) throws {
        while outstanding.count >= Self.outstandingMax { try hear(waitMilliseconds: 100) }
        let request = Request(number: nextNumber, firstLine: firstLine, payload: payload)
        nextNumber += 1
        outstanding[request.number] = request
        try transmit(request)
        try hear(waitMilliseconds: 0)
    }

    /// Waits until everything is decided.
    mutating func finish(_ progress: (Int) -> Void = { _ in }) throws {
        while !outstanding.isEmpty {
            try hear(waitMilliseconds: 100)
            progress(counts.decided)
        }
    }

    private mutating func transmit(_ request: Request) throws {
        let number = withUnsafeBytes(of: request.number.bigEndian) { Array($0) }
        while true {
            if try socket.send(number, more: true) == .sent {
                _ = try socket.send([UInt8](), more: true)
                _ = try socket.send(request.payload)
                lastSent = MonotonicClock.system.now()
                return
            }
            try hear(waitMilliseconds: 10)
        }
    }

    private mutating func hear(waitMilliseconds: Int) throws {
        if waitMilliseconds > 0 { _ = try poller.wait(timeoutMilliseconds: waitMilliseconds) }
        while try socket.receiveMessage(into: &message) {
            lastHeard = MonotonicClock.system.now()
            guard message.count == 3, message[0].count == 8 else { continue }
            let number = UInt64(bigEndian: message[0].loadUnaligned(as: UInt64.self))
            guard let request = outstanding.removeValue(forKey: number) else { continue }
            try take(message[2], of: request)
        }
        guard !outstanding.isEmpty, waitMilliseconds > 0 else { return }
        let now = MonotonicClock.system.now()
        if now - lastHeard > Self.patience {
            throw CommandFailure(
                "\(endpoint) has not answered for \(Self.patience / 1_000_000_000) s; \(outstanding.count) requests are "
                    + "undecided. Is ingest running? Sending the same file again is safe: repetitions are duplicates")
        }
        if now - max(lastHeard, lastSent) > Self.silenceMax { try sendAgain() }
    }

    /// A connection may have died with requests in it; they are sent over a new one.
    private mutating func sendAgain() throws {
        lastSent = MonotonicClock.system.now()
        for number in outstanding.keys.sorted() { try transmit(outstanding[number]!) }
    }

    private mutating func take(_ reply: UnsafeRawBufferPointer, of request: Request) throws {
        var line = request.firstLine
        var accepted = 0
        var duplicates = 0
        var rejected: [(line: Int, data: JSONTree)] = []
        var isUnavailable = false
        for text in reply.split(separator: UInt8(ascii: "\n")) {
            let receipt = try JSONTree.parse(UnsafeRawBufferPointer(rebasing: text))
            guard let data = receipt["data"], let status = data["status"]?.string else { continue }
            switch status {
            case "accepted": accepted += 1
            case "duplicate": duplicates += 1
            case "unavailable": isUnavailable = true
            default: rejected.append((line, data))
            }
            line += 1
        }
        counts.accepted += accepted
        if isUnavailable {
            var again = request
            again.accepted += accepted
            usleep(200_000)
            outstanding[again.number] = again
            try transmit(again)
            return
        }
        counts.duplicates += duplicates - min(duplicates, request.accepted)
        for (line, data) in rejected {
            counts.rejected += 1
            counts.reasons[data["reason"]?.string ?? "unknown", default: 0] += 1
            onRejection(line, data)
        }
    }
}
