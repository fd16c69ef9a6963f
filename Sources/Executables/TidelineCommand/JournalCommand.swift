import ArgumentParser
import Drawing
import Journal
import Runtime

struct JournalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "journal", abstract: "Looks into the message files.", subcommands: [Verify.self, Cat.self])

    /// The message files of a data folder.
    static func inspect(_ settings: SettingsOptions) throws -> InspectedJournal {
        let folder = try settings.load().data + "/ingest/journal"
        var line = ProgressLine(
            verb: "reading", noun: "bytes", total: nil, style: Console.errors.style,
            isTerminal: Console.errors.isTerminal, width: Console.errors.width, now: now)
        do throws(JournalError) {
            let journal = try Recovery.inspect(fileSystem: POSIXFileSystem(), directory: folder) { progress in
                if let text = line.update(Int(progress.bytesDone), now: now) { Console.progress(text) }
            }
            Console.progress(line.finish(Int(journal.index.bytes), now: now))
            return journal
        } catch { throw CommandFailure("\(folder): \(error)") }
    }

    private static var now: Int64 { MonotonicClock.system.now() / 1_000_000 }

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Checks every block of the message files: chain, marks and checksums. Changes nothing.")
        @OptionGroup var settings: SettingsOptions

        func run() throws {
            let journal = try JournalCommand.inspect(settings)
            var events = 0
            try journal.reader.forEachBlock(in: journal.index.first..<journal.index.next, of: journal.index) {
                block throws(JournalError) in
                events += block.header.count
                return true
            }
            Console.say(
                "node \(journal.end.node): \(journal.index.next - journal.index.first) blocks, \(events) events, "
                    + "\(journal.index.files.count) files, \(journal.index.bytes) bytes; all sound")
            if let tail = journal.unsynced {
                Console.say(
                    "\(tail.file): \(tail.bytes) bytes from \(tail.offset) on were never synced (\(tail.why)); the next start cuts them"
                )
            }
            for skip in journal.end.skips { Console.say("block \(skip.number) is skipped: \(skip.reason)") }
        }
    }

    struct Cat: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints the events of the message files, one a line, in order.")
        @Option(help: ArgumentHelp("First block.", valueName: "number")) var from: UInt64?
        @Option(help: ArgumentHelp("Last block.", valueName: "number")) var through: UInt64?
        @Flag(help: "Print the blocks' headers too.") var headers = false
        @OptionGroup var settings: SettingsOptions

        func run() throws {
            let journal = try JournalCommand.inspect(settings)
            let first = max(from ?? journal.index.first, journal.index.first)
            let end = min(through.map { $0 + 1 } ?? journal.index.next, journal.index.next)
            guard first < end else {
                throw CommandFailure(
                    "the journal holds blocks \(journal.index.first) to \(journal.index.next - 1)", status: .wrongUsage)
            }
            let output = try OutputFile("-")
            var failure: (any Error)?
            try journal.reader.forEachBlock(in: first..<end, of: journal.index) { block throws(JournalError) in
                do {
                    if headers { try output.write(line: String(decoding: block.headerLine.dropLast(), as: UTF8.self)) }
                    for line in block.payload.split(separator: UInt8(ascii: "\n")) {
                        try output.write(line: String(decoding: line, as: UTF8.self))
                    }
                } catch { failure = error }
                return failure == nil
            }
            if let failure { throw failure }
            try output.flush()
        }
    }
}
