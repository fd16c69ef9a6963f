import JSON
import Journal
import Messages

/// The block that is being filled: accepted events, one a line, each with the moment it was accepted.
struct OpenBlock {
    private(set) var payload: [UInt8] = []
    private(set) var count = 0
    /// The step all its events lie in.
    var step: Int64

    private static let stampHead = Array("{\"recordedtime\":\"".utf8)
    private static let stampTail = Array("\",".utf8)
    private static let contactsHead = Array("\"contacts\":".utf8)

    init(step: Int64) { self.step = step }

    var isEmpty: Bool { count == 0 }

    /// Adds an event, stamped with its arrival.
    ///
    /// - Parameters:
    ///   - event: a JSON object that begins with `{`, has at least one member, none named as the stamps are, and no line breaks.
    ///   - recorded: arrival clock, ms since 1970.
    ///   - contacts: of its respondent within the window, where they are too many: the extension attribute `contacts`.
    mutating func append(_ event: UnsafeRawBufferPointer, recorded: Int64, contacts: Int? = nil) {
        payload.append(contentsOf: Self.stampHead)
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Timestamp.length) { stamp in
            Timestamp.write(recorded, into: stamp.baseAddress!)
            payload.append(contentsOf: stamp)
        }
        payload.append(contentsOf: Self.stampTail)
        if let contacts { append(contacts: UInt64(contacts)) }
        payload.append(contentsOf: UnsafeRawBufferPointer(rebasing: event[1...]))
        payload.append(UInt8(ascii: "\n"))
        count += 1
    }

    private mutating func append(contacts: UInt64) {
        payload.append(contentsOf: Self.contactsHead)
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: DecimalDigits.bytesMax) { digits in
            let count = DecimalDigits.write(contacts, to: digits.baseAddress!)
            payload.append(contentsOf: UnsafeBufferPointer(rebasing: UnsafeBufferPointer(digits)[..<count]))
        }
        payload.append(UInt8(ascii: ","))
    }

    /// Takes the events out and leaves the block empty.
    mutating func take() -> (payload: [UInt8], count: Int) {
        defer {
            let capacity = payload.count
            payload = []
            payload.reserveCapacity(min(capacity, 1 << 20))
            count = 0
        }
        return (payload, count)
    }
}
