import ArgumentParser
import JSON
import PluginKit
import Runtime
import Settings
import SourcePlugins
import ZMQ

struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Reads an export (CSV) by a mapping file and publishes its responses with receipts.",
        discussion: """
            The mapping says which column is the answer, the time, the id, and which are segments; examples lie in \
            examples/mappings, docs/importing.md explains them.

              tideline import ratings.csv --mapping examples/mappings/store-ratings.yaml
              tideline import ratings.csv --mapping my.yaml --dry-run     # prints the events
            """)

    @Argument(help: "The file to read, or - for standard input.")
    var file: String

    @Option(help: ArgumentHelp("The mapping file (YAML).", valueName: "file"))
    var mapping: String

    @Option(help: ArgumentHelp("The kind of file.", valueName: "name"))
    var kind = "csv"

    @Flag(help: "Print the events instead of sending them.")
    var dryRun = false

    @Option(help: ArgumentHelp("Events sent in one message.", valueName: "n"))
    var perMessage = 100

    @OptionGroup var settings: SettingsOptions

    func run() throws {
        var source = try self.source()
        let tally = Tally()
        if dryRun {
            try read(&source, tally) { line in Console.say(String(decoding: line, as: UTF8.self)) }
            report(tally)
            return
        }
        let endpoint = try settings.load().configuration.string("ingest.receipts")
        let context = try Context()
        var publication = try Publication(endpoint: endpoint, context: context, perMessage: perMessage)
        var number = 0
        var failure: (any Error)?
        try read(&source, tally) { line in
            number += 1
            guard failure == nil else { return }
            do { try publication.add(line, number: number) } catch { failure = error }
        }
        if let failure { throw failure }
        let counts = try publication.finish()
        Console.say(PublishCommand.summary(counts))
        report(tally)
        if counts.rejected > 0 || tally.refused > 0 { endProcess(.failed) }
    }

    private func source() throws -> any Source {
        guard let type = sourcePlugins.first(where: { $0.plugin.name == kind }) else {
            let known = sourcePlugins.map { $0.plugin.name }.joined(separator: ", ")
            throw CommandFailure("there is no kind of file \"\(kind)\"; there are: \(known)", status: .wrongUsage)
        }
        var text: [UInt8] = []
        var input = try InputFile(mapping)
        while try input.read({ text.append(contentsOf: $0) }) {}
        do {
            let tree = try ConfigurationYAML.document(String(decoding: text, as: UTF8.self), path: mapping)
            return try type.init(configuration: PluginConfiguration(tree.json(), for: type.plugin))
        } catch { throw CommandFailure("the mapping \(mapping) is wrong: \(error)", status: .wrongUsage) }
    }

    private func read(_ source: inout any Source, _ tally: Tally, _ take: ([UInt8]) throws -> Void) throws {
        var failure: (any Error)?
        func emit(_ record: SourceRecord) {
            switch record {
            case .event(let line):
                do { try take(line) } catch { failure = failure ?? error }
            case .skipped(let reason, _): tally.skipped[reason, default: 0] += 1
            case .refused(let sentence, let line):
                tally.refused += 1
                if tally.refused <= Publication.rejectionsShownMax { Console.complain("line \(line): \(sentence)") }
            }
        }
        var input = try InputFile(file)
        while try input.read({ source.read($0, emit: emit) }) { if let failure { throw failure } }
        source.finish(emit: emit)
        if let failure { throw failure }
    }

    private func report(_ tally: Tally) {
        for (reason, count) in tally.skipped.sorted(by: { $0.key < $1.key }) {
            Console.complain("skipped \(count): \(reason)")
        }
        if tally.refused > 0 { Console.complain("refused \(tally.refused) rows") }
    }

    private final class Tally {
        var skipped: [String: Int] = [:]
        var refused = 0
    }
}
