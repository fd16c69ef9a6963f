/// A service's command line: what to do, and the flags layer of its configuration.
///
/// ```
/// ingest --config tideline.yaml --ingest.http=127.0.0.1:0 --insecure --check
/// ```
package struct ServiceArguments: Sendable, Equatable {
    package enum Action: Sendable, Equatable {
        case run
        /// `--check`: validate and exit.
        case check
        /// `--print-config`
        case printConfiguration
        /// `--help`
        case help
        /// `--version`
        case version
        /// `--probe`: ask the running service whether it is well.
        case probe
    }

    /// A setting given as a flag, not yet checked.
    package struct Flag: Sendable, Equatable {
        /// Dotted path, as written after the dashes.
        package let path: String
        /// YAML text of the value.
        package let text: String

        package init(path: String, text: String) {
            self.path = path
            self.text = text
        }
    }

    package var action = Action.run
    /// `--config FILE`
    package var file: String?
    package var flags: [Flag] = []
    /// What could not be understood; handed to ``Configuration/load(_:file:environment:arguments:variablesAllowed:)``,
    /// which reports it together with everything else.
    package var problems: [ConfigurationProblem] = []

    /// - Parameters:
    ///   - arguments: without the name of the program.
    ///   - schema: says which flags are booleans, whose value may be left out.
    package init(_ arguments: [String] = [], schema: ConfigurationSchema) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--check": action = .check
            case "--print-config": action = .printConfiguration
            case "--help", "-h": action = .help
            case "--version": action = .version
            case "--probe": action = .probe
            default: take(argument, &rest, schema)
            }
        }
    }

    private mutating func take(_ argument: String, _ rest: inout ArraySlice<String>, _ schema: ConfigurationSchema) {
        guard argument.hasPrefix("--"), argument.count > 2 else {
            report(argument, "is not a flag; settings are given as --name value")
            return
        }
        let equals = argument.firstIndex(of: "=")
        let name = String(argument[..<(equals ?? argument.endIndex)].dropFirst(2))
        var text = equals.map { String(argument[argument.index(after: $0)...]) }
        if text == nil {
            if case .boolean? = schema[name]?.kind {
                text = rest.first.flatMap { $0 == "true" || $0 == "false" ? $0 : nil }
                if text == nil { text = "true" } else { rest.removeFirst() }
            } else if let next = rest.first, !next.hasPrefix("--") {
                text = next
                rest.removeFirst()
            }
        }
        guard let text else {
            let isKnown = name == "config" || schema[name] != nil
            report(
                "--\(name)", isKnown ? "has no value; give it one" : "is not a setting; \(schema.suggestion(for: name))"
            )
            return
        }
        if name == "config" {
            if file != nil { report("--config", "is given twice; keep one") }
            file = text
        } else {
            if flags.contains(where: { $0.path == name }) { report("--\(name)", "is given twice; keep one") }
            flags.append(Flag(path: name, text: text))
        }
    }

    private mutating func report(_ flag: String, _ sentence: String) {
        problems.append(ConfigurationProblem(place: .flag(flag), key: "", sentence: sentence))
    }
}
