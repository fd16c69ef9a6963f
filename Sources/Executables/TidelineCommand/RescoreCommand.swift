import Alerting
import ArgumentParser
import Drawing
import Glibc
import Journal
import Messages
import PluginKit
import Rescore
import Runtime
import Settings

struct RescoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rescore",
        abstract: "Counts the message files again under contracts that came later.",
        discussion: """
            A metric whose definition changes has a new contract, and trend lines of its own from then on; the old ones stay. \
            This gives the new ones their past: every response that was counted under another contract is counted under the \
            configured one too. Under the old contract everything can still be read, with contract=HASH.

              1. change the metric in the configuration and start ingest again, or change it and leave that for later
              2. stop alerting; ingest goes on accepting, and its message files keep what comes
              3. tideline rescore --config tideline.yaml
              4. start alerting

            Plain answers are on the scale of the contract they were accepted under: they count on another scale as the new \
            contract's convert says, and are left out, counted and said, where it says nothing. Detection is not run again: the \
            past raises no alerts, and a changed metric's detector begins anew. Score messages of the past are not published.

            It may be stopped at any moment and goes on where it was; run twice, it adds nothing twice.
            """)

    @Flag(help: "Says what would be counted, and changes nothing. Alerting may run.")
    var dryRun = false

    @Option(
        help: ArgumentHelp(
            "The message files, where they are not in the data folder that holds the trend store.", valueName: "folder")
    )
    var journal: String?

    @OptionGroup var options: SettingsOptions

    func run() throws {
        let settings = try options.load(readsCalendars: true)
        let path = settings.data + AlertingService.storePath
        guard access(path, F_OK) == 0 else {
            throw CommandFailure(
                "there is no trend store \(path): start the services with this configuration first, or name their data folder"
            )
        }
        let lock = dryRun ? nil : try Self.lock(path)
        defer { withExtendedLifetime(lock) {} }
        do {
            let store = try TrendStore(path: path)
            var rescore = try Rescore(
                set: settings.set, store: store, journal: try inspect(settings.data + "/ingest/journal"))
            describe(rescore.plan)
            guard !dryRun, rescore.plan.blocks > 0 else { return }
            let outcome = try count(&rescore)
            tell(outcome)
        } catch let error as any CustomStringConvertible & Error {
            throw error as? CommandFailure ?? CommandFailure(error.description)
        }
    }

    private static func lock(_ path: String) throws(CommandFailure) -> StoreLock {
        do throws(TrendStoreError) {
            if let lock = try StoreLock.take(beside: path) { return lock }
        } catch { throw CommandFailure(error.description) }
        throw CommandFailure(
            "alerting is running on this data folder; stop it, run rescore, start it again; nothing is lost meanwhile: message "
                + "files keep what comes")
    }

    // MARK: Work

    private static var now: Int64 { MonotonicClock.system.now() / 1_000_000 }

    private static func line(_ verb: String, _ noun: String, total: Int?) -> ProgressLine {
        ProgressLine(
            verb: verb, noun: noun, total: total, style: Console.errors.style, isTerminal: Console.errors.isTerminal,
            width: Console.errors.width, now: now)
    }

    private func inspect(_ usual: String) throws(CommandFailure) -> InspectedJournal {
        let folder = journal ?? usual
        var line = Self.line("reading", "bytes", total: nil)
        do throws(JournalError) {
            let journal = try Recovery.inspect(fileSystem: POSIXFileSystem(), directory: folder) { progress in
                if let text = line.update(Int(progress.bytesDone), now: Self.now) { Console.progress(text) }
            }
            Console.progress(line.finish(Int(journal.index.bytes), now: Self.now))
            return journal
        } catch { throw CommandFailure("\(folder): \(error)") }
    }

    private func count(_ rescore: inout Rescore) throws -> RescoreOutcome {
        var line = Self.line("rescored", "responses", total: rescore.plan.responses)
        let outcome = try rescore.run { responses in
            if let text = line.update(responses, now: Self.now) { Console.progress(text) }
        }
        Console.progress(line.finish(outcome.responses, now: Self.now))
        return outcome
    }

    // MARK: Words

    private func describe(_ plan: RescorePlan) {
        if plan.countedBefore > 0 {
            Console.say("\(Self.counted(plan.countedBefore, "block")) an earlier run has counted already")
        }
        if plan.firstKept > 1 {
            Console.say(
                "blocks 1 to \(plan.firstKept - 1) are no longer in the message files and cannot be counted again")
        }
        guard plan.blocks > 0 else {
            Console.say("nothing to do: what is in the trend lines is there under every configured contract")
            return
        }
        for contract in plan.contracts {
            Console.say(
                "\(contract.metric) under contract \(contract.hash.text): \(Self.counted(contract.blocks, "block")) "
                    + "(\(contract.first) to \(contract.last)) with \(Self.counted(contract.responses, "response")) "
                    + (dryRun ? "would be counted" : "are counted"))
        }
    }

    private func tell(_ outcome: RescoreOutcome) {
        for (metric, reasons) in outcome.leftOut.refused.sorted(by: { $0.key < $1.key }) {
            let parts = reasons.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
                .map { "\($0.key.rawValue) \(Self.grouped($0.value))" }
            let total = reasons.values.reduce(0, +)
            Console.say(
                "\(metric): \(Self.counted(total, "answer")) \(total == 1 ? "was" : "were") refused under the new contract: "
                    + parts.joined(separator: ", "))
        }
        for (name, count) in outcome.leftOut.unused.sorted(by: { $0.key < $1.key }) {
            Console.say("\(name): \(Self.counted(count, "answer")) left out, since no configured metric is made of it")
        }
        if outcome.skipped > 0 {
            Console.say("\(Self.counted(outcome.skipped, "block")) skipped, as ingest was told to")
        }
        Console.say(
            "\(Self.counted(outcome.blocks, "block")) with \(Self.counted(outcome.responses, "response")) counted again; "
                + "start alerting to see them")
    }

    private static func counted(_ number: Int, _ noun: String) -> String {
        "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")"
    }

    /// "1,234,567".
    private static func grouped(_ number: Int) -> String {
        var text = ""
        for (place, digit) in String(number).reversed().enumerated() {
            if place > 0, place.isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return String(text.reversed())
    }
}
