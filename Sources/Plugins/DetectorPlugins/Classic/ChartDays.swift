import PluginKit
import Satisfaction

/// What happens when a day is over.
extension ChartDetector {
    /// - Parameter next: the day that begins, later than `closed`.
    mutating func closeDay(_ closed: Int32, next: Int32, _ said: inout [Assessment]) {
        for segment in watches.indices {
            guard lattice.nodes[segment].isActive || watches[segment].open != nil else { continue }
            measureVolume(segment, closed)
            if plan.learns, watches[segment].baseline == nil, watches[segment].open == nil { learn(segment, closed) }
            if watches[segment].isArmed, watches[segment].open == nil { watches[segment].daysWatched += 1 }
            // A condition is looked at daily too: it can go without an answer.
            if plan.pace == .days ? mayBeRead(segment) : watches[segment].open != nil && plan.recovery == .condition {
                let fresh = line.bounded(segmentDays.sum(row: segment, over: closed...closed))
                read(view(of: segment, on: closed, fresh: fresh, freshHour: closed * 24), next: next, &said)
            }
            if watches[segment].open?.openedDay ?? next < next { review(segment, closed, next, &said) }
        }
    }

    private mutating func measureVolume(_ segment: Int, _ closed: Int32) {
        let span = max(firstDay, closed - Self.volumeDays + 1)...closed
        let answers = line.bounded(segmentDays.sum(row: segment, over: span)).answers
        watches[segment].volume = answers / Double(span.count)
    }

    /// Learns a segment's baseline, once there are days and answers enough; it then stays until a dip becomes the new
    /// normal (the "phase I" of W. A. Shewhart's followers).
    mutating func learn(_ segment: Int, _ closed: Int32) {
        let kept = segmentDays.slots
        let from = max(watches[segment].learnFrom, kept.lowerBound, closed - 2 * plan.life.baselineDays)
        guard from <= closed else { return }
        let days = (from...closed).map { line.bounded(segmentDays.sum(row: segment, over: $0...$0)) }
        guard let first = days.firstIndex(where: { $0.answers > 0 }), days.count - first >= plan.life.baselineDays,
            days.reduce(0, { $0 + $1.answers }) >= plan.life.baselineAnswers
        else { return }
        let cells = numbers(of: segment, over: from...closed)
        watches[segment].baseline = LearntBaseline(cells: cells, dispersion: dispersion(days), line: line)
    }

    /// How much a mean harm scatters over days, compared with answers either harmed or not: at most as much, since no
    /// harm in between can scatter more.
    private func dispersion(_ days: [WatchedSums]) -> Double {
        guard !line.isBinary else { return 1 }
        let all = days.reduce(WatchedSums(), +)
        let share = line.harmed(all) / all.answers
        let variance = share * (1 - share)
        let counted = days.filter { $0.answers > 0 }
        guard variance > 0, counted.count > 1 else { return 1 }
        let squares = counted.reduce(0) { sum, day in
            let excess = line.harmed(day) - day.answers * share
            return sum + excess * excess / (day.answers * variance)
        }
        return min(1, max(0.01, squares / Double(counted.count - 1)))
    }

    /// Answers and harms of each of a segment's cells over some days.
    func numbers(of segment: Int, over span: ClosedRange<Int32>) -> [Int64] {
        let kept = cellDays.slots
        var numbers: [Int64] = []
        for cell in lattice.nodes[segment].cells {
            var sums = [Int64](repeating: 0, count: 1 + line.channels)
            let first = max(span.lowerBound, kept.lowerBound)
            for day in first..<max(first, min(span.upperBound + 1, kept.upperBound)) {
                for (place, value) in cellDays.values(row: cell, slot: day).enumerated() {
                    sums[place] = Self.sum(sums[place], value)
                }
            }
            numbers += sums
        }
        return numbers
    }

    private static func sum(_ left: Int64, _ right: Int64) -> Int64 {
        let (sum, overflows) = left.addingReportingOverflow(right)
        return overflows ? (right > 0 ? .max : .min) : sum
    }
}
