import ArgumentParser
import Demo

struct SampleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sample",
        abstract: "Prints the demo's sample: responses with one known dip, one event a line.",
        discussion: """
              tideline sample --seed 7 | tideline replay --input - --alerts -
            """)

    @Option(help: ArgumentHelp("Seed; the same seed gives the same bytes.", valueName: "n")) var seed: UInt64 = 3
    @Option(help: ArgumentHelp("Days.", valueName: "n")) var days = 63
    @Option(help: ArgumentHelp("Responses a day.", valueName: "n")) var perDay = 600
    @Flag(help: "Leave the dip out.") var quiet = false

    func validate() throws {
        guard (1...3660).contains(days), (1...1_000_000).contains(perDay) else {
            throw ValidationError("--days lies in 1...3660, --per-day in 1...1000000")
        }
    }

    func run() throws {
        let output = try OutputFile("-")
        let sample =
            quiet
            ? DemoSample(seed: seed, days: days, perDay: perDay, drop: 0)
            : DemoSample(seed: seed, days: days, perDay: perDay)
        for line in sample { try output.write(line: String(decoding: line.bytes, as: UTF8.self)) }
        try output.flush()
    }
}
