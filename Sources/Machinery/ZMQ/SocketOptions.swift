import CZMQ

/// The messaging patterns of ZeroMQ.
package enum SocketType: Sendable {
    case push, pull, router, dealer, req, rep, pub, sub, xpub, xsub, pair

    var number: Int32 {
        switch self {
        case .push: ZMQ_PUSH
        case .pull: ZMQ_PULL
        case .router: ZMQ_ROUTER
        case .dealer: ZMQ_DEALER
        case .req: ZMQ_REQ
        case .rep: ZMQ_REP
        case .pub: ZMQ_PUB
        case .sub: ZMQ_SUB
        case .xpub: ZMQ_XPUB
        case .xsub: ZMQ_XSUB
        case .pair: ZMQ_PAIR
        }
    }
}

/// What is set on a socket between its creation and its first bind or connect.
///
/// The defaults are those of a service on a network: bounded linger, no silent loss in a ROUTER, no queue towards a
/// peer that is not there. `nil` leaves libzmq's own default.
///
/// ZeroMQ's own heartbeats (`ZMQ_HEARTBEAT_IVL`) are left out on purpose: a reader that stalls for longer than their
/// timeout while its pipe is full loses the connection and everything in its pipes, or aborts its process. Services
/// exchange heartbeat messages instead, and keep-alive finds peers that vanished.
package struct SocketOptions: Sendable {
    /// How long messages already sent may still leave after closing.
    package var linger: Milliseconds = 1000
    /// Messages queued per peer before `send` says `wouldBlock` (PUB: before it drops). nil = 1000, 0 = no limit.
    /// Approximate: both ends and the kernel queue as well.
    package var sendHighWaterMark: Int?
    /// Messages queued per peer before reading from it stops. nil = 1000, 0 = no limit.
    package var receiveHighWaterMark: Int?
    /// Largest frame accepted from a peer; a larger one closes its connection. It bounds a frame, not a message.
    package var maxMessageBytes: Int?
    /// A peer which has not finished its handshake by then is disconnected. nil = 30 s.
    package var handshakeInterval: Milliseconds?
    /// Whether only finished connections get a queue, so that nothing waits for a peer that is not there.
    /// nil = yes for PUSH and DEALER.
    package var immediate: Bool?
    /// Wait before the first attempt to connect again; doubles up to `reconnectIntervalMax`.
    package var reconnectInterval: Milliseconds = 100
    /// Must not be 0, which would switch the doubling off.
    package var reconnectIntervalMax: Milliseconds = 2000
    /// Whether a ROUTER tells of unknown peers and full queues instead of dropping the message. Other types ignore it.
    package var routerMandatory = true
    /// Probes of an idle connection, which find a peer that vanished without closing. nil = the kernel's setting.
    package var tcpKeepAlive: TCPKeepAlive? = .init()
    /// Time sent bytes may stay unacknowledged before the connection is given up (`ZMQ_TCP_MAXRT`).
    /// nil = the kernel's setting. Never set it on a socket that can be back-pressured: Linux counts the time in which
    /// a reader that is alive has no room as well, so a stalled reader loses the connection and what is in its pipes.
    package var tcpMaxRetransmit: Milliseconds?
    /// Kernel buffer towards the network, in bytes. nil = the kernel tunes it itself.
    package var sendBufferBytes: Int?
    /// Kernel buffer from the network, in bytes. nil = the kernel tunes it itself.
    package var receiveBufferBytes: Int?
    /// Whether endpoints may be IPv6 addresses, or names that resolve to them.
    package var ipv6 = false
    /// XPUB: whether repeated subscriptions to the same topic are received too.
    package var xpubVerbose = false
    /// SUB: topic prefixes subscribed from the start; "" is everything.
    package var subscriptions: [String] = []
    /// Encryption and authentication; nil = plain text.
    package var curve: CurveOptions?

    package init() {}

    /// Defaults with some of them changed: `SocketOptions { $0.linger = 0 }`.
    package init(_ change: (inout SocketOptions) -> Void) { change(&self) }
}

/// When an idle connection is probed, in whole seconds, and after how many lost probes it is closed.
package struct TCPKeepAlive: Hashable, Sendable {
    package var idleSeconds = 30
    package var intervalSeconds = 10
    package var probes = 3

    package init() {}
}

/// The role of a socket in CURVE; independent of which end binds.
package enum CurveOptions: Sendable {
    /// Accepts the clients that the `CurveGate` of this context knows for this domain, and nobody when there is no
    /// gate: left to itself libzmq would then accept every key.
    case server(secretKey: CurveSecretKey, zapDomain: String)
    /// Talks only to the server that owns `serverKey`.
    case client(serverKey: CurvePublicKey, keys: CurveKeyPair)
}
