import Foundation
import Testing

@testable import Runtime

/// A schema with every kind of setting.
let schema = ConfigurationSchema([
    Setting("data", .string, default: "./data", help: "Where state lives."),
    Setting("clock", .choice(["wall", "message"]), default: "wall", help: "Which clock stamps."),
    Setting("insecure", .boolean, default: "false", help: "Allow other addresses."),
    Setting("model", .strings, default: nil, help: "Dimensions that are modelled."),
    Setting("dimensions", .strings, default: "[region, channel]", help: "Which segments become series."),
    Setting("ingest.http", .address, default: "\"127.0.0.1:7400\"", help: "Where HTTP listens."),
    Setting(
        "ingest.responses", .endpoint(schemes: ["tcp", "ipc"]), default: "\"tcp://127.0.0.1:7401\"",
        help: "Where responses arrive."),
    Setting(
        "ingest.blocksInFlightMax", .integer(1...4096), default: "64", unit: "blocks", help: "Blocks sent at once."),
    Setting(
        "ingest.identityHorizon", .duration(.seconds(1)...(.seconds(30 * 86_400))), default: "7d",
        help: "How long identities are kept."),
    Setting("ingest.blockBytesMax", .bytes(1024...(16 << 20)), default: "256KiB", help: "Size of a block."),
    Setting("ingest.curve.secretKey", .string, default: nil, secret: true, help: "The private key."),
    Setting(
        "scoring.work", .endpoints(schemes: ["tcp"]), default: "[\"tcp://127.0.0.1:7403\"]", help: "Where work is."),
    Setting("alerting.share", .number(0...1), default: "0.5", help: "A share."),
    Setting(
        "metrics",
        .tree { tree, path in
            guard let members = tree.members else { return [tree.problem("must be a mapping of metrics", key: path)] }
            return members.filter { $0.value["scale"] == nil }.map {
                $0.value.problem("has no scale", key: "\(path).\($0.key)")
            }
        }, default: "{csat: {scale: 1..5}}", help: "The metrics."),
    Setting("rules", .tree, default: "[]", help: "The rules."),
])

/// Writes a file that is removed when the body ends.
func withFile<Result>(_ text: String, _ body: (_ path: String) throws -> Result) throws -> Result {
    try withFile(bytes: Array(text.utf8), body)
}

func withFile<Result>(bytes: [UInt8], _ body: (_ path: String) throws -> Result) throws -> Result {
    let url = FileManager.default.temporaryDirectory.appending(path: "runtime-\(UUID().uuidString).yaml")
    try Data(bytes).write(to: url)
    defer { try? FileManager.default.removeItem(at: url) }
    return try body(url.path)
}

func load(
    _ yaml: String? = nil, environment: [String: String] = [:], _ arguments: [String] = [],
    variablesAllowed: Set<String> = []
) throws -> Configuration {
    func load(_ path: String?) throws -> Configuration {
        try Configuration.load(
            schema, file: path, environment: environment, arguments: ServiceArguments(arguments, schema: schema),
            variablesAllowed: variablesAllowed)
    }
    guard let yaml else { return try load(nil) }
    return try withFile(yaml, load)
}

/// The problems of a configuration that must not load, with the file called FILE.
func problems(
    _ yaml: String? = nil, environment: [String: String] = [:], _ arguments: [String] = []
) throws -> [String] {
    do {
        _ = try load(yaml, environment: environment, arguments)
        Issue.record("loaded")
        return []
    } catch let error as ConfigurationError {
        return error.problems.map { problem in
            guard case .file(let path, _, _) = problem.place else { return problem.description }
            return problem.description.replacingOccurrences(of: path, with: "FILE")
        }
    }
}
