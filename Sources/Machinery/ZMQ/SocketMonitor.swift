import CZMQ
import Glibc
import Synchronization

/// What happened to a connection of a monitored socket.
package struct SocketEvent: Equatable, Sendable {
    package enum Kind: Equatable, Sendable {
        /// The transport of an outgoing connection stands; the handshake comes next.
        case connected
        /// The transport of an incoming connection stands; the handshake comes next.
        case accepted
        case handshakeSucceeded
        case handshakeFailed(HandshakeFailure)
        case disconnected
    }

    package enum HandshakeFailure: Equatable, Sendable {
        /// The connection broke during the handshake, with this errno (`EPIPE`: the other side hung up).
        case system(errno: Int32)
        /// The peer broke ZMTP's rules: another security mechanism, a wrong server key, no ZeroMQ at all. libzmq's
        /// `ZMQ_PROTOCOL_ERROR_…` number.
        case `protocol`(number: UInt32)
        /// The `CurveGate` refused the client: ZAP status 300, 400 or 500.
        case authentication(status: UInt32)
    }

    package let kind: Kind
    package let endpoint: String

    package init(kind: Kind, endpoint: String) {
        self.kind = kind
        self.endpoint = endpoint
    }
}

/// Reports connections made, lost and refused of one socket, for metrics.
///
/// It belongs to the thread of the socket it watches. Its owner polls `socket` and drains `next`: libzmq's I/O thread
/// blocks once about 11,000 events wait unread. Either of the two may end first; a socket has one monitor at a time.
package struct SocketMonitor: ~Copyable {
    /// The receiving end, to be added to a `Poller`.
    package let socket: Socket
    private var message = MultipartMessage(framesMax: 2)
    private let watched: UnsafeMutableRawPointer
    private let life: SocketLife

    private static let serial = Atomic<Int>(0)
    private static let unreadEventsMax = 10_000
    private static let events =
        ZMQ_EVENT_CONNECTED | ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED
        | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH

    /// Starts at once; call it before bind or connect to miss nothing.
    package init(watching watched: borrowing Socket) throws(ZMQError) {
        socket = try Self.report(on: watched)
        self.watched = watched.handle
        life = watched.life
        life.beginMonitoring()
    }

    deinit { life.endMonitoring(of: watched) }

    private static func report(on watched: borrowing Socket) throws(ZMQError) -> Socket {
        let options = SocketOptions {
            $0.linger = 0
            $0.receiveHighWaterMark = unreadEventsMax
        }
        let socket = try Socket(watched.context, .pair, options: options)
        let endpoint = "inproc://monitor-\(serial.add(1, ordering: .relaxed).newValue)"
        guard zmq_socket_monitor(watched.handle, endpoint, events) == 0 else { throw ZMQError(.monitor) }
        do { try socket.connect(endpoint) } catch {
            zmq_socket_monitor(watched.handle, nil, 0)
            throw error
        }
        return socket
    }

    /// The next event, or nil if there is none at the moment.
    package mutating func next() throws(ZMQError) -> SocketEvent? {
        while try socket.receiveMessage(into: &message) {
            if let event = SocketEvent(message) { return event }
        }
        return nil
    }

    /// Ends the reports, as does the end of the monitor's life.
    package consuming func stop() {}
}

extension SocketEvent {
    /// Reads frame 0, a 16-bit number of the event and a 32-bit value in host order, and frame 1, the endpoint.
    fileprivate init?(_ message: borrowing MultipartMessage) {
        guard message.count == 2, message[0].count == 6 else { return nil }
        let number = message[0].loadUnaligned(as: UInt16.self)
        let value = message[0].loadUnaligned(fromByteOffset: 2, as: UInt32.self)
        guard let kind = Kind(number: Int32(number), value: value) else { return nil }
        self.init(kind: kind, endpoint: String(decoding: message[1], as: UTF8.self))
    }
}

extension SocketEvent.Kind {
    fileprivate init?(number: Int32, value: UInt32) {
        switch number {
        case ZMQ_EVENT_CONNECTED: self = .connected
        case ZMQ_EVENT_ACCEPTED: self = .accepted
        case ZMQ_EVENT_DISCONNECTED: self = .disconnected
        case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: self = .handshakeSucceeded
        case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL: self = .handshakeFailed(.system(errno: Int32(bitPattern: value)))
        case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL: self = .handshakeFailed(.protocol(number: value))
        case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: self = .handshakeFailed(.authentication(status: value))
        default: return nil
        }
    }
}
