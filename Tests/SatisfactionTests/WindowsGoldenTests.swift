import Satisfaction
import Testing

/// Windows against an independent computation, see ``WindowsGolden``.
@Suite struct WindowsGoldenTests {
    struct Row {
        let zone: String
        let length: WindowLength
        let moment: Int64
        let window: Range<Int64>
        let yearBefore: Range<Int64>?
        let name: String
    }

    @Test func everyRowAgrees() throws {
        let rows = try WindowsGoldenTests.rows()
        #expect(rows.count >= 160)
        for row in rows {
            let calendar = WindowCalendar(zone: try #require(TimeZoneTable(named: row.zone)))
            let place: Comment = "\(row.zone) \(row.length) \(row.name)"
            let window = calendar.window(row.length, containing: row.moment)
            #expect(window == row.window, place)
            #expect(calendar.yearBefore(row.window, row.length) == row.yearBefore, place)
            #expect(calendar.name(of: row.window, row.length) == row.name, place)
        }
    }

    private static func rows() throws -> [Row] {
        var zone = ""
        var rows: [Row] = []
        for line in WindowsGolden.rows.split(separator: "\n") {
            guard line.hasPrefix("  ") else {
                zone = String(line)
                continue
            }
            let columns = line.split(separator: " ", maxSplits: 6)
            try #require(columns.count == 7)
            let yearBefore = columns[4] == "-" ? nil : try utc(columns[4])..<utc(columns[5])
            rows.append(
                Row(
                    zone: zone, length: try #require(WindowLength(String(columns[0]))), moment: try utc(columns[1]),
                    window: try utc(columns[2])..<utc(columns[3]), yearBefore: yearBefore, name: String(columns[6])))
        }
        return rows
    }

    /// Reads "2026-11-23T13:37".
    private static func utc(_ text: Substring) throws -> Int64 {
        let parts = text.split { "-T:".contains($0) }.compactMap { Int($0) }
        try #require(parts.count == 5)
        let date = try #require(CivilDate(year: parts[0], month: parts[1], day: parts[2]))
        return Int64(date.daysSince1970) * 86_400_000 + Int64(parts[3] * 60 + parts[4]) * 60_000
    }
}
