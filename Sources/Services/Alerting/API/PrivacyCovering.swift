import HTTP
import PluginKit
import Satisfaction
import Synchronization

/// What is decided for privacy of one metric, whatever is asked: all its segments in all civil days, weeks, months,
/// quarters and years there are.
///
/// One decision for all questions, because what two answers leave over when they are subtracted must not be told either.
/// Cells that were not decided (other spans, newer windows) are withheld.
struct PrivacyGrid {
    /// Cells of one decision; with more, the shortest windows are left out and are not shown.
    static let cellsMax = 5000
    static let lengths: [WindowLength] = [.day, .week, .month, .quarter, .year]

    let cover: PrivacyCover
    /// The lengths that were decided.
    let lengths: [WindowLength]
    /// Monotonic nanoseconds at which it was decided.
    let decidedAt: Int64

    init(
        _ metric: any Metric, _ lines: [Series], _ store: TrendStore, _ zone: TimeZoneTable, minimumAnswers: Int64,
        now: Int64
    ) throws {
        var byLength: [(length: WindowLength, cells: [Suppression.Cell])] = []
        for length in Self.lengths {
            let windows = ScoreWindows(length: length, zone: zone)
            var cells: [Suppression.Cell] = []
            for line in lines {
                cells += try windows.tallies(of: line, in: store, over: Self.everything).map {
                    Suppression.Cell(
                        segment: line.segment, window: $0.window, answers: metric.score($0.tally)?.responses ?? 0)
                }
            }
            byLength.append((length, cells))
        }
        while byLength.count > 1, byLength.reduce(0, { $0 + $1.cells.count }) > Self.cellsMax { byLength.removeFirst() }
        let cells = byLength.flatMap(\.cells)
        lengths = cells.count > Self.cellsMax ? [] : byLength.map(\.length)
        cover = PrivacyCover(lengths.isEmpty ? [] : cells, minimumAnswers: minimumAnswers)
        decidedAt = now
    }

    private static let everything = Range<Int64>(uncheckedBounds: (-8_000_000_000_000, 253_370_764_800_000))
}

/// The decisions in force, kept for a while because they take long: what came since is withheld until the next.
final class PrivacyGrids: Sendable {
    private static let keptNanoseconds: Int64 = 30_000_000_000

    private let grids = Mutex<[Digest: PrivacyGrid]>([:])

    func grid(_ contract: Digest, now: Int64, _ decide: () throws -> PrivacyGrid) rethrows -> PrivacyGrid {
        if let known = grids.withLock({ $0[contract] }), now - known.decidedAt < Self.keptNanoseconds { return known }
        let grid = try decide()
        grids.withLock { $0[contract] = grid }
        return grid
    }
}
