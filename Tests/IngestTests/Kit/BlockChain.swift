import JSON
import Journal
import JournalTestKit
import Messages
import Satisfaction
import Scoring

/// Seals blocks one after another as ingest would, without a disk.
package struct BlockChain {
    package let node: String
    package var set: DefinitionSet
    private var generator: SeededGenerator
    private var number: UInt64 = 1
    private var mark = Mark.none
    private var step: Int64 = 0

    package init(_ set: DefinitionSet, node: String = "00000000000000aa", seed: UInt64 = 1) {
        self.set = set
        self.node = node
        generator = SeededGenerator(seed: seed)
    }

    /// A block of these events, accepted at `clock` (ms since 1970).
    package mutating func seal(_ events: [String], clock: Int64, through: Int64? = nil) -> SealedBlock {
        let payload = events.flatMap { Array($0.utf8) + [UInt8(ascii: "\n")] }
        step = max(step, clock.flooredQuotient(set.stepMilliseconds))
        let header = BlockHeader(
            node: node, number: number, mark: .random(using: &generator), previous: mark, synced: number - 1,
            step: step, through: through ?? step, clock: clock, set: set.hash.text, count: events.count,
            bytes: payload.count)
        number += 1
        mark = header.mark
        step = header.through
        return SealedBlock(sealing: header, payload: payload)
    }
}

extension SealedBlock {
    /// The control frame with which the block travels to a worker.
    package func controlFrame(worker: String = "w", attempt: Int = 1, skipped: String? = nil) -> [UInt8] {
        BlockMessage.event(
            node: header.node, number: header.number, attempt: attempt, worker: worker,
            header: headerLine.dropLast(), skipped: skipped)
    }

    package var lines: [String] {
        payload.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
    }
}

/// A tally on its way: the event, and the set where it goes along.
package struct SentTally: Sendable {
    package let event: [UInt8]
    package let set: [UInt8]?
    package init(event: [UInt8], set: [UInt8]?) {
        self.event = event
        self.set = set
    }
}

extension ScoringMachine {
    /// Takes a block with its frames and hands out all it says.
    package mutating func take(
        _ block: SealedBlock, set: DefinitionSet?, attempt: Int = 1, skipped: String? = nil
    ) throws -> [ScoringEffect] {
        let parser = JSONParser()
        let control = try parser.parse(block.controlFrame(worker: worker, attempt: attempt, skipped: skipped))
        let payload = skipped == nil ? block.payload : []
        return try withExtendedLifetime(parser) {
            try payload.withUnsafeBytes { events in
                guard let set else { return try take(block: control, events: events, set: nil) }
                return try set.text.withUnsafeBytes { try take(block: control, events: events, set: $0) }
            }
        }
    }

    /// The tally of a block that must have one.
    package mutating func tally(of block: SealedBlock, set: DefinitionSet?) throws -> SentTally {
        for effect in try take(block, set: set) {
            if case .tally(let event, let set) = effect { return SentTally(event: event, set: set) }
            if case .refused(let refused) = effect { throw MessageError(refused.sentence) }
        }
        throw MessageError("no tally of block \(block.header.number)")
    }

    /// Takes a word of alerting as it comes on the wire.
    package mutating func take(answer type: MessageType, _ data: JSONTree) throws -> [ScoringEffect] {
        let text = Envelope(type: type, source: "/alerting/test", data: data).encoded(id: "1")
        let parser = JSONParser()
        let event = try parser.parse(text)
        return try withExtendedLifetime(parser) { try text.withUnsafeBytes { try take(answer: event, text: $0) } }
    }
}
