import DequeModule
import Glibc
import Journal
import Runtime
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

/// A thread that works on files, so that the loop never waits for the disk.
///
/// One order at a time, in order; reports wake the loop. There are two: one syncs blocks and does nothing else that takes
/// long, the other writes dead letters and the duplicate index.
final class DiskThread: Sendable {
    private struct State {
        var orders: Deque<DiskOrder> = []
        var reports: Deque<DiskReport> = []
        var isEnding = false
    }

    private let state = Mutex(State())
    private let work: Wakeup
    private let wakeup: Wakeup
    private let name: String
    private let writer: JournalWriter?
    private let deadLetters: DeadLetterWriter?

    /// - Parameters:
    ///   - writer: for the thread that takes orders to write, skip and measure.
    ///   - deadLetters: for the thread that takes dead letters.
    ///   - wakeup: signalled with every report.
    init(
        named name: String, writer: JournalWriter? = nil, deadLetters: DeadLetterWriter? = nil, wakeup: Wakeup
    ) throws(ZMQError) {
        self.name = name
        self.writer = writer
        self.deadLetters = deadLetters
        self.wakeup = wakeup
        work = try Wakeup()
    }

    /// Starts the thread; end it with ``end()`` and join what this returns.
    func start() throws(ZMQError) -> LoopThread {
        try LoopThread(named: name) { self.loop() }
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
        switch (order, writer, deadLetters) {
        case (.write(let blocks), let writer?, _): return write(blocks, writer)
        case (.skip(let number, let mark, let reason), let writer?, _):
            do {
                try writer.addSkip(number: number, mark: mark, reason: reason)
                return .skipped(Skip(number: number, mark: mark, reason: reason))
            } catch { return .skipFailed(error, number: number) }
        case (.measure, let writer?, _): return .free((try? writer.freeBytes()) ?? 0)
        case (.deadLetters(let lines), _, let letters?):
            var failure: JournalError?
            do throws(JournalError) { try letters.write(lines) } catch { failure = error }
            return .deadLetters(lost: letters.lost, written: letters.written, bytes: letters.bytes, error: failure)
        case (.identities(let work), _, _): return .identities(work.perform())
        default: preconditionFailure("this order is for the other thread")
        }
    }

    private func write(_ blocks: [SealedBlock], _ writer: JournalWriter) -> DiskReport {
        let started = MonotonicClock.system.now()
        do {
            let locations = try writer.write(blocks)
            return .written(blocks, locations, nanoseconds: MonotonicClock.system.now() - started)
        } catch { return .writeFailed(error, first: blocks[0].header.number) }
    }
}
