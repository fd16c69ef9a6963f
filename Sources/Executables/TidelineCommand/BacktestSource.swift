import Drawing
import Foundation
import Journal
import Messages
import Replay
import Runtime

/// What `--input` names, as a history that can be read as often as is needed.
struct BacktestSource {
    let history: History
    let isStandardInput: Bool

    /// - Throws: ``CommandFailure`` when the paths are of two kinds or cannot be read.
    init(_ paths: [String]) throws {
        isStandardInput = paths.contains("-")
        let kinds = try paths.map { try Kind($0) }
        if kinds.allSatisfy({ $0 == .lines }) {
            guard Set(paths).count == paths.count else {
                throw CommandFailure("--input names the same file twice", status: .wrongUsage)
            }
            history = .lines { body in
                var before = 0
                for path in paths {
                    var file = try InputFile(path)
                    var last = 0
                    try file.forEachLine { number, line in
                        last = number
                        try body(before + number, line)
                    }
                    before += last
                }
            }
            return
        }
        let folders = paths.indices.filter { kinds[$0] == .folder }
        guard folders.isEmpty || paths.count == 1, !kinds.contains(.lines) else {
            throw CommandFailure(
                "--input is JSON Lines, or one data folder, or message files of one journal, but not a mixture",
                status: .wrongUsage)
        }
        let files: MessageFiles
        if folders.isEmpty {
            let folder = URL(fileURLWithPath: paths[0]).deletingLastPathComponent().path
            files = try plain { try MessageFiles(directory: folder, chosen: paths) }
        } else {
            files = try plain { try MessageFiles(directory: Self.journal(in: paths[0])) }
        }
        if let tail = files.unsynced {
            Console.complain(
                "\(tail.file): \(tail.bytes) bytes from \(tail.offset) on are left out: \(tail.why)")
        }
        history = .messageFiles(files)
    }

    private enum Kind {
        case lines
        case folder
        case messageFile

        init(_ path: String) throws {
            var isFolder: ObjCBool = false
            if path == "-" {
                self = .lines
                return
            }
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
                throw CommandFailure("\(path) is not there", status: .wrongUsage)
            }
            if isFolder.boolValue {
                self = .folder
                return
            }
            let isNamedSo = FileID(name: URL(fileURLWithPath: path).lastPathComponent) != nil
            self = isNamedSo ? .messageFile : .lines
        }
    }

    /// The folder of message files that a data folder holds, or that is named itself.
    private static func journal(in path: String) -> String {
        for inner in ["/ingest/journal", "/journal"] {
            var isFolder: ObjCBool = false
            if FileManager.default.fileExists(atPath: path + inner, isDirectory: &isFolder), isFolder.boolValue {
                return path + inner
            }
        }
        return path
    }
}

extension History {
    /// The set of message files' last block; nil for lines, which name none.
    var newestSet: DefinitionSet? {
        guard case .messageFiles(let files) = self else { return nil }
        return files.newest
    }
}

/// One line on a terminal that says how far the replays have come; a log would only be filled by it.
final class BacktestProgress {
    private var line: ProgressLine
    private let runs: Int
    private let isShown = Console.errors.isTerminal
    private var events = 0
    private var before = 0
    private var run = 1

    init(runs: Int) {
        self.runs = runs
        line = ProgressLine(
            verb: "replayed", noun: runs > 1 ? "events in \(runs) replays" : "events", total: nil,
            style: Console.errors.style, isTerminal: Console.errors.isTerminal, width: Console.errors.width,
            now: Self.now)
    }

    private static var now: Int64 { MonotonicClock.system.now() / 1_000_000 }

    func update(events: Int, run: Int) {
        if run != self.run {
            before += self.events
            self.run = run
        }
        self.events = events
        guard isShown, let text = line.update(before + events, now: Self.now) else { return }
        Console.progress(text)
    }

    func end() {
        if isShown { Console.progress(line.finish(before + events, now: Self.now)) }
    }
}
