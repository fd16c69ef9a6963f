import Glibc

extension MetricsRegistry {
    /// The version that runs, and what the kernel knows of the process, under the names every Prometheus client uses.
    /// Read from /proc at each scrape; what cannot be read is not shown.
    package func addProcessMetrics(version: String) {
        gauge("tideline_build_info", "The version that runs, as a label; always 1.", labels: [("version", version)]) {
            1
        }
        counter("process_cpu_seconds_total", "Time spent on processors by the process, user and system, in seconds.") {
            ProcessStatus.cpuSeconds()
        }
        gauge("process_resident_memory_bytes", "Memory of the process that is in RAM, in bytes.") {
            ProcessStatus.residentBytes()
        }
        gauge("process_start_time_seconds", "When the process began, in seconds since 1970.") {
            ProcessStatus.startSeconds()
        }
        gauge("process_open_fds", "Open file descriptors.") { ProcessStatus.openDescriptors() }
        gauge("process_max_fds", "File descriptors the process may open.") { ProcessStatus.descriptorsMax() }
    }
}

/// What /proc says about this process; nil where it cannot be read.
enum ProcessStatus {
    private static let fileBytesMax = 64 << 10

    static func cpuSeconds() -> Double? {
        // utime and stime, fields 14 and 15 of proc(5).
        guard let fields = statisticsAfterName(), let user = Double(fields[11]), let system = Double(fields[12]) else {
            return nil
        }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    static func residentBytes() -> Double? {
        guard let fields = statisticsAfterName(), let pages = Double(fields[21]) else { return nil }
        return pages * Double(sysconf(Int32(_SC_PAGESIZE)))
    }

    static func startSeconds() -> Double? {
        guard let fields = statisticsAfterName(), let ticks = Double(fields[19]),
            let machine = text("/proc/stat")?.split(separator: "\n").first(where: { $0.hasPrefix("btime ") }),
            let boot = Double(machine.dropFirst(6))
        else { return nil }
        return boot + ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    static func openDescriptors() -> Double? {
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        // Without ".", ".." and the directory's own.
        return Double(count - 3)
    }

    static func descriptorsMax() -> Double? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
        return Double(limit.rlim_cur)
    }

    /// Fields of /proc/self/stat from the third on; the second, the name, may itself hold blanks and parentheses.
    private static func statisticsAfterName() -> [Substring]? {
        guard let text = text("/proc/self/stat"), let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        return fields.count > 21 ? fields : nil
    }

    private static func text(_ path: String) -> String? {
        guard let bytes = try? FileBytes.read(path, bytesMax: fileBytesMax) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}
