import JSON
import PluginKit

@testable import SourcePlugins

/// What came out of one file, in order and in short.
enum Outcome: Equatable, CustomStringConvertible {
    case event(JSONTree)
    case skipped(String, line: Int)
    case refused(String, line: Int)

    init(_ record: SourceRecord) {
        switch record {
        case .event(let bytes):
            precondition(!bytes.contains(UInt8(ascii: "\n")), "an event is one line")
            self = .event(try! JSONTree.parse(String(decoding: bytes, as: UTF8.self)))
        case .skipped(let reason, let line): self = .skipped(reason, line: line)
        case .refused(let sentence, let line): self = .refused(sentence, line: line)
        }
    }

    var event: JSONTree? { if case .event(let tree) = self { tree } else { nil } }
    var data: JSONTree? { event?["data"] }

    var description: String {
        switch self {
        case .event(let tree): "event \(tree)"
        case .skipped(let reason, let line): "line \(line) skipped: \(reason)"
        case .refused(let sentence, let line): "line \(line) refused: \(sentence)"
        }
    }
}

/// A mapping every test can add to: id, time in UTC and a score.
func mapping(_ changes: [(String, JSONTree)] = []) -> JSONTree {
    let base: [(String, JSONTree)] = [
        ("source", "/test"), ("id", "id"), ("time", ["column": "at"]), ("answers", ["csat": "score"]),
    ]
    return .object(base.filter { member in !changes.contains { $0.0 == member.0 } } + changes)
}

/// Reads `bytes` in pieces of `piece` bytes.
func read(_ bytes: [UInt8], _ mapping: JSONTree, piece: Int = .max) throws -> [Outcome] {
    var source = try CSVSource(configuration: PluginConfiguration(mapping, for: CSVSource.plugin))
    var outcomes: [Outcome] = []
    var start = 0
    while start < bytes.count {
        let end = start + min(piece, bytes.count - start)
        bytes[start..<end].withUnsafeBytes { source.read($0) { outcomes.append(Outcome($0)) } }
        start = end
    }
    source.finish { outcomes.append(Outcome($0)) }
    return outcomes
}

func read(_ text: String, _ mapping: JSONTree = mapping(), piece: Int = .max) throws -> [Outcome] {
    try read(Array(text.utf8), mapping, piece: piece)
}

/// The configuration error of a mapping, as text; nil when it is accepted.
func complaint(_ mapping: JSONTree) -> String? {
    do {
        _ = try CSVSource(configuration: PluginConfiguration(mapping, for: CSVSource.plugin))
        return nil
    } catch { return error.description }
}
