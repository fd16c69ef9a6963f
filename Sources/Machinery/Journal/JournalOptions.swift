/// How a journal is kept.
package struct JournalOptions: Sendable {
    /// The clock mode a new journal gets and an existing one must have.
    package var clock: ClockMode
    /// A file that has reached this size is followed by a new one. 4 KiB…2 GiB.
    package var fileBytesMax: Int64
    /// Blocks up to this number were verified before: only their headers and chain are read at start.
    package var verifiedThrough: UInt64

    package init(clock: ClockMode = .wall, fileBytesMax: Int64 = 256 << 20, verifiedThrough: UInt64 = 0) {
        precondition((4 << 10...2 << 30).contains(fileBytesMax), "fileBytesMax is 4 KiB…2 GiB")
        self.clock = clock
        self.fileBytesMax = fileBytesMax
        self.verifiedThrough = verifiedThrough
    }
}

/// What is known at the end of a journal: where the next block joins, and what is in force.
package struct JournalEnd: Sendable, Equatable {
    /// 16 hexadecimal digits, random, made with the journal.
    package var node: String
    package var clock: ClockMode
    /// Number of the next block.
    package var next: UInt64
    /// Mark of the last block; `none` before the first.
    package var mark: Mark
    /// `through` of the last block; 0 before the first.
    package var step: Int64
    /// Arrival clock of the last block, milliseconds; 0 before the first.
    package var clockReading: Int64
    /// `nil` before the first message file.
    package var set: JournalSet?
    /// A JSON array of the nodes in force, opaque here.
    package var nodes: String
    package var skips: [Skip]

    package init(
        node: String, clock: ClockMode, next: UInt64, mark: Mark, step: Int64, clockReading: Int64, set: JournalSet?,
        nodes: String, skips: [Skip]
    ) {
        self.node = node
        self.clock = clock
        self.next = next
        self.mark = mark
        self.step = step
        self.clockReading = clockReading
        self.set = set
        self.nodes = nodes
        self.skips = skips
    }
}
