import ArgumentParser
import Export
import Glibc

/// The formats an export is written in.
enum ExportFormat: String, CaseIterable, ExpressibleByArgument {
    case csv, jsonl, sav

    /// The format asked for, or the one the file's name ends with.
    static func decide(_ asked: ExportFormat?, output: String) throws -> ExportFormat {
        if let asked { return asked }
        let ending = output.split(separator: ".").last.map(String.init) ?? ""
        guard output.contains("."), let format = ExportFormat(rawValue: ending.lowercased()) else {
            throw CommandFailure("--format is missing: it must be csv, jsonl or sav", status: .wrongUsage)
        }
        return format
    }

    /// - Parameters:
    ///   - rowCount: how many rows will come; of use to SPSS alone.
    ///   - label: what an SPSS file says about itself.
    func writer(rowCount: Int, label: String, sink: @escaping ExportSink) -> any ExportWriter {
        switch self {
        case .csv: CSVWriter(sink: sink)
        case .jsonl: JSONLinesWriter(sink: sink)
        case .sav:
            SAVWriter(rowCount: rowCount, label: label, timestamp: Int64(Glibc.time(nil)) * 1000, sink: sink)
        }
    }
}

/// A file that appears whole or not at all: bytes go beside it, and ``commit()`` renames. `-` is standard output.
final class ExportFile {
    private let path: String
    private let partial: String
    private var descriptor: Int32

    /// - Parameter isPersonal: whether it holds what single people said; then only its owner may read it.
    /// - Throws: ``CommandFailure`` where nothing can be written there.
    init(_ path: String, isPersonal: Bool) throws {
        self.path = path
        partial = "\(path).partial-\(getpid())"
        guard path != "-" else {
            descriptor = STDOUT_FILENO
            return
        }
        descriptor = open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, isPersonal ? 0o600 : 0o644)
        guard descriptor >= 0 else { throw failure("cannot be written") }
    }

    deinit {
        guard path != "-", descriptor >= 0 else { return }
        close(descriptor)
        unlink(partial)
    }

    var sink: ExportSink { { [unowned self] in try write($0) } }

    private func write(_ bytes: UnsafeRawBufferPointer) throws {
        if path == "-" { return try Console.write(bytes) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure("cannot be written") }
            rest = rest.dropFirst(count)
        }
    }

    /// Puts the file in its place, durably.
    func commit() throws {
        guard path != "-" else { return }
        guard fsync(descriptor) == 0, rename(partial, path) == 0 else { throw failure("cannot be put in its place") }
        close(descriptor)
        descriptor = -1
    }

    private func failure(_ what: String) -> CommandFailure {
        let cause = String(cString: strerror(errno))
        return CommandFailure("\(path) \(what): \(cause); name another place with --output")
    }
}
