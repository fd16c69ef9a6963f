import Journal
import Messages

/// Where the loop puts refused messages until the disk takes them. Used by the loop's thread.
final class LetterBox {
    private var buffer: DeadLetterBuffer

    init(_ options: DeadLetterOptions) { buffer = DeadLetterBuffer(options) }

    func keep(_ rejection: Rejection, _ text: UnsafeRawBufferPointer, _ entrance: Entrance, at moment: Int64) {
        buffer.append(
            DeadLetter(
                at: moment, origin: entrance.rawValue, reason: rejection.reason.rawValue, pointer: rejection.pointer,
                sentence: rejection.sentence, text: text))
    }

    var isEmpty: Bool { buffer.isEmpty }
    var lost: UInt64 { buffer.lost }
    func takeAll() -> [UInt8] { buffer.takeAll() }
}
