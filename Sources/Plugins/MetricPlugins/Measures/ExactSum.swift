import PluginKit
import Satisfaction

/// A sum of measured values, exact to a millionth: whole units in one column of a tally, millionths in the next.
///
/// Apart, neither column overflows before nine million values of the largest size; in one column of millionths nine
/// would do.
struct ExactSum: Hashable, Comparable, Sendable {
    let whole: Int64
    /// 0...999_999.
    let millionths: Int64

    /// Columns it takes.
    static let width = 2

    /// - Parameter column: first of its columns.
    init(_ tally: Tally, at column: Int) { self.init(whole: tally[column], millionths: tally[column + 1]) }

    /// - Parameter millionths: of any size and sign; what a tally of hostile content overflows wraps around.
    init(whole: Int64, millionths: Int64) {
        let rest = millionths % 1_000_000
        let isBelow = rest < 0
        self.whole = whole &+ millionths / 1_000_000 &- (isBelow ? 1 : 0)
        self.millionths = isBelow ? rest + 1_000_000 : rest
    }

    static func add(_ value: MeasuredValue, at column: Int, into sums: inout Contributions) {
        if value.whole != 0 { sums.add(value.whole, at: column) }
        if value.millionths != 0 { sums.add(value.millionths, at: column + 1) }
    }

    var number: Double { Double(whole) + Double(millionths) / 1_000_000 }
    var isWhole: Bool { millionths == 0 }
    var isPositive: Bool { whole > 0 || whole == 0 && millionths > 0 }

    static func < (left: ExactSum, right: ExactSum) -> Bool {
        (left.whole, left.millionths) < (right.whole, right.millionths)
    }

    static func + (left: ExactSum, right: ExactSum) -> ExactSum {
        ExactSum(whole: left.whole &+ right.whole, millionths: left.millionths + right.millionths)
    }

    static func - (left: ExactSum, right: ExactSum) -> ExactSum {
        ExactSum(whole: left.whole &- right.whole, millionths: left.millionths - right.millionths)
    }
}
