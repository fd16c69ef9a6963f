import CZMQ

/// A whole message of several frames in storage that is used again for every message.
package struct MultipartMessage: ~Copyable {
    /// Frames kept of one message; further ones are read, dropped and told of by `tooManyFrames`.
    package let framesMax: Int
    /// Frames of the message last received, 0 before the first.
    package private(set) var count = 0
    /// Whether the message had more than `framesMax` frames. Those kept are its first ones.
    package private(set) var tooManyFrames = false

    /// One more than `framesMax`: the last takes the frames that are dropped.
    private let frames: UnsafeMutablePointer<zmq_msg_t>

    package init(framesMax: Int = 32) {
        precondition(framesMax > 0, "a message has at least one frame")
        self.framesMax = framesMax
        frames = .allocateEmptyFrames(framesMax + 1)
    }

    deinit { frames.deallocateFrames(framesMax + 1) }

    /// The content of one frame; valid until the next message is received into this storage, or it is gone.
    package subscript(index: Int) -> UnsafeRawBufferPointer { pointer(to: index).frameBytes }

    /// The frame at `index`, to read it without naming its storage again.
    package func frame(_ index: Int) -> FrameView { FrameView(message: pointer(to: index)) }

    func pointer(to index: Int) -> UnsafeMutablePointer<zmq_msg_t> {
        precondition(index >= 0 && index < count, "no such frame in this message")
        return frames + index
    }

    /// Forgets the last message and returns where its successor's first frame goes.
    mutating func beginReceiving() -> UnsafeMutablePointer<zmq_msg_t> {
        count = 0
        tooManyFrames = false
        return frames
    }

    /// Counts the frame just received and returns where the next one goes.
    mutating func acceptFrame() -> UnsafeMutablePointer<zmq_msg_t> {
        if count < framesMax { count += 1 } else { tooManyFrames = true }
        return frames + count
    }
}

/// A look at one frame of a `MultipartMessage`; valid until that receives again or is gone.
package struct FrameView {
    let message: UnsafeMutablePointer<zmq_msg_t>

    package var count: Int { zmq_msg_size(message) }
    package var bytes: UnsafeRawBufferPointer { message.frameBytes }
    /// As of `Frame`.
    package var isAuthenticated: Bool { message.isAuthenticated }
}
