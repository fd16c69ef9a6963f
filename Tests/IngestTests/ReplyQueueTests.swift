import Ingest
import Testing

/// Replies leave in the order of their requests, none before its block.
@Suite struct ReplyQueueTests {
    private func append(_ text: String, awaits: UInt64, to queue: inout ReplyQueue) {
        Array(text.utf8).withUnsafeBytes { queue.append(address: Array("to-\(text)".utf8), text: $0, awaits: awaits) }
    }

    private func release(_ queue: inout ReplyQueue, through synced: UInt64) -> [String] {
        var released: [String] = []
        queue.release(through: synced) { address, text in
            let text = String(decoding: text, as: UTF8.self)
            #expect(String(decoding: address, as: UTF8.self) == "to-\(text)")
            released.append(text)
        }
        return released
    }

    @Test func noneOvertakes() {
        var queue = ReplyQueue()
        append("a", awaits: 2, to: &queue)
        append("b", awaits: 0, to: &queue)
        append("c", awaits: 3, to: &queue)
        #expect(release(&queue, through: 1).isEmpty)
        #expect(release(&queue, through: 2) == ["a", "b"])
        #expect(queue.count == 1)
        #expect(release(&queue, through: 9) == ["c"])
        #expect(queue.byteCount == 0)
    }

    @Test func onlyRepliesThatWaitAreRewritten() {
        var queue = ReplyQueue()
        for (text, awaits) in [("a", 1), ("b", 2), ("c", 0), ("d", 3)] as [(String, UInt64)] {
            append(text, awaits: awaits, to: &queue)
        }
        queue.rewrite(awaiting: 2, settled: 1) { Array($0.utf8) }
        #expect(release(&queue, through: 1) == ["a", "b", "c", "d"])
    }

    /// The arena is compacted while replies wait: texts and addresses stay together.
    @Test func manyRepliesPassThroughASmallArena() {
        var queue = ReplyQueue()
        let long = String(repeating: "x", count: 20_000)
        var expected: [String] = []
        var released: [String] = []
        for number in 1...400 {
            append("\(number)\(long)", awaits: UInt64(number), to: &queue)
            expected.append("\(number)\(long)")
            if number > 3 { released += release(&queue, through: UInt64(number - 3)) }
        }
        #expect(queue.count == 3)
        #expect(queue.byteCount < 200_000)
        released += release(&queue, through: 400)
        #expect(released == expected)
    }
}
