import CZMQ

/// One frame of a message: bytes owned by libzmq, read in place.
///
/// Making a frame allocates its 64-byte header once; receiving into it again and again allocates nothing here. A frame
/// belongs to whoever holds it and may move between threads with its owner.
package struct Frame: ~Copyable {
    /// Small messages (33 bytes and less) live inside the header, so it needs an address that never moves.
    let message: UnsafeMutablePointer<zmq_msg_t>

    /// An empty frame, to receive into.
    package init() { message = .allocateEmptyFrames(1) }

    package init(copying bytes: UnsafeRawBufferPointer) {
        self.init(byteCount: bytes.count) { $0.copyMemory(from: bytes) }
    }

    package init(copying bytes: [UInt8]) {
        self.init(byteCount: bytes.count) { $0.copyBytes(from: bytes) }
    }

    /// A frame of `byteCount` bytes written by `fill`, which must write them all: they start out undefined.
    package init(byteCount: Int, fill: (UnsafeMutableRawBufferPointer) -> Void) {
        message = .allocate(capacity: 1)
        // As with Swift's own allocations, there is no going on without memory.
        guard zmq_msg_init_size(message, byteCount) == 0 else {
            fatalError("no memory for a frame of \(byteCount) bytes")
        }
        fill(UnsafeMutableRawBufferPointer(start: zmq_msg_data(message), count: byteCount))
    }

    deinit { message.deallocateFrames(1) }

    package var count: Int { message.frameBytes.count }

    /// Whether another frame of the same message followed this one when it was received.
    package var more: Bool { message.hasMore }

    /// The content; valid until the frame is received into, sent or gone.
    package var bytes: UnsafeRawBufferPointer { message.frameBytes }

    /// The content as a span that cannot outlive the call.
    package func withSpan<Result, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result { try body(message.frameBytes.bytes) }

    /// The client's name as the `CurveGate` gave it; nil for a frame that came over a connection nobody authenticated.
    /// Allocates: ask `isAuthenticated` on the hot path.
    package var clientName: String? { zmq_msg_gets(message, "User-Id").map { String(cString: $0) } }

    /// Whether the frame came over a connection that a `CurveGate` let in. Second line of defence: it is false for
    /// everything if the gate or the CURVE options are missing.
    package var isAuthenticated: Bool { message.isAuthenticated }
}

extension UnsafeMutablePointer<zmq_msg_t> {
    static func allocateEmptyFrames(_ count: Int) -> Self {
        let frames = Self.allocate(capacity: count)
        for index in 0..<count { zmq_msg_init(frames + index) }
        return frames
    }

    func deallocateFrames(_ count: Int) {
        for index in 0..<count { zmq_msg_close(self + index) }
        deallocate()
    }

    var frameBytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: zmq_msg_data(self), count: zmq_msg_size(self))
    }

    var hasMore: Bool { zmq_msg_more(self) != 0 }

    var isAuthenticated: Bool {
        guard let name = zmq_msg_gets(self, "User-Id") else { return false }
        return name.pointee != 0
    }
}
