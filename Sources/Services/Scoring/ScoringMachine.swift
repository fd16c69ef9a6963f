import JSON
import Messages

/// What a worker sends in answer to a block or a word of alerting.
package enum ScoringEffect: Sendable {
    /// To alerting: the tally event, and the set it is under when alerting has not had it from here.
    case tally(event: [UInt8], set: [UInt8]?)
    /// To the ingest node that sent the block.
    case tallied(Tallied)
    case refused(Refused)
    /// To every ingest node: what alerting said, as it said it.
    case progress([UInt8])
}

/// Scoring without its I/O: `(set, block) → tally`, and the memory of what alerting has not committed yet.
///
/// Keeps nothing that matters: whatever is lost with it is sent again by ingest. Used by one thread.
package struct ScoringMachine: ~Copyable {
    /// Tallies kept for sending again; what comes beyond is left to ingest.
    static let keptMax = 1024

    package let worker: String
    private let source: String
    private var plans: [String: (set: [UInt8], tally: BlockTally)] = [:]
    private let parser = JSONParser(documentBytesMax: 64 << 20)
    private var writer = JSONWriter(capacity: 1 << 16)
    /// Alerting's life, and what it has of this worker's.
    private var start = ""
    private var setsSent: Set<String> = []
    private var kept: [Key: Kept] = [:]
    private(set) package var statistics = ScoringStatistics()

    private struct Key: Hashable {
        let node: String
        let number: UInt64
    }

    private struct Kept {
        let set: String
        let event: [UInt8]
    }

    package init(worker: String) {
        self.worker = worker
        source = "/scoring/\(worker)"
    }

    // MARK: Blocks

    /// Takes one block: its control event, its events, and the set where it came along.
    package mutating func take(
        block control: JSONValue, events: UnsafeRawBufferPointer, set: UnsafeRawBufferPointer?
    ) throws(MessageError) -> [ScoringEffect] {
        let block = try BlockMessage(try Envelope(control).data)
        do throws(MessageError) {
            if let set { try learn(Array(set)) }
            guard plans[block.set] != nil else { throw MessageError("the set \(block.set) has not been sent") }
            let event = try tally(block, events)
            statistics.blocks += 1
            statistics.responses += UInt64(max(0, block.count))
            if kept.count < Self.keptMax {
                kept[Key(node: block.node, number: block.number)] = Kept(set: block.set, event: event)
            }
            return [
                .tally(event: event, set: setToSend(block.set)),
                .tallied(Tallied(worker: worker, node: block.node, number: block.number, mark: block.mark)),
            ]
        } catch {
            statistics.failures += 1
            let reason: Refused.Reason = plans[block.set] == nil ? .unknownSet : .failed
            return [
                .refused(
                    Refused(
                        worker: worker, node: block.node, number: block.number, mark: block.mark, reason: reason,
                        sentence: error.description, finishedBefore: statistics.blocks > 0))
            ]
        }
    }

    private mutating func learn(_ text: [UInt8]) throws(MessageError) {
        let set = try DefinitionSet(text: text)
        guard plans[set.hash.text] == nil else { return }
        plans[set.hash.text] = (text, BlockTally(plan: try TallyPlan(set)))
    }

    /// The pure function: counts every event of the block and writes the tally message.
    private mutating func tally(_ block: BlockMessage, _ events: UnsafeRawBufferPointer) throws(MessageError) -> [UInt8]
    {
        guard let place = plans.index(forKey: block.set) else { preconditionFailure("looked up before") }
        plans.values[place].tally.begin()
        try plans.values[place].tally.count(events: events, parser)
        let counted = plans.values[place].tally.responses
        guard block.skipped != nil || counted == block.count else {
            throw MessageError("the block has \(counted) events, but its header says \(block.count)")
        }
        return write(block, plans.values[place].tally)
    }

    private mutating func write(_ block: BlockMessage, _ tally: borrowing BlockTally) -> [UInt8] {
        writer.removeAll()
        writer.beginObject()
        writer.name("specversion")
        writer.value("1.0")
        writer.name("id")
        writer.value("\(block.node)-\(block.number)-\(block.mark)")
        writer.name("source")
        writer.value(source)
        writer.name("type")
        writer.value(MessageType.tally.name)
        writer.name("data")
        writer.beginObject()
        TallyHeader(block: block, responses: tally.responses).write(into: &writer)
        if let skipped = block.skipped {
            writer.name("skipped")
            writer.value(skipped)
        }
        writer.name("metrics")
        tally.write(into: &writer)
        if !tally.calls.isEmpty {
            writer.name("calls")
            writer.value(.array(tally.calls))
        }
        writer.endObject()
        writer.endObject()
        return Array(writer.bytes)
    }

    private mutating func setToSend(_ hash: String) -> [UInt8]? {
        guard setsSent.insert(hash).inserted else { return nil }
        return plans[hash]?.set
    }

    // MARK: Alerting

    /// Takes a `hello`, `committed` or `refused` of alerting and says what to do about it.
    package mutating func take(
        answer event: JSONValue, text: UnsafeRawBufferPointer
    ) throws(MessageError) -> [ScoringEffect] {
        let envelope = try Envelope(event)
        switch envelope.type {
        case .hello, .committed:
            let progress = try Progress(envelope.data)
            for key in kept.keys where key.number < progress.nodes[key.node]?.next ?? 0 { kept[key] = nil }
            var effects: [ScoringEffect] = [.progress(Array(text))]
            if progress.start != start {
                start = progress.start
                setsSent = []
                effects += resend(kept.keys.sorted { ($0.node, $0.number) < ($1.node, $1.number) })
            }
            return effects
        case .refused:
            let refused = try Refused(envelope.data)
            let key = Key(node: refused.node, number: refused.number)
            if refused.reason == .unknownSet, let missing = kept[key] {
                setsSent.remove(missing.set)
                return resend([key])
            }
            kept[key] = nil
            return [
                .refused(
                    Refused(
                        worker: worker, node: refused.node, number: refused.number, mark: refused.mark,
                        reason: refused.reason, sentence: refused.sentence, finishedBefore: statistics.blocks > 0))
            ]
        default: throw MessageError("\(envelope.type.name) does not come from alerting")
        }
    }

    private mutating func resend(_ keys: [Key]) -> [ScoringEffect] {
        keys.compactMap { key in
            guard let tally = kept[key] else { return nil }
            return .tally(event: tally.event, set: setToSend(tally.set))
        }
    }

    package var keptCount: Int { kept.count }
}

/// What a worker has done since it started, for its metrics.
package struct ScoringStatistics: Sendable {
    package var blocks: UInt64 = 0
    package var responses: UInt64 = 0
    package var failures: UInt64 = 0
}
