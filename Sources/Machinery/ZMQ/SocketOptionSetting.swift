import CZMQ

extension SocketOptions {
    /// `ZMQ_ZAP_ENFORCE_DOMAIN`. The name is hidden behind DRAFT in the header; the number works in every build.
    private static let zapEnforceDomain: Int32 = 93

    /// Sets everything on a fresh socket of the given type.
    func apply(to socket: UnsafeMutableRawPointer, type: SocketType) throws(ZMQError) {
        let setter = OptionSetter(socket: socket)
        try setter.set(ZMQ_LINGER, linger, "linger")
        try setter.set(ZMQ_SNDHWM, sendHighWaterMark, "sendHighWaterMark")
        try setter.set(ZMQ_RCVHWM, receiveHighWaterMark, "receiveHighWaterMark")
        try setter.set(ZMQ_SNDBUF, sendBufferBytes, "sendBufferBytes")
        try setter.set(ZMQ_RCVBUF, receiveBufferBytes, "receiveBufferBytes")
        try setter.set(ZMQ_IPV6, ipv6, "ipv6")
        if let maxMessageBytes { try setter.set(ZMQ_MAXMSGSIZE, Int64(maxMessageBytes), "maxMessageBytes") }
        try applyConnection(setter, type)
        try applyPattern(setter, type)
        try applyCurve(setter)
    }

    private func applyConnection(_ setter: OptionSetter, _ type: SocketType) throws(ZMQError) {
        if let handshakeInterval { try setter.set(ZMQ_HANDSHAKE_IVL, handshakeInterval, "handshakeInterval") }
        try setter.set(ZMQ_IMMEDIATE, immediate ?? (type == .push || type == .dealer), "immediate")
        try setter.set(ZMQ_RECONNECT_IVL, reconnectInterval, "reconnectInterval")
        try setter.set(ZMQ_RECONNECT_IVL_MAX, reconnectIntervalMax, "reconnectIntervalMax")
        if let tcpMaxRetransmit { try setter.set(ZMQ_TCP_MAXRT, tcpMaxRetransmit, "tcpMaxRetransmit") }
        guard let tcpKeepAlive else { return }
        try setter.set(ZMQ_TCP_KEEPALIVE, true, "tcpKeepAlive")
        try setter.set(ZMQ_TCP_KEEPALIVE_IDLE, tcpKeepAlive.idleSeconds, "tcpKeepAlive.idleSeconds")
        try setter.set(ZMQ_TCP_KEEPALIVE_INTVL, tcpKeepAlive.intervalSeconds, "tcpKeepAlive.intervalSeconds")
        try setter.set(ZMQ_TCP_KEEPALIVE_CNT, tcpKeepAlive.probes, "tcpKeepAlive.probes")
    }

    private func applyPattern(_ setter: OptionSetter, _ type: SocketType) throws(ZMQError) {
        if type == .router { try setter.set(ZMQ_ROUTER_MANDATORY, routerMandatory, "routerMandatory") }
        if type == .xpub { try setter.set(ZMQ_XPUB_VERBOSE, xpubVerbose, "xpubVerbose") }
        for topic in subscriptions { try setter.set(ZMQ_SUBSCRIBE, topic, "subscriptions") }
    }

    private func applyCurve(_ setter: OptionSetter) throws(ZMQError) {
        switch curve {
        case nil: return
        case .server(let secretKey, let zapDomain):
            try setter.set(ZMQ_CURVE_SERVER, true, "curve")
            try setter.set(ZMQ_CURVE_SECRETKEY, secretKey.z85, "curve.secretKey")
            try setter.set(ZMQ_ZAP_DOMAIN, zapDomain, "curve.zapDomain")
            try setter.set(Self.zapEnforceDomain, true, "curve.zapDomain")
        case .client(let serverKey, let keys):
            try setter.set(ZMQ_CURVE_SERVERKEY, serverKey.z85, "curve.serverKey")
            try setter.set(ZMQ_CURVE_PUBLICKEY, keys.publicKey.z85, "curve.publicKey")
            try setter.set(ZMQ_CURVE_SECRETKEY, keys.secretKey.z85, "curve.secretKey")
        }
    }
}

/// `zmq_setsockopt` with the types that its options have.
struct OptionSetter {
    let socket: UnsafeMutableRawPointer

    func set(_ option: Int32, _ value: Bool, _ name: String) throws(ZMQError) {
        try set(option, bytesOf: value ? Int32(1) : 0, name)
    }

    func set(_ option: Int32, _ value: Milliseconds, _ name: String) throws(ZMQError) {
        try set(option, bytesOf: value.count, name)
    }

    /// nil leaves the option alone.
    func set(_ option: Int32, _ value: Int?, _ name: String) throws(ZMQError) {
        if let value { try set(option, bytesOf: Int32(clamping: value), name) }
    }

    func set(_ option: Int32, _ value: Int64, _ name: String) throws(ZMQError) {
        try set(option, bytesOf: value, name)
    }

    func set(_ option: Int32, _ value: String, _ name: String) throws(ZMQError) {
        let status = zmq_setsockopt(socket, option, value, value.utf8.count)
        guard status == 0 else { throw ZMQError(.setOption(name)) }
    }

    private func set(_ option: Int32, bytesOf value: some BitwiseCopyable, _ name: String) throws(ZMQError) {
        let status = withUnsafeBytes(of: value) { zmq_setsockopt(socket, option, $0.baseAddress, $0.count) }
        guard status == 0 else { throw ZMQError(.setOption(name)) }
    }
}
