import Glibc
import Logging
import Synchronization

/// How log lines look; the setting `log.format`.
package enum LogFormat: String, Sendable, CaseIterable {
    /// One JSON object a line, for machines.
    case json
    /// One line of text, for people at a console.
    case text
}

/// Where log lines of a process go. Each line is one write, so lines of several threads never mix.
///
/// A reader that went away or a full disk loses lines, counted by ``linesLost``; logging never stops a service.
package final class LogOutput: Sendable {
    private let descriptor: Int32
    private let writing = Mutex(())
    private let lost = Atomic<Int>(0)

    /// - Parameter descriptor: stays open for the life of the output; standard output by default.
    package init(descriptor: Int32 = STDOUT_FILENO) { self.descriptor = descriptor }

    package var linesLost: Int { lost.load(ordering: .relaxed) }

    /// - Parameter line: ends with a line break.
    package func write(_ line: [UInt8]) {
        writing.withLock { _ in
            var rest = line[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
                if count >= 0 {
                    rest = rest.dropFirst(count)
                } else if errno == EAGAIN {
                    var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    _ = poll(&waiting, 1, -1)
                } else if errno != EINTR {
                    lost.add(1, ordering: .relaxed)
                    return
                }
            }
        }
    }
}

/// Who writes a log: one value per process, from which every part gets its logger.
package struct ServiceLog: Sendable {
    package let service: String
    package let instance: String
    package let level: Logger.Level
    package let format: LogFormat
    package let output: LogOutput
    package let clock: WallClock

    /// - Parameters:
    ///   - service: such as "ingest".
    ///   - instance: tells several of one service apart.
    ///   - level: less important lines are not written.
    package init(
        service: String, instance: String, level: Logger.Level = .info, format: LogFormat = .json,
        output: LogOutput = LogOutput(), clock: WallClock = .system
    ) {
        self.service = service
        self.instance = instance
        self.level = level
        self.format = format
        self.output = output
        self.clock = clock
    }

    package func logger(_ label: String? = nil) -> Logger {
        Logger(label: label ?? service) { _ in
            switch format {
            case .json: JSONLogHandler(self)
            case .text: TextLogHandler(self)
            }
        }
    }
}
