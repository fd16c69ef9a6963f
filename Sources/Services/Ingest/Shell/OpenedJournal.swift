import Hosting
import JSON
import Journal
import Logging
import Messages
import Settings

/// Everything ingest has on disk, opened, verified and repaired.
struct OpenedJournal {
    let journal: RecoveredJournal
    let key: IdentityKey
    let identities: IdentityIndex
    /// Nil where nobody is to be flagged as over-surveyed.
    let contacts: RespondentContacts?
    let deadLetters: DeadLetterWriter
    let deadLetterOptions: DeadLetterOptions

    /// - Throws: ``JournalError`` with the file and the next step.
    init(host: ServiceHost) throws {
        let configuration = host.settings.configuration
        let folder = host.settings.data + "/ingest"
        let files = POSIXFileSystem()
        var randomness = SystemRandomNumberGenerator()
        let clock: ClockMode = configuration.string("clock") == "message" ? .message : .wall
        host.health.set("journal", .notReady("verifying the message files"))
        journal = try Recovery.open(
            fileSystem: files, directory: folder + "/journal",
            options: JournalOptions(clock: clock, fileBytesMax: Int64(configuration.bytes("ingest.fileBytesMax"))),
            randomness: &randomness
        ) { [health = host.health] progress in
            health.set("journal", .notReady("verified \(progress.bytesDone) of \(progress.bytesTotal) bytes"))
        }
        if let cut = journal.cut {
            host.logger.warning(
                "the unsynced tail of the journal was cut; nothing in it was ever answered",
                metadata: [
                    "file": .string(cut.file), "offset": "\(cut.offset)", "bytes": "\(cut.bytes)", "why": "\(cut.why)",
                ])
        }
        journal.writer.setInForce(
            JournalSet(
                json: String(decoding: host.settings.set.text, as: UTF8.self), hash: host.settings.set.hash.text))
        key = try IdentityKey.open(fileSystem: files, directory: folder + "/identities", randomness: &randomness)
        identities = try Self.identities(host, journal, key, files, folder + "/identities", clock)
        contacts = try Self.contacts(host, journal, key)
        deadLetterOptions = DeadLetterOptions(
            deadLetterBytesMax: Int64(configuration.bytes("ingest.deadLetterBytesMax")))
        deadLetters = try DeadLetterWriter(
            fileSystem: files, directory: folder + "/deadletters", options: deadLetterOptions)
    }

    /// Opens the duplicate index and feeds it the blocks that no run covers.
    private static func identities(
        _ host: ServiceHost, _ journal: RecoveredJournal, _ key: IdentityKey, _ files: POSIXFileSystem,
        _ directory: String, _ clock: ClockMode
    ) throws -> IdentityIndex {
        let configuration = host.settings.configuration
        let horizon = clock == .message ? nil : configuration.milliseconds("identityHorizon")
        let from =
            try horizon.map {
                try journal.reader.firstNumber(clockAtLeast: journal.end.clockReading - $0, in: journal.index)
            } ?? journal.index.first
        let index = try IdentityIndex.open(
            fileSystem: files, directory: directory, node: journal.end.node, key: key,
            options: IdentityOptions(
                identitiesInMemoryMax: configuration.integer("ingest.identitiesMax"), horizon: horizon),
            neededFrom: from
        ) { number throws(JournalError) in
            guard number >= journal.index.first, number < journal.index.next else { return nil }
            return try journal.reader.header(number, in: journal.index).mark
        }
        let parser = JSONParser(documentBytesMax: 64 << 20)
        var count = 0
        let uncovered = max(index.uncoveredFrom, journal.index.first)
        if uncovered < journal.index.next {
            try journal.reader.forEachBlock(in: uncovered..<journal.index.next, of: journal.index) {
                block throws(JournalError) in
                count += try insert(block, into: index, key, parser)
                // Memory stays bounded however long the horizon is.
                let settled = (number: block.header.number, mark: block.header.mark)
                if let work = index.nextWork(now: 0, clock: block.header.clock, settled: settled) {
                    try index.finish(work.perform())
                }
                return true
            }
        }
        host.logger.info(
            "identities are known",
            metadata: ["onDisk": "\(index.countOnDisk)", "readFromMessageFiles": "\(count)"])
        return index
    }

    /// Reads how often each respondent was asked from the message files of the window.
    private static func contacts(
        _ host: ServiceHost, _ journal: RecoveredJournal, _ key: IdentityKey
    ) throws -> RespondentContacts? {
        guard let limits = RespondentContacts.Limits(host.settings.configuration) else { return nil }
        host.health.set("journal", .notReady("reading the contacts of respondents from the message files"))
        let contacts = RespondentContacts(limits: limits, key: key)
        let start = contacts.windowStart(at: journal.end.clockReading)
        let first = max(try journal.reader.firstNumber(clockAtLeast: start, in: journal.index), journal.index.first)
        let parser = JSONParser(documentBytesMax: 64 << 20)
        if first < journal.index.next {
            try journal.reader.forEachBlock(in: first..<journal.index.next, of: journal.index) {
                contacts.restore($0, parser: parser)
                return true
            }
        }
        host.logger.info(
            "contacts of respondents are known",
            metadata: ["respondents": "\(contacts.count)", "fromBlock": "\(first)", "bytes": "\(contacts.bytes)"])
        return contacts
    }

    private static func insert(
        _ block: SealedBlock, into index: IdentityIndex, _ key: IdentityKey, _ parser: JSONParser
    ) throws(JournalError) -> Int {
        var count = 0
        for line in block.payload.split(separator: UInt8(ascii: "\n")) {
            let identity = line.withUnsafeBytes { bytes -> Identity? in
                guard let event = try? parser.parse(bytes), let source = event.member(named: "source")?.string,
                    let id = event.member(named: "id")?.string
                else { return nil }
                return key.identity(source: source.rawBytes, id: id.rawBytes)
            }
            guard let identity else { continue }
            _ = try index.insert(identity, block: block.header.number, clock: block.header.clock)
            count += 1
        }
        index.settle(through: block.header.number)
        return count
    }
}
