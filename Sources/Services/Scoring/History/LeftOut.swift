import PluginKit

/// What counting a block under another set than its own leaves out, and why.
package struct LeftOut: Sendable, Equatable {
    /// By metric: answers and measured values that its contract refuses.
    package private(set) var refused: [String: [AnswerRefusal.Reason: Int]] = [:]
    /// By name: answers and measures that nothing of the set is made of.
    package private(set) var unused: [String: Int] = [:]

    package init() {}

    mutating func refuse(_ metric: String, _ reason: AnswerRefusal.Reason) {
        refused[metric, default: [:]][reason, default: 0] += 1
    }

    mutating func ignore(_ name: String) { unused[name, default: 0] += 1 }

    package mutating func add(_ other: LeftOut) {
        for (metric, reasons) in other.refused {
            refused[metric, default: [:]].merge(reasons, uniquingKeysWith: +)
        }
        unused.merge(other.unused, uniquingKeysWith: +)
    }
}
