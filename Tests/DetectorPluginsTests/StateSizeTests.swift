import Testing

@testable import DetectorPlugins

/// What one detector takes in the trend store.
@Suite("Size of the state")
struct StateSizeTests {
    private static let seriesBytesMax = 4_096
    private static let cellBytesMax = 1_024

    @Test("one series stays below 4 KB and its model cell below 1 KB, and neither grows with history")
    func oneSeries() throws {
        let young = try size([[]: SeriesText("100x60@85")])
        let old = try size([[]: SeriesText("200x60@85")])
        print("state of one series: \(young) bytes after 100 days, \(old) after 200")
        #expect(young <= Self.seriesBytesMax + Self.cellBytesMax)
        #expect(old <= Self.seriesBytesMax + Self.cellBytesMax)
        #expect(abs(old - young) <= young / 10)
    }

    @Test("a lattice of two dimensions keeps to 4 KB a series and 1 KB a model cell")
    func lattice() throws {
        var series: [[String]: SeriesText] = [:]
        for region in ["amer", "apac", "emea", "latam"] {
            for channel in ["app", "phone", "web"] { series[[region, channel]] = SeriesText("100x10@85") }
        }
        let bytes = try size(series, dimensions: ["region", "channel"])
        let watched = 1 + 4 + 3 + 12
        print("state of \(watched) series over 12 cells: \(bytes) bytes")
        #expect(bytes <= watched * Self.seriesBytesMax + 12 * Self.cellBytesMax)
    }

    @Test("agents without pairs keep to it too")
    func agents() throws {
        var series: [[String]: SeriesText] = [:]
        for agent in 0..<30 { series[["a\(agent)"]] = SeriesText("100x3@85") }
        let bytes = try size(series, dimensions: ["agent"])
        print("state of 31 series over 30 cells: \(bytes) bytes")
        #expect(bytes <= 31 * Self.seriesBytesMax + 30 * Self.cellBytesMax)
    }

    private func size(_ series: [[String]: SeriesText], dimensions: [String] = []) throws -> Int {
        var detector = try Bench.detector(dimensions: dimensions)
        _ = detector.run(Bench.steps(series, seed: 5))
        return detector.encodeState().count
    }
}
