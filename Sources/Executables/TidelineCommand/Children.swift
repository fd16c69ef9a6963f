import Glibc
import HTTP
import Runtime
import ZMQ

/// The three services as child processes, each in a process group of its own, so that Ctrl-C reaches only us and we
/// stop them in the direction of the data.
final class Children {
    struct Child {
        let name: String
        let pid: pid_t
        let http: String
    }

    private(set) var running: [Child] = []
    private let folder: String

    /// - Parameter folder: where the services' executables lie: beside this one.
    init() throws(CommandFailure) {
        var path = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = path.withUnsafeMutableBytes {
            readlink("/proc/self/exe", $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
        }
        guard count > 0 else { throw CommandFailure("the folder of this program cannot be found") }
        let own = String(decoding: path[..<count], as: UTF8.self)
        folder = String(own[..<(own.lastIndex(of: "/") ?? own.startIndex)])
    }

    /// Starts one service; its log goes to `log`.
    func start(_ name: String, arguments: [String], http: String, log: String?) throws(CommandFailure) {
        let path = "\(folder)/\(name)"
        guard access(path, X_OK) == 0 else {
            throw CommandFailure("\(path) is not there: build all products with `make build`")
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let log {
            posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log, O_WRONLY | O_CREAT | O_APPEND, 0o644)
            posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))
        var argv: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) }
        argv.append(nil)
        defer { for text in argv { free(text) } }
        var pid = pid_t()
        let result = posix_spawn(&pid, path, &actions, &attributes, argv, environ)
        guard result == 0 else {
            throw CommandFailure("\(name) cannot be started: \(String(cString: strerror(result)))")
        }
        running.append(Child(name: name, pid: pid, http: http))
    }

    /// Waits until every child says that it is ready.
    /// - Throws: when one ends or is not ready in time, naming its log.
    func waitUntilReady(seconds: Int, logs: String?) throws(CommandFailure) {
        let deadline = MonotonicClock.system.now() + Int64(seconds) * 1_000_000_000
        for child in running {
            while true {
                if let answer = try? HTTPFetch.get(address: child.http, target: "/readyz", seconds: 1),
                    answer.status == 200
                {
                    break
                }
                if let status = ended(child.pid) {
                    throw CommandFailure("\(child.name) ended with status \(status)\(Self.hint(logs, child.name))")
                }
                guard MonotonicClock.system.now() < deadline else {
                    throw CommandFailure("\(child.name) is not ready after \(seconds) s\(Self.hint(logs, child.name))")
                }
                usleep(50_000)
            }
        }
    }

    private static func hint(_ logs: String?, _ name: String) -> String {
        logs.map { "; its log is \($0)/\(name).log" } ?? ""
    }

    /// A child that has ended by itself, if any.
    func firstEnded() -> (Child, Int32)? {
        for child in running { if let status = ended(child.pid) { return (child, status) } }
        return nil
    }

    private func ended(_ pid: pid_t) -> Int32? {
        var status: Int32 = 0
        guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
        running.removeAll { $0.pid == pid }
        return Self.exitStatus(status)
    }

    private static func exitStatus(_ status: Int32) -> Int32 {
        status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
    }

    /// Stops the children in the direction of the data: ingest, scoring, alerting; each drains before the next is asked.
    /// - Returns: every child's name and exit status, 0 for a clean stop.
    func stop() -> [(name: String, status: Int32)] {
        var outcomes: [(name: String, status: Int32)] = []
        for name in ["ingest", "scoring", "alerting"] {
            let children = running.filter { $0.name == name }
            for child in children { kill(child.pid, SIGTERM) }
            for child in children {
                var status: Int32 = 0
                while waitpid(child.pid, &status, 0) < 0, errno == EINTR {}
                outcomes.append((child.name, Self.exitStatus(status)))
            }
        }
        running.removeAll()
        return outcomes
    }
}

/// Waits for Ctrl-C or SIGTERM without letting either end the process.
final class Interruption: Sendable {
    private let watcher: SignalWatcher
    private let wakeup: Wakeup

    init() throws(ZMQError) {
        SignalWatcher.blockSignals()
        let wakeup = try Wakeup()
        self.wakeup = wakeup
        watcher = SignalWatcher(onFirst: { _ in wakeup.signal() })
    }

    var isRaised: Bool { wait(milliseconds: 0) }

    /// - Returns: whether it was raised, at once or within the time.
    func wait(milliseconds: Int32) -> Bool {
        var item = pollfd(fd: wakeup.fileDescriptor, events: Int16(POLLIN), revents: 0)
        return poll(&item, 1, milliseconds) > 0
    }
}
