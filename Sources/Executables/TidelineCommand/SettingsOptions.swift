import ArgumentParser
import Hosting
import Runtime
import Settings

/// Where a command finds the services: the same configuration the services read.
struct SettingsOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Configuration file of the services.", valueName: "file"))
    var config: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("A setting, such as alerting.http=127.0.0.1:7410; may be repeated.", valueName: "name=value")
    )
    var settings: [String] = []

    /// - Parameter readsCalendars: whether the files that make the set are wanted; most commands only want addresses.
    /// - Throws: ``CommandFailure`` with every problem of the configuration.
    func load(readsCalendars: Bool = false) throws -> TidelineSettings {
        let arguments = (config.map { ["--config", $0] } ?? []) + settings.map { "--\($0)" }
        return try Self.load(arguments, readsCalendars: readsCalendars)
    }

    static func load(_ arguments: [String], readsCalendars: Bool = false) throws -> TidelineSettings {
        do throws(ConfigurationError) {
            let configuration = try Configuration.load(
                TidelineSchema.schema, environment: Console.environment,
                arguments: ServiceArguments(arguments, schema: TidelineSchema.schema),
                variablesAllowed: ServiceMain.variablesAllowed)
            return try TidelineSettings(
                configuration, calendars: readsCalendars ? .read(now: WallClock.system.now()) : .leave)
        } catch { throw CommandFailure("the configuration is wrong\n\(error)", status: .wrongUsage) }
    }
}
