import DequeModule
import JSON
import Journal
import Messages
import Satisfaction

/// Ingest's first half without its I/O: messages go in; receipts and sealed blocks come out.
///
/// Every event is parsed whole, checked under the set, looked up among the identities, stamped and put into the open
/// block. A receipt waits until its block is synced. Used by one thread.
package struct Intake: ~Copyable {
    /// Stamps more than this ahead of the clock are refused.
    static let aheadMaxMilliseconds: Int64 = 86_400_000

    private let set: DefinitionSet
    private let clockMode: ClockMode
    private let node: String
    private let limits: IntakeLimits
    private let sources: [[UInt8]]
    private let rules: EventRules
    private let parser: JSONParser
    private let identities: IdentityIndex
    private let key: IdentityKey
    /// How often respondents are asked; nil while nobody wants to know.
    package let contacts: RespondentContacts?
    private var receiptWriter: ReceiptWriter
    private var receipts = JSONWriter(capacity: 4096)
    private var scratch = JSONWriter(capacity: 4096)
    private var secondScratch = JSONWriter(capacity: 4096)
    private var generator: any RandomNumberGenerator & Sendable

    private var open: OpenBlock
    /// Whether the journal has a block already: before the first, no passage of time is written.
    private var hasBegun: Bool
    private var clock: Int64
    private var nextNumber: UInt64
    private var lastMark: Mark
    /// Sealed and not yet handed to the disk.
    private var sealed: Deque<SealedBlock> = []
    private var sealedBytes = 0
    /// The last block known to be durable, and its mark.
    private(set) package var synced: UInt64
    private var syncedMark: Mark
    /// Blocks handed to the disk whose outcome is not known.
    private(set) package var isWriting = false

    /// Events accepted and not yet durable.
    private var acceptedUnsynced: UInt64 = 0
    /// The last failure to read the identity index, for the log.
    package var identityError: JournalError?

    package var replies = ReplyQueue()
    package private(set) var statistics = IntakeStatistics()
    /// Why nothing is accepted at present; nil when all is well.
    package var unavailable: Unavailability?

    /// - Parameters:
    ///   - end: where the journal stands.
    ///   - contacts: what the journal knows of respondents, to flag the over-surveyed; nil to flag nobody.
    ///   - start: random id of this life, part of every receipt's id.
    package init(
        set: DefinitionSet, end: JournalEnd, limits: IntakeLimits, identities: IdentityIndex, key: IdentityKey,
        contacts: RespondentContacts? = nil, start: String, generator: any RandomNumberGenerator & Sendable
    ) throws(MessageError) {
        self.set = set
        self.limits = limits
        self.identities = identities
        self.key = key
        self.contacts = contacts
        self.generator = generator
        clockMode = end.clock
        node = end.node
        sources = limits.sources.map { Array($0.utf8) }
        rules = try IntakeRules.rules(of: set)
        parser = JSONParser(documentBytesMax: 64 << 20)
        receiptWriter = ReceiptWriter(node: end.node, start: start)
        hasBegun = end.next > 1
        clock = end.clockReading
        open = OpenBlock(step: Self.step(of: end, under: set))
        nextNumber = end.next
        lastMark = end.mark
        synced = end.next - 1
        syncedMark = end.mark
        statistics.respondentsForgotten = contacts?.forgottenEarly ?? 0
    }

    /// The step the journal stands in; in the new length where the configuration has another than the journal.
    private static func step(of end: JournalEnd, under set: DefinitionSet) -> Int64 {
        guard let former = end.set.flatMap({ try? DefinitionSet(text: Array($0.json.utf8)) }),
            former.stepMilliseconds != set.stepMilliseconds
        else { return end.step }
        return end.clockReading.flooredQuotient(set.stepMilliseconds)
    }

    // MARK: Messages

    /// Takes one message with receipts: decides every event and queues one reply.
    ///
    /// - Parameters:
    ///   - address: the frames before the payload, as ``ReplyQueue/append(address:text:awaits:)`` wants them.
    ///   - now: wall clock, ms since 1970.
    package mutating func request(
        _ payload: UnsafeRawBufferPointer, address: [UInt8], now: Int64, deadLetter: DeadLetterSink
    ) {
        receipts.removeAll()
        let awaits = take(payload, from: .receipts, now: now, deadLetter: deadLetter)
        replies.append(address: address, text: receipts.bytes, awaits: awaits)
    }

    /// Takes one message without receipts.
    package mutating func message(_ payload: UnsafeRawBufferPointer, now: Int64, deadLetter: DeadLetterSink) {
        receipts.removeAll()
        _ = take(payload, from: .responses, now: now, deadLetter: deadLetter)
    }

    /// Refuses a message as a whole: it had too many frames, for one.
    package mutating func refuse(
        _ rejection: Rejection, payload: UnsafeRawBufferPointer, address: [UInt8]?, entrance: Entrance,
        deadLetter: DeadLetterSink
    ) {
        receipts.removeAll()
        reject(rejection, payload, entrance, id: nil, deadLetter)
        if let address { replies.append(address: address, text: receipts.bytes, awaits: 0) }
    }

    /// - Returns: the last block that holds anything of the message.
    private mutating func take(
        _ payload: UnsafeRawBufferPointer, from entrance: Entrance, now: Int64, deadLetter: DeadLetterSink
    ) -> UInt64 {
        let text = payload.trimmed
        guard let first = text.first else {
            reject(
                Rejection(.emptyMessage, at: nil, "the message has no event"), payload, entrance, id: nil, deadLetter)
            return 0
        }
        if first == UInt8(ascii: "[") { return takeBatch(text, entrance, now, deadLetter) }
        var awaits: UInt64 = 0
        var rest = text
        var events = 0
        while !rest.isEmpty {
            let end = rest.firstLineFeed() ?? rest.endIndex
            let line = UnsafeRawBufferPointer(rebasing: rest[..<end]).trimmed
            rest =
                end == rest.endIndex
                ? UnsafeRawBufferPointer(rebasing: rest[end...]) : UnsafeRawBufferPointer(rebasing: rest[(end + 1)...])
            if line.isEmpty { continue }
            events += 1
            guard events <= limits.eventsPerMessageMax else {
                reject(tooManyEvents, text, entrance, id: nil, deadLetter)
                break
            }
            awaits = max(awaits, decide(line, entrance, now, deadLetter))
        }
        return awaits
    }

    private var tooManyEvents: Rejection {
        Rejection(
            .tooMany, at: nil,
            "the message has more than \(limits.eventsPerMessageMax) events; those from here on were not looked at")
    }

    /// A CloudEvents batch: valid as a whole, or one receipt for all of it.
    private mutating func takeBatch(
        _ text: UnsafeRawBufferPointer, _ entrance: Entrance, _ now: Int64, _ deadLetter: DeadLetterSink
    ) -> UInt64 {
        let ranges: [Range<Int>]
        do throws(JSONSyntaxError) {
            _ = try parser.parse(text)
            ranges = Array(parser.elementTexts(of: text))
        } catch {
            reject(Rejection(.syntax, at: nil, "\(error)"), text, entrance, id: nil, deadLetter)
            return 0
        }
        var awaits: UInt64 = 0
        var events = 0
        for range in ranges {
            events += 1
            guard events <= limits.eventsPerMessageMax else {
                reject(tooManyEvents, text, entrance, id: nil, deadLetter)
                break
            }
            let element = UnsafeRawBufferPointer(rebasing: text[range])
            if element.contains(where: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) {
                awaits = max(awaits, decideMinified(element, entrance, now, deadLetter))
            } else {
                awaits = max(awaits, decide(element, entrance, now, deadLetter))
            }
        }
        if events == 0 {
            reject(Rejection(.emptyMessage, at: nil, "the batch has no event"), text, entrance, id: nil, deadLetter)
        }
        return awaits
    }

    /// A batch may be laid out over lines; an event in a block is one.
    private mutating func decideMinified(
        _ element: UnsafeRawBufferPointer, _ entrance: Entrance, _ now: Int64, _ deadLetter: DeadLetterSink
    ) -> UInt64 {
        var line = JSONWriter(capacity: element.count)
        JSONText.oneLine(element, into: &line)
        return decide(line.bytes, entrance, now, deadLetter)
    }

    // MARK: Events

    /// Decides one event and writes its receipt.
    /// - Returns: the block that holds it, or its original; 0 for none.
    private mutating func decide(
        _ line: UnsafeRawBufferPointer, _ entrance: Entrance, _ now: Int64, _ deadLetter: DeadLetterSink
    ) -> UInt64 {
        guard line.count <= limits.eventBytesMax else {
            let sentence = "the event has \(line.count) bytes, but at most \(limits.eventBytesMax) are taken"
            reject(Rejection(.tooLarge, at: nil, sentence), line, entrance, id: nil, deadLetter)
            return 0
        }
        let root: JSONValue
        do throws(JSONSyntaxError) { root = try parser.parse(line) } catch {
            reject(Rejection(.syntax, at: nil, "\(error)"), line, entrance, id: nil, deadLetter)
            return 0
        }
        do throws(Rejection) {
            let message = try rules.read(root, latest: latest(now))
            if !sources.isEmpty, !sources.contains(where: { message.source.equals($0) }) {
                throw Rejection(
                    .wrongSource, at: "/source",
                    "\"\(message.source.excerpt)\" does not belong to this node; it takes: \(limits.sources.joined(separator: ", "))"
                )
            }
            return accept(message, root, line, now)
        } catch {
            let id = root.member(named: "id")?.string?.text
            reject(error, line, entrance, id: id, deadLetter)
            return 0
        }
    }

    /// With a trusted message clock nothing is ahead of it.
    private func latest(_ now: Int64) -> Int64 {
        clockMode == .wall ? max(now, clock) + Self.aheadMaxMilliseconds : .max
    }

    private mutating func accept(
        _ message: EventMessage, _ root: JSONValue, _ line: UnsafeRawBufferPointer, _ now: Int64
    ) -> UInt64 {
        if let unavailable {
            statistics.unavailable += 1
            receiptWriter.write(unavailable, retryAfterSeconds: 1, id: message.id.text, into: &receipts)
            return 0
        }
        advance(clockMode == .wall ? now : message.recordedTime ?? message.time)
        let identity = key.identity(source: message.source.rawBytes, id: message.id.rawBytes)
        do throws(JournalError) {
            if let original = try identities.insert(identity, block: nextNumber, clock: clock) {
                statistics.duplicates += 1
                receiptWriter.writeDuplicate(id: message.id, into: &receipts)
                return original
            }
        } catch {
            // The index could not be read: whether this is a duplicate cannot be said now.
            identityError = error
            statistics.unavailable += 1
            receiptWriter.write(.writeFailed, retryAfterSeconds: 1, id: message.id.text, into: &receipts)
            return 0
        }
        let tooMany = contacts == nil ? nil : noteContact(message)
        if message.recordedTime == nil, contacts == nil || root.member(named: "contacts") == nil {
            open.append(line, recorded: clock, contacts: tooMany)
        } else {
            appendRestamped(line, contacts: tooMany)
        }
        statistics.accepted += 1
        acceptedUnsynced += 1
        receiptWriter.writeAccepted(id: message.id, flag: tooMany == nil ? nil : .overSurveyed, into: &receipts)
        let number = nextNumber
        if open.count >= limits.blockEventsMax || open.payload.count >= limits.blockBytesMax { seal() }
        return number
    }

    /// - Returns: the contacts of the event's respondent within the window, where they are too many.
    private mutating func noteContact(_ message: EventMessage) -> Int? {
        guard let contacts else { return nil }
        let tooMany = contacts.note(message, clock: clock, block: nextNumber)
        if tooMany != nil { statistics.overSurveyed += 1 }
        statistics.respondentsForgotten = contacts.forgottenEarly
        return tooMany
    }

    /// An event that came with a `recordedtime` gets ours instead, and so with `contacts` where we count them.
    private mutating func appendRestamped(_ line: UnsafeRawBufferPointer, contacts tooMany: Int?) {
        scratch.removeAll()
        JSONText.removeMember(named: "recordedtime", from: line, into: &scratch)
        guard contacts != nil else {
            open.append(scratch.bytes, recorded: clock)
            return
        }
        secondScratch.removeAll()
        JSONText.removeMember(named: "contacts", from: scratch.bytes, into: &secondScratch)
        open.append(secondScratch.bytes, recorded: clock, contacts: tooMany)
    }

    private mutating func reject(
        _ rejection: Rejection, _ text: UnsafeRawBufferPointer, _ entrance: Entrance, id: String?,
        _ deadLetter: DeadLetterSink
    ) {
        statistics.rejected[rejection.reason, default: 0] += 1
        receiptWriter.write(rejection, id: id, into: &receipts)
        deadLetter(rejection, text, entrance)
    }

    // MARK: Clock and steps

    /// Moves the arrival clock, never back, and closes the open block where a step ends.
    private mutating func advance(_ moment: Int64) {
        clock = max(clock, moment)
        let step = clock.flooredQuotient(set.stepMilliseconds)
        guard step != open.step else { return }
        guard hasBegun || !open.isEmpty else {
            open.step = step
            return
        }
        guard step > open.step else { return }
        if !open.isEmpty { seal() }
        if step > open.step + 1 { sealEmpty(from: open.step + 1, through: step - 1) }
        open.step = step
    }

    /// Notes the passage of wall time: a step that ends is said at once, by an empty block of the step that begins.
    package mutating func tick(now: Int64) {
        guard clockMode == .wall, hasBegun || !open.isEmpty, unavailable == nil else { return }
        clock = max(clock, now)
        let step = clock.flooredQuotient(set.stepMilliseconds)
        guard step > open.step else { return }
        if !open.isEmpty { seal() }
        sealEmpty(from: open.step + 1, through: step)
        open.step = step
    }

    // MARK: Blocks

    private mutating func seal() {
        let (payload, count) = open.take()
        seal(step: open.step, through: open.step, payload: payload, count: count)
    }

    private mutating func sealEmpty(from first: Int64, through last: Int64) {
        seal(step: first, through: last, payload: [], count: 0)
    }

    private mutating func seal(step: Int64, through: Int64, payload: [UInt8], count: Int) {
        let mark = Mark(rawValue: max(1, generator.next()))
        let header = BlockHeader(
            node: node, number: nextNumber, mark: mark, previous: lastMark, synced: synced, step: step,
            through: through, clock: clock, set: set.hash.text, count: count, bytes: payload.count)
        let block = SealedBlock(sealing: header, payload: payload)
        sealed.append(block)
        sealedBytes += payload.count
        nextNumber += 1
        lastMark = mark
        hasBegun = true
        statistics.blocks += 1
    }

    /// The arrival clock, ms since 1970.
    package var arrivalClock: Int64 { clock }

    /// Bytes accepted and not yet durable.
    package var pendingBytes: Int { sealedBytes + open.payload.count }

    package var hasOpenEvents: Bool { !open.isEmpty || !sealed.isEmpty }

    /// What the disk is to write next, in one go: everything sealed, and the open block if the disk is idle.
    package mutating func takeForWriting() -> [SealedBlock] {
        guard !isWriting else { return [] }
        if !open.isEmpty { seal() }
        guard !sealed.isEmpty else { return [] }
        isWriting = true
        defer { sealed.removeAll(keepingCapacity: true) }
        return Array(sealed)
    }

    /// The blocks that are closed, without closing the open one: for replay, where only steps and limits close blocks.
    package mutating func takeSealed() -> [SealedBlock] {
        defer { sealed.removeAll(keepingCapacity: true) }
        return Array(sealed)
    }

    /// The blocks handed out last are durable.
    package mutating func written(_ blocks: [SealedBlock]) {
        isWriting = false
        guard let last = blocks.last else { return }
        identities.settle(through: last.header.number)
        contacts?.settle(through: last.header.number)
        acceptedUnsynced -= min(acceptedUnsynced, UInt64(blocks.reduce(0) { $0 + $1.header.count }))
        synced = last.header.number
        syncedMark = last.header.mark
        sealedBytes -= blocks.reduce(0) { $0 + $1.payload.count }
    }

    /// The blocks handed out last are void, and with them all that was accepted since: their senders are told to try
    /// again, their identities and contacts forgotten, and the next block takes up the number after the last durable one.
    package mutating func writeFailed(_ reason: Unavailability) {
        isWriting = false
        let first = synced + 1
        identities.forget(from: first)
        statistics.overSurveyed -= contacts?.forget(from: first) ?? 0
        statistics.accepted -= acceptedUnsynced
        acceptedUnsynced = 0
        _ = open.take()
        sealed.removeAll()
        sealedBytes = 0
        nextNumber = first
        lastMark = syncedMark
        hasBegun = synced > 0
        replies.rewrite(awaiting: first, settled: synced) { text in Self.unavailableReceipts(text, reason) }
    }

    /// Turns the `accepted` and `duplicate` receipts of a reply into `unavailable`.
    private static func unavailableReceipts(_ text: String, _ reason: Unavailability) -> [UInt8] {
        var lines: [UInt8] = []
        for line in text.split(separator: "\n") {
            guard case .object(var members)? = try? JSONTree.parse(String(line)),
                let place = members.firstIndex(where: { $0.0 == "data" }),
                let status = members[place].1["status"]?.string, status == "accepted" || status == "duplicate"
            else {
                lines.append(contentsOf: line.utf8)
                lines.append(UInt8(ascii: "\n"))
                continue
            }
            members[place].1 = .object([
                ("id", members[place].1["id"] ?? .null), ("status", .string("unavailable")),
                ("reason", .string(reason.rawValue)), ("retryAfter", .integer(1)),
            ])
            lines.append(contentsOf: JSONTree.object(members).text.utf8)
            lines.append(UInt8(ascii: "\n"))
        }
        return lines
    }
}
