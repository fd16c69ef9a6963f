import Foundation
import Testing

@testable import Runtime

@Suite struct MetricsTests {
    private func text(_ registry: MetricsRegistry) -> String { String(decoding: registry.exposition(), as: UTF8.self) }

    private func example() -> MetricsRegistry {
        let registry = MetricsRegistry()
        registry.counter("tideline_responses_total", "Responses accepted.").increment(by: 3)
        let reasons = registry.counters(
            "tideline_rejections_total", "Rejections by \"reason\" \\ line\nbreak.", label: "reason")
        reasons["unknown \"word\"\\\n"].increment()
        reasons["late"].increment(by: 2)
        let depth = registry.gauge("tideline_queue_blocks", "Blocks waiting.", labels: [("queue", "work")])
        depth.set(5)
        depth.add(-1.5)
        registry.gauge("tideline_watermark_age_seconds", "Age of the watermark.") { .infinity }
        registry.gauge("tideline_absent_seconds", "Not known yet.") { nil }
        registry.gauges("tideline_lag_blocks", "Lag by node.", label: "node") { [("n1", 4), ("n2", 0.25)] }
        let seal = registry.histogram(
            "tideline_seal_seconds", "Time to seal.", buckets: .durations([.milliseconds(1), .milliseconds(10)]))
        seal.observe(.microseconds(500))
        seal.observe(.milliseconds(1))
        seal.observe(nanoseconds: 2_000_000_000)
        seal.observe(nanoseconds: -5)
        let bytes = registry.histogram(
            "tideline_block_bytes", "Size.", buckets: .units([1024]), labels: [("kind", "a")])
        bytes.observe(1025)
        return registry
    }

    @Test func theTextIsThatOfPrometheus() {
        #expect(
            text(example()) == #"""
                # HELP tideline_responses_total Responses accepted.
                # TYPE tideline_responses_total counter
                tideline_responses_total 3
                # HELP tideline_rejections_total Rejections by "reason" \\ line\nbreak.
                # TYPE tideline_rejections_total counter
                tideline_rejections_total{reason="unknown \"word\"\\\n"} 1
                tideline_rejections_total{reason="late"} 2
                # HELP tideline_queue_blocks Blocks waiting.
                # TYPE tideline_queue_blocks gauge
                tideline_queue_blocks{queue="work"} 3.5
                # HELP tideline_watermark_age_seconds Age of the watermark.
                # TYPE tideline_watermark_age_seconds gauge
                tideline_watermark_age_seconds +Inf
                # HELP tideline_absent_seconds Not known yet.
                # TYPE tideline_absent_seconds gauge
                # HELP tideline_lag_blocks Lag by node.
                # TYPE tideline_lag_blocks gauge
                tideline_lag_blocks{node="n1"} 4
                tideline_lag_blocks{node="n2"} 0.25
                # HELP tideline_seal_seconds Time to seal.
                # TYPE tideline_seal_seconds histogram
                tideline_seal_seconds_bucket{le="0.001"} 3
                tideline_seal_seconds_bucket{le="0.01"} 3
                tideline_seal_seconds_bucket{le="+Inf"} 4
                tideline_seal_seconds_sum 2.0015
                tideline_seal_seconds_count 4
                # HELP tideline_block_bytes Size.
                # TYPE tideline_block_bytes histogram
                tideline_block_bytes_bucket{kind="a",le="1024"} 0
                tideline_block_bytes_bucket{kind="a",le="+Inf"} 1
                tideline_block_bytes_sum{kind="a"} 1025
                tideline_block_bytes_count{kind="a"} 1

                """#)
    }

    @Test func labelValuesBeyondTheLimitShareOther() {
        let registry = MetricsRegistry()
        let reasons = registry.counters("tideline_rejections_total", "Rejections.", label: "reason")
        for number in 0..<MetricsRegistry.labelValuesMax + 50 { reasons["r\(number)"].increment() }
        let lines = text(registry).split(separator: "\n").dropFirst(2)
        #expect(lines.count == MetricsRegistry.labelValuesMax + 1)
        #expect(lines.last == #"tideline_rejections_total{reason="other"} 50"#)
    }

    @Test func askingAgainGivesTheSameSeries() {
        let registry = MetricsRegistry()
        #expect(registry.counter("tideline_a_total", "A.") === registry.counter("tideline_a_total", "A."))
        let one = registry.gauge("tideline_b", "B.", labels: [("k", "1")])
        let two = registry.gauge("tideline_b", "B.", labels: [("k", "2")])
        #expect(one !== two)
        #expect(text(registry).components(separatedBy: "# TYPE tideline_b ").count == 2)
    }

    @Test func concurrentAdditionsAreAllCounted() async {
        let registry = MetricsRegistry()
        let counter = registry.counter("tideline_a_total", "A.")
        let gauge = registry.gauge("tideline_b", "B.")
        let histogram = registry.histogram("tideline_c_bytes", "C.", buckets: .units([1]))
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<10_000 {
                        counter.increment()
                        gauge.add(1)
                        histogram.observe(1)
                    }
                }
            }
        }
        #expect(counter.value == 80_000)
        #expect(gauge.value == 80_000)
        #expect(histogram.snapshot().counts == [80_000, 0])
        #expect(histogram.snapshot().sum == 80_000)
    }

    @Test func theProcessIsMeasured() throws {
        let registry = MetricsRegistry()
        registry.addProcessMetrics(version: "1.2.3")
        let text = text(registry)
        #expect(text.contains("\ntideline_build_info{version=\"1.2.3\"} 1\n"))
        func value(_ name: String) throws -> Double {
            let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("\(name) ") })
            return try #require(Double(line.dropFirst(name.count + 1)))
        }
        let now = Double(WallClock.system.now()) / 1000
        #expect(try (now - 86_400...now + 5).contains(value("process_start_time_seconds")))
        #expect(try value("process_cpu_seconds_total") > 0)
        #expect(try (1e6...1e11).contains(value("process_resident_memory_bytes")))
        #expect(try (3...1e6).contains(value("process_open_fds")))
        #expect(try value("process_max_fds") >= value("process_open_fds"))
    }

    static let promtool = ProcessInfo.processInfo.environment["PATH", default: ""].split(separator: ":")
        .map { "\($0)/promtool" }.first { FileManager.default.isExecutableFile(atPath: $0) }

    @Test(.enabled(if: promtool != nil, "promtool (Debian package prometheus) is not on the PATH"))
    func promtoolFindsNothingToSay() throws {
        let registry = example()
        registry.addProcessMetrics(version: "1.2.3")
        let process = Process()
        process.executableURL = URL(filePath: try #require(Self.promtool))
        process.arguments = ["check", "metrics"]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = output
        try process.run()
        input.fileHandleForWriting.write(Data(registry.exposition()))
        input.fileHandleForWriting.closeFile()
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(said)")
        #expect(said.isEmpty)
    }
}
