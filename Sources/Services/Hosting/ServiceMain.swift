internal import CMalloc
import Glibc
import HTTP
import Runtime
import Settings

/// The command line of a service: configuration flags, `--check`, `--print-config`, `--probe`, `--help`, `--version`.
package enum ServiceMain {
    /// Names that begin with TIDELINE_ and are no settings: used by build, tests and containers.
    package static let variablesAllowed: Set<String> = [
        "TIDELINE_BIN", "TIDELINE_DEPS", "TIDELINE_STRICT", "TIDELINE_SEED", "TIDELINE_SEEDS",
    ]

    /// Reads the configuration and does what the arguments ask; does not return.
    ///
    /// Exit status: 0 done, 1 failed, 2 wrong usage or configuration.
    /// - Parameter readsSet: whether the service makes the set itself; the others check what it is made of when asked to.
    package static func main(
        _ name: String, summary: String, readsSet: Bool = false,
        run: @Sendable (TidelineSettings) async throws -> ExitStatus
    ) async -> Never {
        SignalWatcher.blockSignals()
        keepMemory()
        let arguments = ServiceArguments(Array(CommandLine.arguments.dropFirst()), schema: TidelineSchema.schema)
        switch arguments.action {
        case .help:
            print(help(name, summary))
            exit(ExitStatus.done.rawValue)
        case .version:
            print("tideline \(name) \(ServiceHost.version)")
            exit(ExitStatus.done.rawValue)
        case .run, .check, .printConfiguration, .probe: break
        }
        let settings: TidelineSettings
        do throws(ConfigurationError) {
            let configuration = try Configuration.load(
                TidelineSchema.schema, environment: environment, arguments: arguments,
                variablesAllowed: variablesAllowed)
            let readsFiles = readsSet ? arguments.action != .probe : arguments.action == .check
            settings = try TidelineSettings(
                configuration, calendars: readsFiles ? .read(now: WallClock.system.now()) : .leave)
        } catch {
            complain("\(name): the configuration is wrong\n\(error)")
            exit(ExitStatus.wrongUsage.rawValue)
        }
        switch arguments.action {
        case .check:
            print("the configuration is right")
            exit(ExitStatus.done.rawValue)
        case .printConfiguration:
            print(settings.configuration.printed(), terminator: "")
            exit(ExitStatus.done.rawValue)
        case .probe: exit(probe(settings.configuration.string("\(name).http")).rawValue)
        default: break
        }
        do {
            exit(try await run(settings).rawValue)
        } catch {
            complain("\(name): \(error)")
            exit(ExitStatus.failed.rawValue)
        }
    }

    /// Blocks of a megabyte come and go hundreds of times a second. By default the C library maps and unmaps each, and
    /// every page of it is cleared anew by the kernel; kept on the heap it costs nothing after the first time.
    private static func keepMemory() {
        mallopt(M_MMAP_THRESHOLD, 32 << 20)
        mallopt(M_TRIM_THRESHOLD, 64 << 20)
    }

    /// For containers: whether the service that runs under this configuration is well.
    private static func probe(_ address: String) -> ExitStatus {
        do throws(HTTPFetch.Failure) {
            let answer = try HTTPFetch.get(address: address, target: "/healthz", seconds: 2)
            if answer.status == 200 { return .done }
            complain("\(address)/healthz answers \(answer.status): \(answer.text)")
        } catch { complain("\(error)") }
        return .failed
    }

    package static var environment: [String: String] {
        var variables: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let parts = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
            entry += 1
        }
        return variables
    }

    package static func complain(_ text: String) {
        let line = Array((text + "\n").utf8)
        _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    private static func help(_ name: String, _ summary: String) -> String {
        var lines = [
            "\(name): \(summary)", "",
            "usage: \(name) [--config FILE] [--SETTING VALUE …]",
            "       \(name) --check | --print-config | --probe | --version | --help", "",
            "Every setting stands in a YAML file (--config), in the environment, or as a flag; the later wins.", "",
        ]
        for setting in TidelineSchema.schema.settings
        where !setting.path.contains(".") || setting.path.hasPrefix("\(name).") || setting.path.hasPrefix("log.")
            || setting.path.hasPrefix("caps.")
        {
            lines.append("  --\(setting.path) \(setting.standard.map { "(default \($0))" } ?? "")")
            lines.append("      \(setting.help) [\(setting.variable)]")
        }
        return lines.joined(separator: "\n")
    }
}
