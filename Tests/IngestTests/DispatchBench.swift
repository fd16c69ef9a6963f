import Ingest
import MachineTestKit
import Messages

/// A dispatcher driven by a script of lines: what is heard on the left, what is sent on the right.
///
/// `ready A 2`, `beat A`, `tallied A 3`, `failed A 3`, `new A 3` (a worker without a finished block fails),
/// `unknown A 3` (it has not the set), `committed LIFE COUNTER NEXT [ahead,ahead]`, `blocks 5` (durable through 4),
/// `skip 3`, `lost A`. Sent blocks read `3>A`, again `3>A*2`.
struct DispatchBench {
    static let node = "00000000000000aa"
    private(set) var dispatcher: Dispatcher
    private(set) var now: Int64 = 0
    private(set) var outcomes: [ProgressOutcome] = []
    private(set) var poison: [UInt64] = []

    init(_ limits: DispatchLimits = DispatchLimits(), first: UInt64 = 1, end: UInt64 = 1) {
        dispatcher = Dispatcher(node: Self.node, first: first, end: end, limits: limits)
    }

    /// Does what the lines say, then hands out all that is to be sent.
    mutating func `do`(_ lines: String...) -> String {
        for line in lines { hear(line.split(separator: " ").map(String.init)) }
        return sent()
    }

    /// Lets time pass in tenths of a second, during which these workers say that they are ready, and hands out what was sent.
    mutating func wait(_ milliseconds: Int64, ready workers: String...) -> String {
        var words: [String] = []
        let end = now + milliseconds
        while now < end {
            now += 100
            for worker in workers { hear(["ready", worker, "2"]) }
            dispatcher.tick(now: now)
            words.append(sent())
        }
        return words.filter { !$0.isEmpty }.joined(separator: " ")
    }

    private mutating func sent() -> String {
        var words: [String] = []
        while let assignment = dispatcher.next(now: now) {
            words.append(
                "\(assignment.number)>\(assignment.worker)" + (assignment.attempt > 1 ? "*\(assignment.attempt)" : ""))
        }
        return words.joined(separator: " ")
    }

    private mutating func hear(_ words: [String]) {
        switch words[0] {
        case "ready": dispatcher.hear(Ready(worker: words[1], credit: Int(words[2])!), now: now)
        case "beat": dispatcher.hear(Heartbeat(worker: words[1], finished: 0), now: now)
        case "tallied":
            for number in words[2...] {
                dispatcher.hear(
                    Tallied(worker: words[1], node: Self.node, number: UInt64(number)!, mark: "m\(number)"), now: now)
            }
        case "failed", "new", "unknown":
            let number = UInt64(words[2])!
            let refused = Refused(
                worker: words[1], node: Self.node, number: number, mark: "m\(number)",
                reason: words[0] == "unknown" ? .unknownSet : .failed, sentence: "it cannot",
                finishedBefore: words[0] != "new")
            if dispatcher.hear(failure: refused, now: now) { poison.append(number) }
        case "committed":
            let next = UInt64(words[3])!
            let ahead = words.count > 4 ? words[4].split(separator: ",").map { UInt64($0)! } : []
            let position = NodePosition(next: next, mark: next > 1 ? "m\(next - 1)" : nil)
            outcomes.append(
                dispatcher.hear(
                    Progress(
                        start: words[1], counter: UInt64(words[2])!, nodes: next > 1 ? [Self.node: position] : [:],
                        ahead: [Self.node: ahead]), now: now, mark: next > 1 ? "m\(next - 1)" : nil))
        case "blocks": dispatcher.extend(to: UInt64(words[1])!)
        case "skip": dispatcher.skip(UInt64(words[1])!)
        case "lost": dispatcher.lost(words[1])
        default: preconditionFailure("no such line: \(words)")
        }
    }

    /// What alerting says of a position whose mark is another than this journal's.
    mutating func hearFork(next: UInt64) -> ProgressOutcome {
        dispatcher.hear(
            Progress(
                start: "other", counter: 1, nodes: [Self.node: NodePosition(next: next, mark: "theirs")], ahead: [:]),
            now: now, mark: "ours")
    }
}
