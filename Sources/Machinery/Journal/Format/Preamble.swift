/// Where the arrival clock comes from; fixed for a journal.
package enum ClockMode: String, Sendable { case wall, message }

/// A block that is dispatched as its header alone, because workers failed on it (PROTOCOL.md, rule 12).
package struct Skip: Sendable, Equatable {
    package var number: UInt64
    package var mark: Mark
    package var reason: String

    package init(number: UInt64, mark: Mark, reason: String) {
        self.number = number
        self.mark = mark
        self.reason = reason
    }
}

/// The set in force: opaque canonical JSON, and the hash that names it in block headers.
package struct JournalSet: Sendable, Equatable {
    /// One JSON object or array without newlines.
    package var json: String
    /// Plain ASCII, at most 128 characters.
    package var hash: String

    package init(json: String, hash: String) {
        precondition(isPlainName(hash), "a set's hash is plain ASCII")
        precondition(!json.utf8.contains(UInt8(ascii: "\n")), "a set is one line")
        self.json = json
        self.hash = hash
    }
}

/// The first line of a message file: what is in force where it begins.
package struct Preamble: Sendable, Equatable {
    package var node: String
    package var clock: ClockMode
    package var first: UInt64
    package var previous: Mark
    package var lastStep: Int64
    package var lastClock: Int64
    package var skips: [Skip]
    /// A JSON array, opaque here.
    package var nodes: String
    package var set: JournalSet

    /// Longest preamble, newline included.
    package static let bytesMax = 16 << 20
    static let version: UInt64 = 1

    var line: [UInt8] {
        var line: [UInt8] = []
        line.append("{\"tideline\":\"message-file\",\"version\":1,\"node\":\"")
        line.append(text: node)
        line.append("\",\"clock\":\"")
        line.append(text: clock.rawValue)
        line.append("\",\"first\":")
        line.append(number: first)
        line.append(",\"previous\":\"")
        line.append(contentsOf: hexadecimal(previous.rawValue, digits: 16))
        line.append("\",\"lastStep\":")
        line.append(number: lastStep)
        line.append(",\"lastClock\":")
        line.append(number: lastClock)
        line.append(",\"skips\":[")
        for (index, skip) in skips.enumerated() {
            if index > 0 { line.append(",") }
            skip.append(to: &line)
        }
        line.append("],\"nodes\":")
        line.append(text: nodes)
        line.append(",\"setHash\":\"")
        line.append(text: set.hash)
        line.append("\",\"set\":")
        line.append(text: set.json)
        line.appendChecksum(from: 0)
        return line
    }

    enum Reading {
        case preamble(Preamble)
        /// Whole, and of a version that this release does not know.
        case version(UInt64)
        case damaged
    }

    /// Reads a line without its newline.
    static func read(_ line: UnsafeRawBufferPointer) -> Reading {
        guard let parts = ChecksummedLine(line), parts.isIntact() else { return .damaged }
        var body = LineReader(parts.body)
        guard body.take("{\"tideline\":\"message-file\",\"version\":"), let version = body.unsigned() else {
            return .damaged
        }
        if version != Self.version { return .version(version) }
        return Preamble(members: &body).map { .preamble($0) } ?? .damaged
    }

    private init?(members body: inout LineReader) {
        guard body.take(",\"node\":"), let node = body.plainString(),
            body.take(",\"clock\":"), let clock = body.plainString().flatMap(ClockMode.init),
            body.take(",\"first\":"), let first = body.unsigned(), first > 0,
            body.take(",\"previous\":\""), let previous = body.hexadecimal(digits: 16),
            body.take("\",\"lastStep\":"), let lastStep = body.signed(),
            body.take(",\"lastClock\":"), let lastClock = body.signed(),
            body.take(",\"skips\":"), let skips = Skip.array(from: &body),
            body.take(",\"nodes\":"), let nodes = body.nested(),
            body.take(",\"setHash\":"), let hash = body.plainString(), isPlainName(hash),
            body.take(",\"set\":"), let set = body.nested(),
            body.isAtEnd
        else { return nil }
        self.init(
            node: node, clock: clock, first: first, previous: Mark(rawValue: previous), lastStep: lastStep,
            lastClock: lastClock, skips: skips, nodes: nodes, set: JournalSet(json: set, hash: hash))
    }

    init(
        node: String, clock: ClockMode, first: UInt64, previous: Mark, lastStep: Int64, lastClock: Int64,
        skips: [Skip], nodes: String, set: JournalSet
    ) {
        self.node = node
        self.clock = clock
        self.first = first
        self.previous = previous
        self.lastStep = lastStep
        self.lastClock = lastClock
        self.skips = skips
        self.nodes = nodes
        self.set = set
    }
}
