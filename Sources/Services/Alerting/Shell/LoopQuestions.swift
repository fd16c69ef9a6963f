import Messages
import Synchronization
import ZMQ

/// What other threads ask of alerting's loop: it alone writes the store and owns the detectors.
package final class LoopQuestions: Sendable {
    /// Questions that wait at the same time; further ones are told to come again.
    static let waitingMax = 1000

    package enum Content: Sendable {
        case mark(MarkOrder)
        case standings
    }

    package enum Answer: Sendable {
        case mark(MarkDecision)
        case standings([RuleStanding])
        /// Alerting stops, or too many wait.
        case unavailable
    }

    struct Question: Sendable {
        let content: Content
        fileprivate let continuation: CheckedContinuation<Answer, Never>

        func answer(_ answer: Answer) { continuation.resume(returning: answer) }
    }

    private struct State {
        var waiting: [Question] = []
        var isOpen = true
    }

    private let state = Mutex(State())
    private let wakeup: Wakeup

    package init(wakeup: Wakeup) { self.wakeup = wakeup }

    /// Waits for the loop's answer.
    package func ask(_ content: Content) async -> Answer {
        await withCheckedContinuation { continuation in
            let isTaken = state.withLock { state in
                guard state.isOpen, state.waiting.count < Self.waitingMax else { return false }
                state.waiting.append(Question(content: content, continuation: continuation))
                return true
            }
            if isTaken { wakeup.signal() } else { continuation.resume(returning: .unavailable) }
        }
    }

    /// The question that has waited longest. The loop answers each exactly once.
    func next() -> Question? {
        state.withLock { $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }
    }

    /// The loop has ended: nobody waits in vain.
    package func close() {
        let left = state.withLock { state in
            state.isOpen = false
            defer { state.waiting = [] }
            return state.waiting
        }
        for question in left { question.answer(.unavailable) }
    }
}
