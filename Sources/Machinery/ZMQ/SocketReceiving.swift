import CZMQ
import Glibc

extension Socket {
    /// Receives one frame if one is there. `frame.more` tells whether others of its message follow; they are there too.
    ///
    /// - Returns: false if there was none; what `frame` holds is undefined then.
    package func receive(into frame: inout Frame) throws(ZMQError) -> Bool { try receive(into: frame.message) }

    /// Receives one whole message if one is there. Messages arrive whole or not at all.
    ///
    /// - Returns: false if there was none; `message` is empty then.
    package func receiveMessage(into message: inout MultipartMessage) throws(ZMQError) -> Bool {
        var place = message.beginReceiving()
        guard try receive(into: place) else { return false }
        while place.hasMore {
            place = message.acceptFrame()
            guard try receive(into: place) else {
                preconditionFailure("another reader took frames of this socket: it must belong to one thread")
            }
        }
        _ = message.acceptFrame()
        return true
    }

    private func receive(into message: UnsafeMutablePointer<zmq_msg_t>) throws(ZMQError) -> Bool {
        while zmq_msg_recv(message, handle, ZMQ_DONTWAIT) < 0 {
            switch zmq_errno() {
            case EAGAIN: return false
            case EINTR: continue
            case let code: throw ZMQError(code: code, operation: .receive)
            }
        }
        return true
    }
}
