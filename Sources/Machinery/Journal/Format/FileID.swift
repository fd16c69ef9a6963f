/// Names one message file: its first block number and its serial. Order is the order of reading.
package struct FileID: Hashable, Comparable, Sendable {
    /// Number of the first block.
    package var first: UInt64
    /// One more than that of the file made before.
    package var serial: UInt32

    package init(first: UInt64, serial: UInt32) {
        self.first = first
        self.serial = serial
    }

    package static func < (left: FileID, right: FileID) -> Bool {
        (left.first, left.serial) < (right.first, right.serial)
    }

    /// `messages-<20 digits>-<8 hex>.jsonl`
    package var name: String {
        let serial = String(decoding: hexadecimal(UInt64(serial), digits: 8), as: UTF8.self)
        return "messages-\(decimal(first, digits: 20))-\(serial).jsonl"
    }

    /// `nil` for the name of any other file.
    package init?(name: String) {
        guard name.utf8.count == 44 else { return nil }
        var bytes = Array(name.utf8)[...]
        func digits(_ range: Range<Int>, radix: Int) -> UInt64? {
            UInt64(String(decoding: bytes[range], as: UTF8.self), radix: radix)
        }
        guard let first = digits(9..<29, radix: 10), let serial = digits(30..<38, radix: 16) else { return nil }
        self.init(first: first, serial: UInt32(serial))
        // Signs and capital digits would parse too; only the one spelling is ours.
        bytes = Array(self.name.utf8)[...]
        guard first > 0, Array(name.utf8)[...] == bytes else { return nil }
    }
}

/// Where a block lies.
package struct BlockLocation: Sendable, Equatable {
    package var file: FileID
    /// Of the header line.
    package var offset: Int64
    /// Header line and payload.
    package var length: Int

    package init(file: FileID, offset: Int64, length: Int) {
        self.file = file
        self.offset = offset
        self.length = length
    }
}
