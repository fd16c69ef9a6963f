/// How many answers fell on each step of a contract's scale; index 0 is the scale's lowest answer.
///
/// Exact integers that wrap around at 64 bits: merging is addition, in any order, and `subtract` undoes `add`.
public struct AnswerCounts: Hashable, Sendable {
    public private(set) var steps: [Int64]

    public init(steps: Int) { self.steps = [Int64](repeating: 0, count: steps) }

    public init(_ steps: [Int64]) { self.steps = steps }

    public var total: Int64 { steps.reduce(0, &+) }
    public var isEmpty: Bool { steps.allSatisfy { $0 == 0 } }

    /// Whether answers could have made these counts: some, and none below zero or beyond what adds up.
    public var isPlausible: Bool {
        var sum: Int64 = 0
        for count in steps {
            let (next, overflows) = sum.addingReportingOverflow(count)
            guard count >= 0, !overflows else { return false }
            sum = next
        }
        return sum > 0
    }

    @inlinable
    public subscript(step: Int) -> Int64 { steps[step] }

    public mutating func add(_ count: Int64, at step: Int) { steps[step] &+= count }

    public mutating func add(_ other: AnswerCounts) {
        precondition(other.steps.count == steps.count, "counts of different contracts never merge")
        for index in steps.indices { steps[index] &+= other.steps[index] }
    }

    /// Answers on the steps of `range`, given as answers of `scale`.
    public func count(of range: ClosedRange<Int>, on scale: Scale) -> Int64 {
        steps[(range.lowerBound - scale.lowest)...(range.upperBound - scale.lowest)].reduce(0, &+)
    }
}
