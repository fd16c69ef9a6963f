/// Exact sums of one metric, by column: how many answers fell on each step of a scale, sums of measures, registers of a
/// sketch. What a column means is the metric's own affair.
///
/// Merging is addition, in any order and any grouping; adding negated amounts undoes it. Narrow tallies are arrays, wide
/// ones (sketches) hold the columns that are not zero. Sums wrap around at 64 bits: that takes nine million amounts of
/// the largest size a measure may have, and stays the same for every order.
public struct Tally: Hashable, Sendable {
    /// Columns from which on a tally is held sparsely.
    public static let denseWidthMax = 512
    /// Most columns a metric may have.
    public static let widthMax = 1 << 20

    public let width: Int
    private var dense: [Int64]
    private var sparse: [Int32: Int64]

    public init(width: Int) {
        self.width = width
        dense = width <= Self.denseWidthMax ? [Int64](repeating: 0, count: width) : []
        sparse = [:]
    }

    /// A narrow tally of given sums.
    public init(_ columns: [Int64]) {
        precondition(columns.count <= Self.denseWidthMax)
        width = columns.count
        dense = columns
        sparse = [:]
    }

    public static func isDense(width: Int) -> Bool { width <= denseWidthMax }

    public var isEmpty: Bool { dense.isEmpty ? sparse.isEmpty : dense.allSatisfy { $0 == 0 } }

    /// - Parameter column: `0 ..< width`.
    public subscript(column: Int) -> Int64 {
        dense.isEmpty ? sparse[Int32(column)] ?? 0 : dense[column]
    }

    public mutating func add(_ amount: Int64, at column: Int) {
        precondition(column >= 0 && column < width, "a column of another contract")
        if dense.isEmpty {
            let sum = (sparse[Int32(column)] ?? 0) &+ amount
            sparse[Int32(column)] = sum == 0 ? nil : sum
        } else {
            dense[column] &+= amount
        }
    }

    public mutating func add(_ other: Tally) {
        precondition(other.width == width, "tallies of different contracts never merge")
        if dense.isEmpty {
            for (column, amount) in other.sparse { add(amount, at: Int(column)) }
        } else {
            for column in dense.indices { dense[column] &+= other.dense[column] }
        }
    }

    /// Columns of a range that are not zero, in their order.
    public func columns(in range: Range<Int>) -> [(column: Int, amount: Int64)] {
        if dense.isEmpty {
            return sparse.lazy.filter { range.contains(Int($0.key)) }.map { (Int($0.key), $0.value) }
                .sorted { $0.0 < $1.0 }
        }
        return range.clamped(to: dense.indices).lazy.filter { dense[$0] != 0 }.map { ($0, dense[$0]) }
    }

    /// Sum of the columns of a range.
    public func sum(_ range: Range<Int>) -> Int64 {
        columns(in: range).reduce(0) { $0 &+ $1.amount }
    }

    /// All columns that are not zero, in their order.
    public var columns: [(column: Int, amount: Int64)] { columns(in: 0..<width) }

    /// The steps of a rating scale, which are a rated metric's only columns.
    public func answerCounts(on scale: Scale) -> AnswerCounts {
        AnswerCounts((0..<scale.steps).map { self[$0] })
    }
}
