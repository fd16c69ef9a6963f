import ArgumentParser
import Runtime

@main
struct TidelineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tideline",
        abstract: "Watches customer satisfaction as it happens.",
        discussion: """
            Start with `tideline demo`: it runs the three services on this machine, feeds them a sample with one known dip \
            and shows how it is found.

            Exit status: 0 done, 1 failed, 2 wrong usage or configuration.
            """,
        version: "tideline 0.1.0",
        subcommands: [
            DemoCommand.self, SampleCommand.self, UpCommand.self, PublishCommand.self, ImportCommand.self,
            ReplayCommand.self, DetectCommand.self, RescoreCommand.self,
            WatchCommand.self, TrendsCommand.self, ReportCommand.self, LeaderboardCommand.self, ProfileCommand.self,
            MetricsCommand.self, ExportCommand.self, AlertsCommand.self, AcknowledgeCommand.self,
            SilenceCommand.self, RulesCommand.self, CalendarCommand.self, CommentsCommand.self, WordsCommand.self,
            JournalCommand.self, CheckMessageCommand.self,
            KeygenCommand.self,
        ])

    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let failure as CommandFailure {
            Console.complain("tideline: \(failure.description)")
            endProcess(failure.status)
        } catch {
            let code = exitCode(for: error)
            let text = fullMessage(for: error)
            if !text.isEmpty { code == .success ? print(text) : Console.complain(text) }
            endProcess(code == .success ? .done : code == .validationFailure ? .wrongUsage : .failed)
        }
    }
}

/// A command could not do its work; says why and what to do.
struct CommandFailure: Error, CustomStringConvertible {
    let description: String
    let status: ExitStatus

    init(_ description: String, status: ExitStatus = .failed) {
        self.description = description
        self.status = status
    }
}
