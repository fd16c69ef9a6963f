import CZMQ
import Glibc

/// One end of ZeroMQ messaging, owned by one thread.
///
/// The type is noncopyable and not Sendable: create a socket on the thread that polls it and let it end there. Closing
/// one that another thread is using aborts the process inside libzmq, so the compiler is made to forbid it.
/// Nothing here blocks; waiting is the business of `Poller`.
package struct Socket: ~Copyable {
    package let type: SocketType
    let handle: UnsafeMutableRawPointer
    let context: Context
    /// Whether the last frame sent announced another. On the heap, so that sending need not mutate the socket.
    let isMidMessage: UnsafeMutablePointer<Bool>
    let life = SocketLife()

    package init(_ context: Context, _ type: SocketType, options: SocketOptions = .init()) throws(ZMQError) {
        precondition(options.subscriptions.isEmpty || type == .sub, "only a SUB socket has subscriptions")
        guard let handle = zmq_socket(context.handle, type.number) else { throw ZMQError(.createSocket) }
        do { try options.apply(to: handle, type: type) } catch {
            zmq_close(handle)
            throw error
        }
        self.type = type
        self.handle = handle
        self.context = context
        isMidMessage = .allocate(capacity: 1)
        isMidMessage.initialize(to: false)
        context.socketOpened()
    }

    deinit {
        life.end(of: handle)
        zmq_close(handle)
        isMidMessage.deallocate()
        context.socketClosed()
    }

    /// Closes at once; what was sent may still leave within `linger`. The end of the socket's life does the same.
    package consuming func close() {}

    /// - Returns: The endpoint bound to, with a wildcard (`tcp://127.0.0.1:*`, port 0) resolved.
    @discardableResult
    package func bind(_ endpoint: String) throws(ZMQError) -> String {
        guard zmq_bind(handle, endpoint) == 0 else { throw ZMQError(.bind, endpoint: endpoint) }
        return lastEndpoint ?? endpoint
    }

    /// - Parameter endpoint: As `bind` returned it, wildcards resolved.
    package func unbind(_ endpoint: String) throws(ZMQError) {
        guard zmq_unbind(handle, endpoint) == 0 else { throw ZMQError(.unbind, endpoint: endpoint) }
    }

    /// Starts connecting, and connecting again whenever the connection is lost; says nothing of success.
    package func connect(_ endpoint: String) throws(ZMQError) {
        guard zmq_connect(handle, endpoint) == 0 else { throw ZMQError(.connect, endpoint: endpoint) }
    }

    package func disconnect(_ endpoint: String) throws(ZMQError) {
        guard zmq_disconnect(handle, endpoint) == 0 else { throw ZMQError(.disconnect, endpoint: endpoint) }
    }

    /// SUB: adds a topic prefix; "" is everything. Subscriptions count: two need two `unsubscribe`.
    package func subscribe(_ prefix: String) throws(ZMQError) { try changeSubscription(ZMQ_SUBSCRIBE, prefix) }

    /// SUB: takes a topic prefix back.
    package func unsubscribe(_ prefix: String) throws(ZMQError) { try changeSubscription(ZMQ_UNSUBSCRIBE, prefix) }

    private func changeSubscription(_ option: Int32, _ prefix: String) throws(ZMQError) {
        precondition(type == .sub, "only a SUB socket has subscriptions")
        guard zmq_setsockopt(handle, option, prefix, prefix.utf8.count) == 0 else { throw ZMQError(.subscribe) }
    }

    /// The endpoint of the last bind or connect.
    package var lastEndpoint: String? {
        // Unix socket paths and host names are shorter; libzmq refuses with EINVAL what does not fit.
        var text = [CChar](repeating: 0, count: 1024)
        var count = text.count
        guard zmq_getsockopt(handle, ZMQ_LAST_ENDPOINT, &text, &count) == 0, count > 1 else { return nil }
        return String(decoding: text.prefix(count - 1).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

/// What a socket and its monitor know of each other, so that either may end first; both are on one thread.
///
/// A monitor must be stopped before its socket closes. One that is not stopped though nobody reads it any more blocks
/// libzmq's I/O thread.
final class SocketLife {
    private var isOpen = true
    private var isMonitored = false

    func beginMonitoring() {
        precondition(!isMonitored, "a socket has one monitor at a time")
        isMonitored = true
    }

    func endMonitoring(of handle: UnsafeMutableRawPointer) {
        guard isOpen, isMonitored else { return }
        zmq_socket_monitor(handle, nil, 0)
        isMonitored = false
    }

    func end(of handle: UnsafeMutableRawPointer) {
        endMonitoring(of: handle)
        isOpen = false
    }
}
