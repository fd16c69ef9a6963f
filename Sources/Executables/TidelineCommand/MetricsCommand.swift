import ArgumentParser
import Drawing
import JSON
import Messages
import PluginKit
import Satisfaction
import Settings

struct MetricsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics",
        abstract: "Lists the configured metrics with their contracts; needs no service.",
        discussion: """
              tideline metrics --config tideline.yaml
              tideline metrics --markdown > docs/metrics.md       # every metric there is, in the repository
            """)

    @Flag(help: "Print the page that describes every metric there is.") var markdown = false
    @Flag(help: "Print each contract word for word, as JSON, one metric a line.") var json = false
    @Option(
        help: ArgumentHelp(
            "Where the metrics' sources lie; their comments say what each setting means.", valueName: "folder"))
    var sources = "Sources/Plugins/MetricPlugins"
    @OptionGroup var settings: SettingsOptions

    func run() throws {
        if markdown {
            let meanings = SettingMeanings(folder: sources)
            if meanings.isEmpty {
                Console.complain(
                    "\(sources) holds no metrics, so the page says not what settings mean: name their folder with --sources"
                )
            }
            Console.say(try MetricsPage(meanings: meanings).text)
            return
        }
        let definitions = try settings.load().set.metrics
        if json {
            for definition in definitions { Console.say(try line(definition).text) }
            return
        }
        Console.say(try Self.table(definitions).lines(width: Console.output.width, style: Console.output.style))
    }

    private func line(_ definition: MetricDefinition) throws -> JSONTree {
        let contract = try definition.metric().contract
        return .object([
            ("name", .string(definition.name)), ("contract", .string(contract.hash.text)),
            ("definition", try JSONTree.parse(contract.canonicalText)),
        ])
    }

    static func table(_ definitions: [MetricDefinition]) throws -> Table {
        var table = Table([
            .init("metric"), .init("kind"), .init("unit"), .init("interval"), .init("contract"), .init("made of"),
        ])
        for definition in definitions {
            let metric = try definition.metric()
            let inputs = metric.inputs.map { MetricInputText.plain($0, metric: definition.name) }
            var seen: Set<String> = []
            table.append([
                .init(definition.name, .strong), .init(definition.kind), .init(metric.unit),
                .init(metric.method.rawValue), .init(metric.contract.hash.text),
                .init(inputs.filter { seen.insert($0).inserted }.joined(separator: ", ")),
            ])
        }
        return table
    }
}

/// What of the bus a metric is made from, in words.
enum MetricInputText {
    static func plain(_ input: MetricInput, metric: String) -> String {
        switch input {
        case .answer(let name): "answer \(name ?? MetricInput.answerName(ofMetric: metric))"
        case .measure(let name): "measure \(name)"
        case .invitation: "invitations"
        case .response: "responses"
        }
    }
}
