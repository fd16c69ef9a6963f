import Testing
import ZMQ

@Suite struct FrameTests {
    @Test("an empty frame has no bytes")
    func empty() {
        let frame = Frame()
        #expect(frame.count == 0)
        #expect(frame.bytes.isEmpty)
        #expect(frame.more == false)
        #expect(frame.isAuthenticated == false)
        #expect(frame.clientName == nil)
    }

    @Test(
        "a frame holds the bytes it was made of, whether they fit its header or not",
        arguments: [0, 1, 33, 34, 100_000])
    func contents(size: Int) {
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
        let copied = Frame(copying: bytes)
        #expect(Array(copied.bytes) == bytes)
        let filled = Frame(byteCount: size) { $0.copyBytes(from: bytes) }
        #expect(Array(filled.bytes) == bytes)
        let fromBuffer = bytes.withUnsafeBytes { FrameBox(Frame(copying: $0)) }
        #expect(Array(fromBuffer.frame.bytes) == bytes)
        let viaSpan = copied.withSpan { span in
            (0..<span.byteCount).map { span.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
        }
        #expect(viaSpan == bytes)
    }

    @Test("a moved frame arrives and leaves an empty one behind", arguments: [5, 5000])
    func moving(size: Int) throws {
        let context = try Context()
        let push = try Socket(context, .push)
        let pull = try Socket(context, .pull)
        try pull.bind("inproc://frames")
        try push.connect("inproc://frames")

        var frame = Frame(copying: [UInt8](repeating: 7, count: size))
        #expect(try push.send(moving: &frame) == .sent)
        #expect(frame.count == 0)
        #expect(try pull.receive(into: &frame))
        #expect(frame.count == size)
        #expect(frame.bytes.allSatisfy { $0 == 7 })
    }

    @Test("a refused frame keeps its bytes", arguments: [5, 5000])
    func refused(size: Int) throws {
        let context = try Context()
        let lonely = try Socket(context, .push)
        var frame = Frame(copying: [UInt8](repeating: 7, count: size))
        #expect(try lonely.send(moving: &frame) == .wouldBlock)
        #expect(frame.count == size)
        #expect(frame.bytes.allSatisfy { $0 == 7 })
        #expect(try lonely.forward(frame) == .wouldBlock)
        #expect(frame.count == size)
    }

    @Test("a frame is forwarded many times and read afterwards", arguments: [5, 5000])
    func forwarding(size: Int) throws {
        let context = try Context()
        let push = try Socket(context, .push)
        let pull = try Socket(context, .pull)
        try pull.bind("inproc://forwarding")
        try push.connect("inproc://forwarding")

        let original = Frame(copying: [UInt8](repeating: 9, count: size))
        for _ in 0..<3 { #expect(try push.forward(original) == .sent) }
        #expect(original.count == size)
        var received = Frame()
        for _ in 0..<3 {
            #expect(try pull.receive(into: &received))
            #expect(received.bytes.elementsEqual(original.bytes))
        }
        #expect(try !pull.receive(into: &received))
    }
}

/// Carries a frame out of a closure that can only return copyable values.
private final class FrameBox {
    let frame: Frame
    init(_ frame: consuming Frame) { self.frame = frame }
}
