import Drawing
import Glibc
import Hosting
import Runtime

/// The terminal: results on standard output, everything else on standard error.
enum Console {
    static let environment = ServiceMain.environment
    static let output = Terminal(descriptor: STDOUT_FILENO, environment: environment)
    static let errors = Terminal(descriptor: STDERR_FILENO, environment: environment)

    static func say(_ lines: [String]) {
        for line in lines { say(line) }
    }

    /// Writes a line at once, whether or not the output is a terminal.
    static func say(_ line: String) { put(line + "\n", on: STDOUT_FILENO) }

    static func complain(_ line: String) { put(line + "\n", on: STDERR_FILENO) }

    /// Writes text without a line break, for lines that are rewritten.
    static func progress(_ text: String) { put(text, on: STDERR_FILENO) }

    /// Writes bytes to standard output.
    /// - Throws: ``CommandFailure`` when nobody takes them.
    static func write(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Glibc.write(STDOUT_FILENO, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw CommandFailure("standard output cannot be written: \(String(cString: strerror(errno)))")
            }
            rest = rest.dropFirst(count)
        }
    }

    private static func put(_ text: String, on descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno != EINTR { return }
            if written > 0 { rest = rest.dropFirst(written) }
        }
    }
}

func endProcess(_ status: ExitStatus) -> Never { Glibc.exit(status.rawValue) }

/// Bytes from a file or, for `-`, standard input, in pieces.
struct InputFile: ~Copyable {
    static let pieceBytes = 1 << 20
    private let descriptor: Int32
    let name: String
    /// nil for standard input and pipes.
    let size: Int?

    init(_ path: String) throws(CommandFailure) {
        name = path == "-" ? "standard input" : path
        if path == "-" {
            descriptor = STDIN_FILENO
            size = nil
            return
        }
        let opened = open(path, O_RDONLY | O_CLOEXEC)
        guard opened >= 0 else {
            throw CommandFailure("\(path) cannot be read: \(String(cString: strerror(errno)))", status: .wrongUsage)
        }
        descriptor = opened
        var status = stat()
        size = fstat(opened, &status) == 0 && status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil
    }

    deinit { if descriptor != STDIN_FILENO { close(descriptor) } }

    /// Hands the next bytes to `body`.
    /// - Returns: false at the end.
    mutating func read(_ body: (UnsafeRawBufferPointer) throws -> Void) throws -> Bool {
        try withUnsafeTemporaryAllocation(byteCount: Self.pieceBytes, alignment: 8) { buffer in
            while true {
                let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count >= 0 else {
                    throw CommandFailure("\(name) cannot be read: \(String(cString: strerror(errno)))")
                }
                if count == 0 { return false }
                try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                return true
            }
        }
    }

    /// Hands every line that is not blank to `body`, with its number from 1.
    mutating func forEachLine(_ body: (Int, [UInt8]) throws -> Void) throws {
        var rest: [UInt8] = []
        var number = 0
        func take(_ line: ArraySlice<UInt8>) throws {
            number += 1
            let isBlank = line.allSatisfy { $0 == 0x20 || ($0 >= 0x09 && $0 <= 0x0D) }
            if !isBlank { try body(number, Array(line)) }
        }
        while try read({ piece in
            rest.append(contentsOf: piece)
            var start = rest.startIndex
            while let end = rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
                try take(rest[start..<end])
                start = end + 1
            }
            rest.removeSubrange(..<start)
        }) {}
        if !rest.isEmpty { try take(rest[...]) }
    }
}

/// A file that is written from its beginning; `-` is standard output.
final class OutputFile {
    private let descriptor: Int32
    private let path: String
    private var buffer: [UInt8] = []

    init(_ path: String) throws(CommandFailure) {
        self.path = path
        guard path != "-" else {
            descriptor = STDOUT_FILENO
            return
        }
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw CommandFailure("\(path) cannot be written: \(String(cString: strerror(errno)))")
        }
    }

    deinit { if descriptor != STDOUT_FILENO { close(descriptor) } }

    func write(line: String) throws {
        buffer.append(contentsOf: line.utf8)
        buffer.append(UInt8(ascii: "\n"))
        if buffer.count > 1 << 16 { try flush() }
    }

    func flush() throws {
        var rest = buffer[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw CommandFailure("\(path) cannot be written: \(String(cString: strerror(errno)))")
            }
            rest = rest.dropFirst(count)
        }
        buffer.removeAll(keepingCapacity: true)
    }
}
