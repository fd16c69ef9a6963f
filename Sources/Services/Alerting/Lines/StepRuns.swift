/// Steps of the arrival clock in a row.
struct StepRun: Hashable {
    let first: Int64
    var last: Int64
}

/// The steps that changed a window, gathered from its buckets: their number is the window's revision.
package struct StepSet {
    private var runs: [StepRun] = []

    package init() {}

    mutating func add(_ run: StepRun) { runs.append(run) }
    mutating func add(_ other: StepSet) { runs.append(contentsOf: other.runs) }

    /// Different steps; a step that changed several buckets counts once.
    package var count: Int64 {
        var total: Int64 = 0
        var end = Int64.min
        for run in runs.sorted(by: { $0.first < $1.first }) where run.last > end {
            let first = end == .min ? run.first : max(run.first, end &+ 1)
            total += run.last - first + 1
            end = run.last
        }
        return total
    }
}
