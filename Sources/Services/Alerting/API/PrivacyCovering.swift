import HTTP
import PluginKit
import Satisfaction

extension TrendAPI {
    /// Cells decided together for one answer; more would take too long.
    static let coveredCellsMax = 5000

    /// What must be withheld of a metric's windows, so that neither they nor their siblings can be told from what is shown.
    ///
    /// Decided over all segments of the metric at once, in the windows asked for and the civil days they are made of.
    /// - Throws: ``QueryError`` for windows shorter than a day, and where there are too many cells.
    func cover(
        _ metric: any Metric, named name: String, _ windows: ScoreWindows, _ span: Range<Int64>, _ zone: TimeZoneTable
    )
        throws -> PrivacyCover
    {
        guard minimumAnswers > 1 else { return .open }
        guard windows.length != .hour, windows.length != .quarterHour else {
            throw QueryError("step", "is shorter than a day, which is not shown while privacy.minimumAnswers is set")
        }
        var cells: [Suppression.Cell] = []
        let days = ScoreWindows(length: .day, zone: zone)
        for line in try store.series(metric: name, segment: nil) where line.contract == metric.contract.hash.text {
            let asked = try windows.tallies(of: line, in: store, over: span)
            cells += asked.map { Self.cell(line, $0, metric) }
            guard windows.length != .day, let first = asked.first?.window, let last = asked.last?.window else {
                continue
            }
            cells += try days.tallies(of: line, in: store, over: first.lowerBound..<last.upperBound)
                .map { Self.cell(line, $0, metric) }
            guard cells.count <= Self.coveredCellsMax else {
                throw QueryError(
                    "from",
                    "spans more than \(Self.coveredCellsMax) cells to be decided for privacy; ask for a shorter span")
            }
        }
        return PrivacyCover(cells, minimumAnswers: minimumAnswers)
    }

    private static func cell(_ line: Series, _ tally: WindowTally, _ metric: any Metric) -> Suppression.Cell {
        Suppression.Cell(
            segment: line.segment, window: tally.window, answers: metric.score(tally.tally)?.responses ?? 0)
    }
}
