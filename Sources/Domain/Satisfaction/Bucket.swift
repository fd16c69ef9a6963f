/// The smallest cell of time a trend line keeps: 15 minutes of UTC.
///
/// Every civil day, week and month of every time zone in use today begins on a bucket's edge.
public struct Bucket: Hashable, Sendable, Comparable {
    /// Whole quarters of an hour since 1970-01-01T00:00:00Z.
    public let index: Int32

    public static let milliseconds: Int64 = 900_000
    /// Buckets of one UTC day.
    public static let perDay: Int32 = 96

    public init(index: Int32) { self.index = index }

    /// The bucket a moment lies in; moments before 1970 have negative indices.
    public init(containing moment: Int64) {
        index = Int32(truncatingIfNeeded: moment.flooredQuotient(Bucket.milliseconds))
    }

    /// Milliseconds since 1970 at the bucket's beginning.
    public var start: Int64 { Int64(index) * Bucket.milliseconds }
    public var end: Int64 { start + Bucket.milliseconds }

    public static func < (left: Bucket, right: Bucket) -> Bool { left.index < right.index }
}

extension FixedWidthInteger {
    /// Division that rounds toward negative infinity; `divisor` is positive.
    @inlinable
    public func flooredQuotient(_ divisor: Self) -> Self {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
