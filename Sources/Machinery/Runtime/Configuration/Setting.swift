/// One thing that can be configured: its name, what it may be, its default, and a sentence that explains it.
///
/// The default is written as it would stand in the file and passes the same checks; a schema with a default that is
/// wrong stops at once.
package struct Setting: Sendable {
    package enum Kind: Sendable {
        case string
        /// One of a closed set of words.
        case choice([String])
        case integer(ClosedRange<Int64>)
        case number(ClosedRange<Double>)
        case boolean
        /// Written with a unit, see ``DurationText``.
        case duration(ClosedRange<Duration>)
        /// Written with a binary unit, see ``BytesText``.
        case bytes(ClosedRange<Int64>)
        /// A ZeroMQ-style endpoint, "tcp://127.0.0.1:7401", "ipc:///run/x"; one of these schemes.
        case endpoint(schemes: [String])
        /// "host:port" with a port from 0 to 65535; an IPv6 host stands in brackets. Port 0 asks for any free one.
        case address
        case strings
        case endpoints(schemes: [String])
        /// Any YAML, judged by its owner.
        /// - Parameter judge: gives the problems of a value; gets the setting's path for their keys.
        case tree(judge: @Sendable (_ value: ConfigurationTree, _ path: String) -> [ConfigurationProblem])

        package static var tree: Kind { .tree { _, _ in [] } }
    }

    /// Dotted, such as `ingest.blocksInFlightMax`.
    package let path: String
    package let kind: Kind
    /// YAML text; nil for a setting that is unset unless someone sets it, which is then written `null`.
    package let standard: String?
    /// Of plain numbers, such as "blocks"; nil where the kind says it.
    package let unit: String?
    /// One sentence for people.
    package let help: String
    /// Printed masked, never part of an error, and readable from a file named by `…_FILE`.
    package let secret: Bool

    /// - Parameter standard: the default as YAML, such as "64", "7d" or "[region, channel]".
    package init(
        _ path: String, _ kind: Kind, default standard: String?, unit: String? = nil, secret: Bool = false,
        help: String
    ) {
        self.path = path
        self.kind = kind
        self.standard = standard
        self.unit = unit
        self.secret = secret
        self.help = help
        if secret {
            guard case .string = kind else { preconditionFailure("\(path): only a string can be secret") }
            precondition(standard == nil, "\(path): a secret has no default")
        }
        precondition(!help.isEmpty, "\(path) needs a help sentence")
    }

    package var names: [Substring] { path.split(separator: ".") }

    /// `ingest.blocksInFlightMax` becomes `TIDELINE_INGEST_BLOCKS_IN_FLIGHT_MAX`.
    package var variable: String {
        var name = ConfigurationSchema.variablePrefix
        var previous: Character = "."
        for character in path {
            if character.isUppercase, previous.isLowercase || previous.isNumber { name.append("_") }
            name.append(character == "." ? "_" : Character(character.uppercased()))
            previous = character
        }
        return name
    }

    package var flag: String { "--\(path)" }
}

/// A setting's value after its checks.
package enum SettingValue: Sendable, Equatable {
    case null
    case string(String)
    case integer(Int64)
    case number(Double)
    case boolean(Bool)
    case nanoseconds(Int64)
    case bytes(Int64)
    case strings([String])
    case tree(ConfigurationTree)
}
