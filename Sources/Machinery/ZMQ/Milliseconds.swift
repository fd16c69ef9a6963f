/// A span of time as libzmq takes it: whole milliseconds from 0 to 2,147,483,647 (24 days).
///
/// There is no negative value, so libzmq's "-1, wait for ever" cannot be written down by accident.
package struct Milliseconds: Hashable, Comparable, Sendable, ExpressibleByIntegerLiteral {
    package let count: Int32

    /// Clamps to the range of the type.
    package init(_ count: Int) { self.count = Int32(clamping: max(0, count)) }

    package init(integerLiteral count: Int) { self.init(count) }

    /// Rounds up, so that a short wait does not become none; clamps to the range of the type.
    package init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        guard seconds >= 0, attoseconds >= 0 else {
            self.init(0)
            return
        }
        let attosecondsPerMillisecond: Int64 = 1_000_000_000_000_000
        let part = Int((attoseconds + attosecondsPerMillisecond - 1) / attosecondsPerMillisecond)
        self.init(Int(min(seconds, Int64(Int32.max))) * 1000 + part)
    }

    package static func milliseconds(_ count: Int) -> Self { Self(count) }

    package static func seconds(_ count: Int) -> Self { Self(.seconds(count)) }

    package static func < (left: Self, right: Self) -> Bool { left.count < right.count }
}
