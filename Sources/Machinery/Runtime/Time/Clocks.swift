import Glibc
import Synchronization

/// The time of day, as an argument: services stamp and schedule by the clock they are given.
package struct WallClock: Sendable {
    private let read: @Sendable () -> Int64

    package init(_ read: @escaping @Sendable () -> Int64) { self.read = read }

    /// Milliseconds since 1970-01-01T00:00:00Z, without leap seconds. May jump when the machine's clock is set.
    package func now() -> Int64 { read() }

    package static let system = WallClock { nanoseconds(of: CLOCK_REALTIME) / 1_000_000 }
}

/// A clock that only goes forward, for timeouts and latencies.
package struct MonotonicClock: Sendable {
    private let read: @Sendable () -> Int64

    package init(_ read: @escaping @Sendable () -> Int64) { self.read = read }

    /// Nanoseconds since some moment before the process began.
    package func now() -> Int64 { read() }

    package static let system = MonotonicClock { nanoseconds(of: CLOCK_MONOTONIC) }
}

private func nanoseconds(of clock: clockid_t) -> Int64 {
    var time = timespec()
    let result = clock_gettime(clock, &time)
    assert(result == 0, "the machine has both clocks")
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

/// Clocks that stand still until told otherwise, for tests and simulation. Safe from any thread.
package final class ManualClock: Sendable {
    private let wallMilliseconds: Atomic<Int64>
    private let monotonicNanoseconds: Atomic<Int64>

    package init(wallMilliseconds: Int64 = 0, monotonicNanoseconds: Int64 = 0) {
        self.wallMilliseconds = Atomic(wallMilliseconds)
        self.monotonicNanoseconds = Atomic(monotonicNanoseconds)
    }

    package var wall: WallClock { WallClock { self.wallMilliseconds.load(ordering: .relaxed) } }

    package var monotonic: MonotonicClock { MonotonicClock { self.monotonicNanoseconds.load(ordering: .relaxed) } }

    /// Moves both clocks forward.
    package func advance(by duration: Duration) {
        assert(duration >= .zero, "a clock does not go back by itself; use setWall to jump")
        wallMilliseconds.add(duration.milliseconds, ordering: .relaxed)
        monotonicNanoseconds.add(duration.nanoseconds, ordering: .relaxed)
    }

    /// Lets the wall clock jump, in either direction, as when an operator sets it.
    package func setWall(milliseconds: Int64) { wallMilliseconds.store(milliseconds, ordering: .relaxed) }
}
