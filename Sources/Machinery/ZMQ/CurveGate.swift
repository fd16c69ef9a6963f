/// Decides which CURVE clients may connect: the ZAP handler (ZeroMQ RFC 27) of a context.
///
/// Make it before the CURVE servers of the context bind; there can be one per context. It belongs to the thread that
/// polls `socket` and calls `serve` when that is readable; handshakes wait meanwhile. When the gate is gone nobody is
/// let in any more, because `CurveOptions.server` makes libzmq insist on an answer.
package struct CurveGate: ~Copyable {
    /// To be added to a `Poller`.
    package let socket: Socket
    /// Names of the clients allowed, by ZAP domain and key. A change holds for connections made from then on.
    package var clients: [String: [CurvePublicKey: String]]
    private var request = MultipartMessage(framesMax: Self.requestFrames)

    /// Version, request id, domain, address, routing id, mechanism, key.
    private static let requestFrames = 7

    package init(_ context: Context, clients: [String: [CurvePublicKey: String]]) throws(ZMQError) {
        self.clients = clients
        socket = try Self.answering(context)
    }

    private static func answering(_ context: Context) throws(ZMQError) -> Socket {
        let socket = try Socket(context, .rep, options: SocketOptions { $0.linger = 0 })
        try socket.bind("inproc://zeromq.zap.01")
        return socket
    }

    /// Answers all requests that wait.
    package mutating func serve() throws(ZMQError) {
        while try socket.receiveMessage(into: &request) {
            let name = admittedName()
            _ = try socket.send("1.0", more: true)
            // Every request has an id in its second frame; a message without one is no request, and its answer goes
            // to a peer inside this process that speaks no ZAP.
            if request.count > 1 { _ = try socket.forward(request, frames: 1..<2, more: true) }
            _ = try socket.send(name == nil ? "400" : "200", more: true)
            _ = try socket.send(name == nil ? "no such client" : "OK", more: true)
            _ = try socket.send(name ?? "", more: true)
            _ = try socket.send("")
        }
    }

    private func admittedName() -> String? {
        guard request.count == Self.requestFrames, !request.tooManyFrames,
            request[0].elementsEqual("1.0".utf8), request[5].elementsEqual("CURVE".utf8),
            let key = CurvePublicKey(bytes: request[6])
        else { return nil }
        return clients[String(decoding: request[2], as: UTF8.self)]?[key]
    }
}
