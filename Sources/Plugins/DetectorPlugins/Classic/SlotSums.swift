import PluginKit
import Satisfaction

/// Answers and harms of some span; harms by channel.
struct WatchedSums: Sendable, Equatable {
    var answers = 0.0
    var harms = SIMD4<Double>.zero

    static func + (left: WatchedSums, right: WatchedSums) -> WatchedSums {
        WatchedSums(answers: left.answers + right.answers, harms: left.harms + right.harms)
    }
}

/// Answers and harms by row (a cell or a segment) and slot (a day or an hour), of the latest slots alone.
struct SlotSums: Sendable {
    /// Slots kept.
    let kept: Int32
    /// Answers and channels.
    let width: Int
    private(set) var newest = Int32.min
    private var sums: [Int64] = []

    init(kept: Int32, channels: Int) {
        self.kept = kept
        width = 1 + channels
    }

    var rows: Int { sums.count / (Int(kept) * width) }

    mutating func admit(rows: Int) {
        let missing = rows * Int(kept) * width - sums.count
        if missing > 0 { sums += [Int64](repeating: 0, count: missing) }
    }

    /// The slots from which sums are kept; empty before the first.
    var slots: Range<Int32> { newest == .min ? 0..<0 : newest - kept + 1..<newest + 1 }

    /// Makes `slot` the newest, forgetting what is too old for it.
    mutating func advance(to slot: Int32) {
        guard slot > newest else { return }
        let gap = newest == .min ? Int64(kept) : Int64(slot) - Int64(newest)
        for step in 0..<Int32(min(gap, Int64(kept))) {
            for row in 0..<rows {
                let first = place(row, slot - step)
                for column in first..<first + width { sums[column] = 0 }
            }
        }
        newest = slot
    }

    private func place(_ row: Int, _ slot: Int32) -> Int {
        let remainder = Int(slot % kept)
        return (row * Int(kept) + (remainder < 0 ? remainder + Int(kept) : remainder)) * width
    }

    /// Adds to a slot that is kept; sums stay at the ends of what 63 bits hold.
    mutating func add(row: Int, slot: Int32, answers: Int64, harms: [Int64]) {
        let first = place(row, slot)
        add(answers, at: first)
        for channel in harms.indices { add(harms[channel], at: first + 1 + channel) }
    }

    private static let sumMax: Int64 = 1 << 62

    private mutating func add(_ amount: Int64, at column: Int) {
        let (sum, overflows) = sums[column].addingReportingOverflow(amount)
        sums[column] = overflows ? (amount > 0 ? Self.sumMax : -Self.sumMax) : min(max(sum, -Self.sumMax), Self.sumMax)
    }

    /// Answers and harms of one slot as they were added.
    func values(row: Int, slot: Int32) -> ArraySlice<Int64> {
        let first = place(row, slot)
        return sums[first..<first + width]
    }

    /// Sums of a span, as far as it is kept.
    func sum(row: Int, over span: ClosedRange<Int32>) -> WatchedSums {
        var total = WatchedSums()
        let kept = slots
        guard !kept.isEmpty, span.lowerBound < kept.upperBound, span.upperBound >= kept.lowerBound else {
            return total
        }
        for slot in max(span.lowerBound, kept.lowerBound)...min(span.upperBound, kept.upperBound - 1) {
            let first = place(row, slot)
            total.answers += Double(sums[first])
            for channel in 0..<width - 1 { total.harms[channel] += Double(sums[first + 1 + channel]) }
        }
        return total
    }
}
