import CZMQ
import Glibc

/// What became of a frame that was handed over.
package enum SendOutcome: Hashable, Sendable {
    /// It is libzmq's business now. It can still be lost with the peer or its connection.
    case sent
    /// There is no room or no peer; nothing was taken. Try again when the socket is writable.
    case wouldBlock
    /// ROUTER: no peer has the routing id in this frame; nothing was taken, and the message is to be given up.
    case unroutable
}

/// Sending never blocks. A message of several frames is sent with `more: true` on all but the last.
///
/// Only the first frame of a message can be refused. Should the peer go away between two frames, libzmq drops the
/// message and what is left of it, and the rest is reported as sent, as is anything else lost with a peer: the caller
/// just goes on to the last frame, never waiting between frames for the socket to be writable, and messages stay whole.
extension Socket {
    /// Copies the bytes.
    package func send(_ bytes: UnsafeRawBufferPointer, more: Bool = false) throws(ZMQError) -> SendOutcome {
        while zmq_send(handle, bytes.baseAddress, bytes.count, flags(more)) < 0 {
            if let outcome = try refusal(more) { return outcome }
        }
        isMidMessage.pointee = more
        return .sent
    }

    /// Copies the bytes.
    package func send(_ bytes: [UInt8], more: Bool = false) throws(ZMQError) -> SendOutcome {
        try send(bytes.span.bytes, more: more)
    }

    /// Copies the bytes.
    package func send(_ bytes: RawSpan, more: Bool = false) throws(ZMQError) -> SendOutcome {
        try bytes.withUnsafeBytes { buffer throws(ZMQError) in try send(buffer, more: more) }
    }

    /// Copies the text as UTF-8.
    package func send(_ text: String, more: Bool = false) throws(ZMQError) -> SendOutcome {
        while zmq_send(handle, text, text.utf8.count, flags(more)) < 0 {
            if let outcome = try refusal(more) { return outcome }
        }
        isMidMessage.pointee = more
        return .sent
    }

    /// Hands the frame's bytes over without a copy. After `sent` the frame is empty; otherwise it still holds them.
    package func send(moving frame: inout Frame, more: Bool = false) throws(ZMQError) -> SendOutcome {
        try hand(over: frame.message, more)
    }

    /// Sends what the frame holds and leaves it there. The bytes are shared, not copied, from 34 up.
    package func forward(_ frame: borrowing Frame, more: Bool = false) throws(ZMQError) -> SendOutcome {
        try share(frame.message, more)
    }

    /// Sends some frames of a received message, such as the routing ids and the delimiter before an answer.
    ///
    /// - Parameter more: Whether another frame will be sent after the last of these.
    /// - Returns: What became of the first; the others follow it. `sent` if `frames` is empty.
    package func forward(
        _ message: borrowing MultipartMessage, frames: Range<Int>, more: Bool = false
    ) throws(ZMQError) -> SendOutcome {
        for index in frames {
            let outcome = try share(message.pointer(to: index), more || index + 1 < frames.upperBound)
            guard outcome == .sent else { return outcome }
        }
        return .sent
    }

    private func share(_ original: UnsafeMutablePointer<zmq_msg_t>, _ more: Bool) throws(ZMQError) -> SendOutcome {
        var copy = zmq_msg_t()
        return try withUnsafeMutablePointer(to: &copy) { copy throws(ZMQError) in
            zmq_msg_init(copy)
            // Closing an emptied message is harmless, and releases one that was refused.
            defer { zmq_msg_close(copy) }
            guard zmq_msg_copy(copy, original) == 0 else { throw ZMQError(.send) }
            return try hand(over: copy, more)
        }
    }

    private func hand(over message: UnsafeMutablePointer<zmq_msg_t>, _ more: Bool) throws(ZMQError) -> SendOutcome {
        while zmq_msg_send(message, handle, flags(more)) < 0 {
            guard let outcome = try refusal(more) else { continue }
            if outcome == .sent {
                zmq_msg_close(message)
                zmq_msg_init(message)
            }
            return outcome
        }
        isMidMessage.pointee = more
        return .sent
    }

    private func flags(_ more: Bool) -> Int32 { more ? ZMQ_DONTWAIT | ZMQ_SNDMORE : ZMQ_DONTWAIT }

    /// The meaning of a failed call; nil means that it was interrupted and is to be made again.
    private func refusal(_ more: Bool) throws(ZMQError) -> SendOutcome? {
        switch zmq_errno() {
        case EINTR: return nil
        case EAGAIN where isMidMessage.pointee:
            isMidMessage.pointee = more
            return .sent
        case EAGAIN: return .wouldBlock
        case EHOSTUNREACH: return .unroutable
        case let code: throw ZMQError(code: code, operation: .send)
        }
    }
}
