import Glibc
import Journal
import Runtime

/// What one question about comments may cost. Nothing that is asked makes ingest slow or large.
package struct CommentLimits: Sendable {
    /// Events read for one answer.
    package var eventsReadMax = 2_000_000
    /// Well below the time after which the server gives up on an answer.
    package var readingTimeMax = Duration.seconds(3)
    /// Bytes of one answer; the comment that passes it is the last.
    package var answerBytesMax = 8 << 20
    /// Questions answered at the same time, each on a thread; further ones are told to come again.
    package var readingsMax = 2

    package init() {}
}

/// Reads the events of the message files, newest first, within limits.
struct CommentWalk {
    /// Why it ended.
    enum Ending: Equatable {
        case everythingRead
        /// The reader wants no more.
        case enough
        case tooManyEvents
        case tooLong
        /// The service is ending.
        case stopping
    }

    let files: NewestFirst
    let limits: CommentLimits
    let clock: MonotonicClock
    let isStopping: @Sendable () -> Bool

    /// - Parameters:
    ///   - moment: blocks that arrived before it are left out, ms since 1970.
    ///   - take: an event's line; answers whether to go on.
    func forEachEvent(since moment: Int64, _ take: (UnsafeRawBufferPointer) -> Bool) throws(JournalError) -> Ending {
        let deadline = clock.now() + limits.readingTimeMax.nanoseconds
        var ending = Ending.everythingRead
        var events = 0
        func isOver() -> Bool {
            if isStopping() {
                ending = .stopping
            } else if clock.now() > deadline {
                ending = .tooLong
            }
            return ending != .everythingRead
        }
        try files.forEachBlock(since: moment, isCancelled: isOver) { _, payload in
            Self.forEachLineBackward(payload) { line in
                if events == limits.eventsReadMax { ending = .tooManyEvents }
                if events % 64 == 0, isOver() { return false }
                events += 1
                if ending == .everythingRead, !take(line) { ending = .enough }
                return ending == .everythingRead
            }
            return ending == .everythingRead
        }
        return ending
    }

    /// From the last line to the first, each without its newline.
    private static func forEachLineBackward(
        _ payload: UnsafeRawBufferPointer, _ take: (UnsafeRawBufferPointer) -> Bool
    ) {
        guard let start = payload.baseAddress else { return }
        var ends: [Int] = []
        var place = 0
        while let newline = memchr(start + place, 10, payload.count - place) {
            ends.append(UnsafeRawPointer(newline) - start)
            place = ends[ends.count - 1] + 1
        }
        while let end = ends.popLast() {
            let begin = ends.last.map { $0 + 1 } ?? 0
            guard take(UnsafeRawBufferPointer(start: start + begin, count: end - begin)) else { return }
        }
    }
}
