import Ingest
import JSON
import Journal
import JournalTestKit
import MachineTestKit
import Messages

/// An intake with a disk and a journal of a list: what a test hands in, and what comes out.
struct IntakeBench: ~Copyable {
    let set: DefinitionSet
    let disk: SimulatedFileSystem
    let limits: IntakeLimits
    let clockMode: ClockMode
    let fatigue: RespondentContacts.Limits?
    var intake: Intake
    /// Blocks that were written.
    private(set) var journal: [SealedBlock] = []
    private(set) var deadLetters: [Rejection] = []
    private var writing: [SealedBlock] = []
    /// The set under which the journal was written last.
    private var journaled: JournalSet?
    private static let node = "00000000000000aa"

    init(
        set: DefinitionSet = Definitions.csat(), clock: ClockMode = .wall,
        limits: IntakeLimits = IntakeLimits(), fatigue: RespondentContacts.Limits? = nil
    ) throws {
        self.set = set
        self.limits = limits
        clockMode = clock
        self.fatigue = fatigue
        disk = SimulatedFileSystem(seed: 1)
        intake = try Self.open(set, clock, limits, fatigue, disk, [], nil)
        journaled = Self.journalSet(set)
    }

    /// The process ends and begins anew: what was not written is lost.
    mutating func restart(set: DefinitionSet? = nil) throws {
        disk.kill()
        writing = []
        intake = try Self.open(set ?? self.set, clockMode, limits, fatigue, disk, journal, journaled)
        journaled = Self.journalSet(set ?? self.set)
    }

    private static func open(
        _ set: DefinitionSet, _ clock: ClockMode, _ limits: IntakeLimits, _ fatigue: RespondentContacts.Limits?,
        _ disk: SimulatedFileSystem, _ journal: [SealedBlock], _ journaled: JournalSet?
    ) throws -> Intake {
        var generator = SeededGenerator(seed: 7 + UInt64(journal.count))
        let key = try IdentityKey.open(fileSystem: disk, directory: "identities", randomness: &generator)
        let identities = try IdentityIndex.open(
            fileSystem: disk, directory: "identities", node: node, key: key, neededFrom: 1
        ) { number in number > 0 && number <= journal.count ? journal[Int(number) - 1].header.mark : nil }
        for block in journal where block.header.number >= identities.uncoveredFrom {
            for line in block.lines {
                let event = try JSONTree.parse(line)
                _ = try identities.insert(
                    key.identity(source: event["source"]!.string!, id: event["id"]!.string!),
                    block: block.header.number, clock: block.header.clock)
            }
            identities.settle(through: block.header.number)
        }
        let last = journal.last?.header
        let end = JournalEnd(
            node: node, clock: clock, next: UInt64(journal.count) + 1, mark: last?.mark ?? .none,
            step: last?.through ?? 0, clockReading: last?.clock ?? 0, set: journaled, nodes: "[]", skips: [])
        let contacts = fatigue.map { RespondentContacts(limits: $0, key: key) }
        let parser = JSONParser()
        for block in journal { contacts?.restore(block, parser: parser) }
        return try Intake(
            set: set, end: end, limits: limits, identities: identities, key: key, contacts: contacts, start: "life",
            generator: generator)
    }

    private static func journalSet(_ set: DefinitionSet) -> JournalSet {
        JournalSet(json: String(decoding: set.text, as: UTF8.self), hash: set.hash.text)
    }

    // MARK: Doing

    /// One message with receipts, from peer `peer`.
    mutating func request(_ text: String, from peer: String = "p", at now: Int64 = Responses.moment) {
        var refused: [Rejection] = []
        Array(text.utf8).withUnsafeBytes { payload in
            intake.request(payload, address: Array(peer.utf8), now: now) { rejection, _, _ in refused.append(rejection)
            }
        }
        deadLetters += refused
    }

    /// Hands out what is to be written; it is on its way until ``succeed()`` or ``fail()``.
    @discardableResult
    mutating func beginWrite() -> [BlockHeader] {
        writing = intake.takeForWriting()
        return writing.map(\.header)
    }

    mutating func succeed() {
        journal += writing
        intake.written(writing)
        writing = []
    }

    mutating func fail(_ reason: Unavailability = .writeFailed) {
        writing = []
        intake.writeFailed(reason)
    }

    /// Writes until nothing is left.
    mutating func write() {
        while intake.hasOpenEvents {
            beginWrite()
            succeed()
        }
    }

    // MARK: Looking

    /// Replies that may leave now, as `peer: statuses`.
    mutating func replies() -> [String] {
        var released: [(String, String)] = []
        intake.replies.release(through: intake.synced) { address, text in
            released.append((String(decoding: address, as: UTF8.self), String(decoding: text, as: UTF8.self)))
        }
        return released.map { peer, text in
            let words = ((try? Receipt.all(in: text)) ?? []).map { receipt in
                ([receipt.id ?? "null", receipt.status, receipt.reason].compactMap(\.self) + receipt.flags)
                    .joined(separator: " ")
            }
            return "\(peer): \(words.joined(separator: ", "))"
        }
    }

    /// The journal as text: number, steps, ids of its events.
    var story: [String] {
        journal.map { block in
            let ids = block.lines.map { (try? JSONTree.parse($0))?["id"]?.string ?? "?" }
            let first = block.header.step - Responses.moment / set.stepMilliseconds
            let last = block.header.through - Responses.moment / set.stepMilliseconds
            return
                "\(block.header.number) [\(first == last ? "\(first)" : "\(first)...\(last)")] \(ids.joined(separator: " "))"
        }
    }
}
