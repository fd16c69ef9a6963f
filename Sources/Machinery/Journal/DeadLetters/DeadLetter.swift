/// A refused message, kept for people to inspect.
package struct DeadLetter {
    /// When it was refused, milliseconds since 1970 UTC.
    package var at: Int64
    /// The entrance: `receipts`, `responses`, `http`.
    package var origin: String
    /// The reason's short name, as in receipts and metrics.
    package var reason: String
    /// JSON Pointer to what is wrong; `nil` when the message as a whole is.
    package var pointer: String?
    /// What is wrong, in words for the sender.
    package var sentence: String
    /// The message as received.
    package var text: UnsafeRawBufferPointer

    /// `text` must stay valid until the letter is appended.
    package init(
        at: Int64, origin: String, reason: String, pointer: String?, sentence: String, text: UnsafeRawBufferPointer
    ) {
        self.at = at
        self.origin = origin
        self.reason = reason
        self.pointer = pointer
        self.sentence = sentence
        self.text = text
    }

    /// One line of JSON; of the text at most `textBytesMax` bytes.
    func append(to line: inout [UInt8], textBytesMax: Int) {
        line.append("{\"at\":")
        line.append(number: at)
        line.append(",\"origin\":")
        line.append(jsonString: origin)
        line.append(",\"reason\":")
        line.append(jsonString: reason)
        line.append(",\"pointer\":")
        if let pointer { line.append(jsonString: pointer) } else { line.append("null") }
        line.append(",\"sentence\":")
        line.append(jsonString: sentence)
        line.append(",\"bytes\":")
        line.append(number: Int64(text.count))
        line.append(",\"text\":")
        // Decoding repairs invalid UTF-8, also a character that the limit cuts in two.
        line.append(jsonString: String(decoding: text.prefix(textBytesMax), as: UTF8.self))
        line.append("}\n")
    }
}

/// How many refused messages are kept.
package struct DeadLetterOptions: Sendable {
    /// Bytes kept of one message. 0…16 MiB.
    package var rejectedBytesMax: Int
    /// Bytes of all dead-letter files together; the oldest file goes first.
    package var deadLetterBytesMax: Int64
    /// Bytes of one file.
    package var fileBytesMax: Int64
    /// Bytes waiting in memory to be written; letters beyond are lost and counted.
    package var waitingBytesMax: Int

    package init(
        rejectedBytesMax: Int = 64 << 10, deadLetterBytesMax: Int64 = 256 << 20, fileBytesMax: Int64 = 16 << 20,
        waitingBytesMax: Int = 8 << 20
    ) {
        precondition((0...16 << 20).contains(rejectedBytesMax) && fileBytesMax > 0 && waitingBytesMax > 0)
        precondition(deadLetterBytesMax >= fileBytesMax, "deadLetterBytesMax holds at least one file")
        self.rejectedBytesMax = rejectedBytesMax
        self.deadLetterBytesMax = deadLetterBytesMax
        self.fileBytesMax = fileBytesMax
        self.waitingBytesMax = waitingBytesMax
    }
}

/// Gathers dead letters on the loop thread; never touches the disk.
package struct DeadLetterBuffer: Sendable {
    private let options: DeadLetterOptions
    private var waiting: [UInt8] = []
    /// Letters lost because the disk did not keep up.
    package private(set) var lost: UInt64 = 0

    package init(_ options: DeadLetterOptions) { self.options = options }

    package var isEmpty: Bool { waiting.isEmpty }

    /// Takes a letter, or counts it as lost when too many wait.
    package mutating func append(_ letter: DeadLetter) {
        let before = waiting.count
        letter.append(to: &waiting, textBytesMax: options.rejectedBytesMax)
        if waiting.count <= options.waitingBytesMax { return }
        waiting.removeSubrange(before...)
        lost += 1
    }

    /// Everything gathered, to be handed to `DeadLetterWriter.write` on another thread.
    package mutating func takeAll() -> [UInt8] {
        defer { waiting = [] }
        return waiting
    }
}
