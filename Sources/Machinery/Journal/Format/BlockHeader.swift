/// The first line of a block. See docs/message-files.md for the members and their order.
package struct BlockHeader: Sendable, Equatable {
    /// The node that wrote the block. Printable ASCII without quote and backslash.
    package var node: String
    /// Counts from 1 without gaps.
    package var number: UInt64
    /// 0 as first written; one more with each rewrite.
    package var generation: Int
    package var mark: Mark
    /// Mark of the block before.
    package var previous: Mark
    /// Number of the last block known to be synced when this one was sealed; 0 when none was.
    package var synced: UInt64
    /// Step of the arrival clock in which the block lies.
    package var step: Int64
    /// Last step of a run of empty steps; otherwise equal to `step`.
    package var through: Int64
    /// Arrival clock at sealing, milliseconds since 1970 UTC.
    package var clock: Int64
    /// Hash of the set in force. Printable ASCII without quote and backslash.
    package var set: String
    /// Events in the payload.
    package var count: Int
    /// Bytes of the payload, 0…`payloadBytesMax`.
    package var bytes: Int

    package init(
        node: String, number: UInt64, generation: Int = 0, mark: Mark, previous: Mark, synced: UInt64,
        step: Int64, through: Int64, clock: Int64, set: String, count: Int, bytes: Int
    ) {
        self.node = node
        self.number = number
        self.generation = generation
        self.mark = mark
        self.previous = previous
        self.synced = synced
        self.step = step
        self.through = through
        self.clock = clock
        self.set = set
        self.count = count
        self.bytes = bytes
    }

    /// Largest payload of a block. A header that says more is damaged.
    package static let payloadBytesMax = 64 << 20
    /// Longest header line, newline included.
    package static let lineBytesMax = 1024

    /// The members without the checksum and the closing brace.
    func appendBody(to line: inout [UInt8]) {
        line.append("{\"node\":\"")
        line.append(text: node)
        line.append("\",\"number\":")
        line.append(number: number)
        line.append(",\"generation\":")
        line.append(number: Int64(generation))
        line.append(",\"mark\":\"")
        line.append(contentsOf: hexadecimal(mark.rawValue, digits: 16))
        line.append("\",\"previous\":\"")
        line.append(contentsOf: hexadecimal(previous.rawValue, digits: 16))
        line.append("\",\"synced\":")
        line.append(number: synced)
        line.append(",\"step\":")
        line.append(number: step)
        line.append(",\"through\":")
        line.append(number: through)
        line.append(",\"clock\":")
        line.append(number: clock)
        line.append(",\"set\":\"")
        line.append(text: set)
        line.append("\",\"count\":")
        line.append(number: Int64(count))
        line.append(",\"bytes\":")
        line.append(number: Int64(bytes))
    }

    /// `nil` when the body is not exactly what `appendBody` writes.
    init?(body: UnsafeRawBufferPointer) {
        var line = LineReader(body)
        guard line.take("{\"node\":"), let node = line.plainString(),
            line.take(",\"number\":"), let number = line.unsigned(), number > 0,
            line.take(",\"generation\":"), let generation = line.natural(),
            line.take(",\"mark\":\""), let mark = line.hexadecimal(digits: 16),
            line.take("\",\"previous\":\""), let previous = line.hexadecimal(digits: 16),
            line.take("\",\"synced\":"), let synced = line.unsigned(), synced < number,
            line.take(",\"step\":"), let step = line.signed(),
            line.take(",\"through\":"), let through = line.signed(), through >= step,
            line.take(",\"clock\":"), let clock = line.signed(),
            line.take(",\"set\":"), let set = line.plainString(),
            line.take(",\"count\":"), let count = line.natural(),
            line.take(",\"bytes\":"), let bytes = line.natural(), bytes <= Self.payloadBytesMax,
            line.isAtEnd
        else { return nil }
        self.init(
            node: node, number: number, generation: generation, mark: Mark(rawValue: mark),
            previous: Mark(rawValue: previous), synced: synced, step: step, through: through, clock: clock, set: set,
            count: count, bytes: bytes)
    }
}

/// Whether a name may stand in a header: printable ASCII that needs no escape, at most 128 characters.
func isPlainName(_ text: String) -> Bool {
    text.utf8.count <= 128
        && text.utf8.allSatisfy { $0 >= 0x20 && $0 <= 0x7E && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
}
