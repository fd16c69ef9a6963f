import JSON

/// How far alerting has come on one node's journal.
package struct NodePosition: Sendable, Equatable {
    /// Number of the next block needed.
    package let next: UInt64
    /// Mark of the last block applied, 16 hexadecimal digits; nil before the first.
    package let mark: String?
    package init(next: UInt64, mark: String?) {
        self.next = next
        self.mark = mark
    }
}

/// What alerting says of itself: `hello` at a worker's first word, `committed` after every transaction.
package struct Progress: Sendable, Equatable {
    /// Random id of alerting's present life; a new one voids what was said before.
    package let start: String
    /// Grows with every message of one start; older ones are ignored.
    package let counter: UInt64
    package let nodes: [String: NodePosition]
    /// Blocks stored ahead of a gap: durable, not needed again.
    package let ahead: [String: [UInt64]]

    package init(start: String, counter: UInt64, nodes: [String: NodePosition], ahead: [String: [UInt64]]) {
        self.start = start
        self.counter = counter
        self.nodes = nodes
        self.ahead = ahead
    }

    package var tree: JSONTree {
        .object([
            ("start", .string(start)), ("counter", .integer(Int64(counter))),
            (
                "nodes",
                .object(
                    nodes.sorted { $0.key < $1.key }.map { node, position in
                        (
                            node,
                            .object([
                                ("next", .integer(Int64(position.next))),
                                ("mark", position.mark.map { .string($0) } ?? .null),
                            ])
                        )
                    })
            ),
            (
                "ahead",
                .object(
                    ahead.sorted { $0.key < $1.key }.map { node, numbers in
                        (node, .array(numbers.map { .integer(Int64($0)) }))
                    })
            ),
            ("checkpoint", .null),
        ])
    }

    package init(_ data: JSONTree) throws(MessageError) {
        let reader = TreeReader(data, place: "/data")
        start = try reader.string("start")
        counter = try reader.unsigned("counter")
        var nodes: [String: NodePosition] = [:]
        for (node, value) in try reader.object("nodes") {
            let position = TreeReader(value, place: "/data/nodes/\(node)")
            let mark: String? = position.optional("mark") == nil ? nil : try position.string("mark")
            nodes[node] = NodePosition(next: try position.unsigned("next"), mark: mark)
        }
        self.nodes = nodes
        var ahead: [String: [UInt64]] = [:]
        if reader.optional("ahead") != nil {
            for (node, value) in try reader.object("ahead") {
                guard case .array(let elements) = value else { throw MessageError("/data/ahead must hold arrays") }
                ahead[node] = elements.compactMap {
                    if case .integer(let number) = $0 { UInt64(exactly: number) } else { nil }
                }
            }
        }
        self.ahead = ahead
    }
}

extension TreeReader {
    package func unsigned(_ name: String) throws(MessageError) -> UInt64 {
        guard let value = UInt64(exactly: try integer(name)) else {
            throw MessageError("\(name) must not be negative")
        }
        return value
    }
}

/// A worker offers itself.
package struct Ready: Sendable, Equatable {
    package let worker: String
    /// Blocks it may hold at once.
    package let credit: Int
    package init(worker: String, credit: Int) {
        self.worker = worker
        self.credit = credit
    }

    package var tree: JSONTree { .object([("worker", .string(worker)), ("credit", .integer(Int64(credit)))]) }

    package init(_ data: JSONTree) throws(MessageError) {
        let reader = TreeReader(data, place: "/data")
        worker = try reader.string("worker")
        let credit = try reader.integer("credit")
        guard (1...1024).contains(credit) else { throw MessageError("/data/credit must lie in 1...1024") }
        self.credit = Int(credit)
    }
}

/// A sign of life.
package struct Heartbeat: Sendable, Equatable {
    package let worker: String
    /// Blocks this process has tallied so far.
    package let finished: UInt64
    package init(worker: String, finished: UInt64) {
        self.worker = worker
        self.finished = finished
    }

    package var tree: JSONTree { .object([("worker", .string(worker)), ("finished", .integer(Int64(finished)))]) }

    package init(_ data: JSONTree) throws(MessageError) {
        let reader = TreeReader(data, place: "/data")
        worker = try reader.string("worker")
        finished = try reader.unsigned("finished")
    }
}

/// A block's tally has been sent; the credit is free again.
package struct Tallied: Sendable, Equatable {
    package let worker: String
    package let node: String
    package let number: UInt64
    package let mark: String
    package init(worker: String, node: String, number: UInt64, mark: String) {
        self.worker = worker
        self.node = node
        self.number = number
        self.mark = mark
    }

    package var tree: JSONTree {
        .object([
            ("worker", .string(worker)), ("node", .string(node)), ("number", .integer(Int64(number))),
            ("mark", .string(mark)),
        ])
    }

    package init(_ data: JSONTree) throws(MessageError) {
        let reader = TreeReader(data, place: "/data")
        worker = try reader.string("worker")
        node = try reader.string("node")
        number = try reader.unsigned("number")
        mark = try reader.string("mark")
    }
}

/// A block that could not be tallied, or a tally that could not be taken.
package struct Refused: Sendable, Equatable {
    package enum Reason: String, Sendable, CaseIterable {
        /// The worker could not make a tally of the block.
        case failed
        /// The set the block names never came.
        case unknownSet
        /// Another block under the same number is applied already.
        case fork
        /// The tally does not read as one.
        case badTally
    }

    /// The worker that says or brought it; empty where alerting speaks.
    package let worker: String
    package let node: String
    package let number: UInt64
    package let mark: String
    package let reason: Reason
    package let sentence: String
    /// Whether this worker process had finished another block before: only then the block is suspect.
    package let finishedBefore: Bool

    package init(
        worker: String, node: String, number: UInt64, mark: String, reason: Reason, sentence: String,
        finishedBefore: Bool
    ) {
        self.worker = worker
        self.node = node
        self.number = number
        self.mark = mark
        self.reason = reason
        self.sentence = sentence
        self.finishedBefore = finishedBefore
    }

    package var tree: JSONTree {
        .object([
            ("worker", .string(worker)), ("node", .string(node)), ("number", .integer(Int64(number))),
            ("mark", .string(mark)), ("reason", .string(reason.rawValue)), ("sentence", .string(sentence)),
            ("finishedBefore", .bool(finishedBefore)),
        ])
    }

    package init(_ data: JSONTree) throws(MessageError) {
        let reader = TreeReader(data, place: "/data")
        worker = reader.optional("worker") == nil ? "" : try reader.string("worker")
        node = try reader.string("node")
        number = try reader.unsigned("number")
        mark = try reader.string("mark")
        guard let reason = Reason(rawValue: try reader.string("reason")) else {
            throw MessageError("/data/reason must be one of \(Reason.allCases.map(\.rawValue))")
        }
        self.reason = reason
        sentence = try reader.string("sentence")
        finishedBefore = reader.optional("finishedBefore") == .bool(true)
    }
}

/// A block on its way to a worker: the header as journaled, as a tree; events and set travel in frames of their own.
package struct BlockMessage: Sendable, Equatable {
    package let worker: String
    /// 1 the first time this block is sent.
    package let attempt: Int
    package let node: String
    package let number: UInt64
    package let mark: String
    package let previous: String
    package let step: Int64
    package let through: Int64
    /// Arrival clock at sealing, milliseconds since 1970.
    package let clock: Int64
    package let set: String
    package let count: Int
    /// Why its events are left out, for a block that no worker could tally.
    package let skipped: String?
    /// The whole header as journaled.
    package let header: JSONTree

    package init(worker: String, attempt: Int, header: JSONTree, skipped: String?) throws(MessageError) {
        let reader = TreeReader(header, place: "/data/header")
        self.worker = worker
        self.attempt = attempt
        self.header = header
        self.skipped = skipped
        node = try reader.string("node")
        number = try reader.unsigned("number")
        mark = try reader.string("mark")
        previous = try reader.string("previous")
        step = try reader.integer("step")
        through = try reader.integer("through")
        clock = try reader.integer("clock")
        set = try reader.string("set")
        count = Int(clamping: try reader.integer("count"))
    }

    package var tree: JSONTree {
        var members: [(String, JSONTree)] = [
            ("worker", .string(worker)), ("attempt", .integer(Int64(attempt))), ("header", header),
        ]
        if let skipped { members.append(("skipped", .string(skipped))) }
        return .object(members.map { ($0.0, $0.1) })
    }

    package init(_ data: JSONTree) throws(MessageError) {
        let reader = TreeReader(data, place: "/data")
        try self.init(
            worker: try reader.string("worker"), attempt: Int(clamping: try reader.integer("attempt")),
            header: try reader.tree("header"),
            skipped: reader.optional("skipped") == nil ? nil : try reader.string("skipped"))
    }
}

extension BlockMessage {
    /// The block message's first frame, with the header as it is journaled.
    ///
    /// - Parameter header: the header line without its line break.
    package static func event(
        node: String, number: UInt64, attempt: Int, worker: String, header: ArraySlice<UInt8>, skipped: String?
    ) -> [UInt8] {
        var text = Array(
            """
            {"specversion":"1.0","id":"\(node)-\(number)-\(attempt)","source":"/ingest/\(node)",\
            "type":"tideline.block.v1","data":{"worker":"\(worker)","attempt":\(attempt),"header":
            """.utf8)
        text.append(contentsOf: header)
        if let skipped {
            text.append(contentsOf: ",\"skipped\":".utf8)
            text.append(contentsOf: JSONTree.string(skipped).text.utf8)
        }
        text.append(contentsOf: "}}".utf8)
        return text
    }
}
