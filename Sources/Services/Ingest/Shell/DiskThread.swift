import DequeModule
import Glibc
import Journal
import Synchronization
import ZMQ

/// What the loop asks of the disk.
enum DiskOrder: Sendable {
    case write([SealedBlock])
    case skip(number: UInt64, mark: Mark, reason: String)
    case deadLetters([UInt8])
    case identities(IdentityWork)
    case measure
}

/// What the disk answers, in the order of the orders.
enum DiskReport: Sendable {
    case written([SealedBlock], [BlockLocation], nanoseconds: Int64)
    case writeFailed(JournalError, first: UInt64)
    case skipped(Skip)
    case skipFailed(JournalError, number: UInt64)
    case deadLetters(lost: UInt64, written: UInt64, bytes: Int64, error: JournalError?)
    case identities(IdentityWork.Outcome)
    case free(Int64)
}

/// The thread that writes and syncs, so that the loop never waits for the disk.
///
/// One order at a time, in order; reports wake the loop.
final class DiskThread: Sendable {
    private struct State {
        var orders: Deque<DiskOrder> = []
        var reports: Deque<DiskReport> = []
        var isEnding = false
    }

    private let state = Mutex(State())
    private let work: Wakeup
    private let wakeup: Wakeup
    private let writer: JournalWriter
    private let deadLetters: DeadLetterWriter

    /// - Parameter wakeup: signalled with every report.
    init(writer: JournalWriter, deadLetters: DeadLetterWriter, wakeup: Wakeup) throws(ZMQError) {
        self.writer = writer
        self.deadLetters = deadLetters
        self.wakeup = wakeup
        work = try Wakeup()
    }

    /// Starts the thread; end it with ``end()`` and join what this returns.
    func start() throws(ZMQError) -> LoopThread {
        try LoopThread(named: "disk") { self.loop() }
    }

    func order(_ order: DiskOrder) {
        state.withLock { $0.orders.append(order) }
        work.signal()
    }

    func takeReport() -> DiskReport? { state.withLock { $0.reports.popFirst() } }

    /// Ends the thread when every order is done.
    func end() {
        state.withLock { $0.isEnding = true }
        work.signal()
    }

    private func loop() {
        while true {
            var ends = false
            while let order = state.withLock({ state -> DiskOrder? in
                ends = state.isEnding
                return state.orders.popFirst()
            }) {
                let report = perform(order)
                state.withLock { $0.reports.append(report) }
                wakeup.signal()
            }
            if ends { return }
            wait()
        }
    }

    private func wait() {
        var item = pollfd(fd: work.fileDescriptor, events: Int16(POLLIN), revents: 0)
        _ = poll(&item, 1, -1)
        work.drain()
    }

    private func perform(_ order: DiskOrder) -> DiskReport {
        switch order {
        case .write(let blocks):
            let started = MonotonicNanoseconds.now
            do {
                let locations = try writer.write(blocks)
                return .written(blocks, locations, nanoseconds: MonotonicNanoseconds.now - started)
            } catch {
                return .writeFailed(error, first: blocks[0].header.number)
            }
        case .skip(let number, let mark, let reason):
            do {
                try writer.addSkip(number: number, mark: mark, reason: reason)
                return .skipped(Skip(number: number, mark: mark, reason: reason))
            } catch { return .skipFailed(error, number: number) }
        case .deadLetters(let lines):
            var failure: JournalError?
            do throws(JournalError) { try deadLetters.write(lines) } catch { failure = error }
            return .deadLetters(
                lost: deadLetters.lost, written: deadLetters.written, bytes: deadLetters.bytes, error: failure)
        case .identities(let work): return .identities(work.perform())
        case .measure: return .free((try? writer.freeBytes()) ?? 0)
        }
    }
}

enum MonotonicNanoseconds {
    static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
