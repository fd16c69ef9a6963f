import ArgumentParser
import Drawing
import JSON
import Runtime
import ZMQ

struct PublishCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Sends responses, one CloudEvents event a line, and waits for the receipt of each.",
        discussion: """
            Reads JSON Lines from a file or, for -, standard input. Sending the same file again is safe: what is known \
            already is a duplicate.

              tideline publish responses.jsonl
              tail -f responses.jsonl | tideline publish -
            """)

    @Argument(help: "A file of JSON Lines, or - for standard input.")
    var file: String

    @Option(help: ArgumentHelp("Events sent in one message.", valueName: "n"))
    var perMessage = 1

    @Option(
        help: ArgumentHelp(
            "Address of ingest's receipts socket; the configuration's by default.", valueName: "endpoint"))
    var to: String?

    @Flag(help: "Count rejected events, but do not fail because of them.")
    var allowRejected = false

    @OptionGroup var settings: SettingsOptions

    func validate() throws {
        guard (1...10_000).contains(perMessage) else { throw ValidationError("--per-message must lie in 1...10000") }
    }

    func run() throws {
        let endpoint = try to ?? settings.load().configuration.string("ingest.receipts")
        let context = try Context()
        var input = try InputFile(file)
        var publication = try Publication(endpoint: endpoint, context: context, perMessage: perMessage)
        try input.forEachLine { number, line in try publication.add(line, number: number) }
        let counts = try publication.finish()
        Console.say(Self.summary(counts))
        if counts.rejected > 0, !allowRejected { endProcess(.failed) }
    }

    static func summary(_ counts: PublishCounts) -> String {
        let reasons = counts.reasons.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        return "accepted \(counts.accepted), duplicates \(counts.duplicates), rejected \(counts.rejected)"
            + (reasons.isEmpty ? "" : " (\(reasons))")
    }
}

/// Lines on their way: grouped into messages, with progress and the first rejections shown.
struct Publication: ~Copyable {
    /// Rejections shown one by one; the rest is counted.
    static let rejectionsShownMax = 10

    private var publisher: Publisher
    private let perMessage: Int
    private var group: [UInt8] = []
    private var groupCount = 0
    private var groupLine = 0
    private var progress: ProgressLine

    init(
        endpoint: String, context: Context, perMessage: Int, total: Int? = nil, showsRejections: Bool = true
    ) throws {
        let shown = ShownRejections()
        publisher = try Publisher.open(endpoint, context: context) { line, receipt in
            if showsRejections { shown.show(line, receipt) }
        }
        self.perMessage = perMessage
        progress = ProgressLine(
            verb: "sending", noun: "responses", total: total, style: Console.errors.style,
            isTerminal: Console.errors.isTerminal, width: Console.errors.width, now: Self.now)
    }

    private static var now: Int64 { MonotonicClock.system.now() / 1_000_000 }

    mutating func add(_ line: [UInt8], number: Int) throws {
        if groupCount == 0 { groupLine = number } else { group.append(UInt8(ascii: "\n")) }
        group.append(contentsOf: line)
        groupCount += 1
        if groupCount >= perMessage { try flush() }
        if let text = progress.update(publisher.counts.decided, now: Self.now) { Console.progress(text) }
    }

    private mutating func flush() throws {
        guard groupCount > 0 else { return }
        try publisher.send(group, firstLine: groupLine)
        group.removeAll(keepingCapacity: true)
        groupCount = 0
    }

    /// Sends what is left and waits for every receipt.
    mutating func finish() throws -> PublishCounts {
        try flush()
        var progress = self.progress
        try publisher.finish { decided in
            if let text = progress.update(decided, now: Self.now) { Console.progress(text) }
        }
        Console.progress(progress.finish(publisher.counts.decided, now: Self.now))
        return publisher.counts
    }

    private final class ShownRejections {
        private var count = 0

        func show(_ line: Int, _ receipt: JSONTree) {
            count += 1
            guard count <= Publication.rejectionsShownMax else {
                if count == Publication.rejectionsShownMax + 1 {
                    Console.complain("further rejections are counted, not shown")
                }
                return
            }
            let pointer = receipt["pointer"]?.string ?? ""
            let sentence = receipt["sentence"]?.string ?? ""
            Console.complain("line \(line): \(receipt["reason"]?.string ?? "rejected") \(pointer) \(sentence)")
        }
    }
}
