import Satisfaction

/// How far one node's journal is applied.
package struct NodeState: Sendable, Equatable {
    package var next: UInt64 = 1
    package var mark: String?
    /// The step that is open: everything before it has been folded.
    package var step: Int64 = .min
    package var clock: Int64 = 0
    package var set = ""
    package init() {}
}

/// A tally that came before its predecessors.
package struct WaitingTally: Sendable {
    package let node: String
    package let number: UInt64
    package let mark: String
    package let previous: String
    package let event: [UInt8]
}

/// A message of the feed, kept so that consumers can ask for it again.
package struct FeedMessage: Sendable {
    package let topic: String
    package let sequence: Int64
    /// ms since 1970 of the arrival clock.
    package let at: Int64
    package let event: [UInt8]

    /// What stands between `tideline.` and `.v1` in the topic.
    package var typeName: String {
        topic.split(separator: ".", maxSplits: 2).dropFirst().first.map(String.init) ?? ""
    }
}

/// A detector as the store keeps it.
package struct StoredDetector: Sendable {
    package let rule: String
    /// Hash of all that the state depends on.
    package let fingerprint: String
    package let state: [UInt8]
    /// Arrival clock when it began without a past, ms since 1970; 0 where it has watched from the first answer on.
    package let began: Int64
}

/// Everything one transaction writes: after it, the store and what `committed` says agree.
package struct StoreChanges: Sendable {
    package var nodes: [String: NodeState] = [:]
    package var sets: [(hash: String, text: [UInt8])] = []
    package var series: [Series] = []
    package var chunks: [(series: Int32, day: Int32, encoded: [UInt8])] = []
    package var waitingAdded: [WaitingTally] = []
    package var waitingRemoved: [(node: String, number: UInt64)] = []
    package var detectors: [StoredDetector] = []
    package var openSteps: [(metric: String, state: String)] = []
    package var alerts: [AlertRecord] = []
    package var alertsRemoved: [String] = []
    package var feed: [FeedMessage] = []
    package var sequences: [String: Int64] = [:]
    package var rescored: [RescoredPosition] = []
    package init() {}

    package var isEmpty: Bool { nodes.isEmpty && waitingAdded.isEmpty && sets.isEmpty && feed.isEmpty }
}

/// Everything the store knows at start.
package struct StoreContents: Sendable {
    package var nodes: [String: NodeState] = [:]
    package var sets: [String: [UInt8]] = [:]
    package var series: [Series] = []
    package var waiting: [WaitingTally] = []
    package var detectors: [String: StoredDetector] = [:]
    package var openSteps: [String: String] = [:]
    package var openAlerts: [AlertRecord] = []
    /// Last revision of every alert ever told, by id.
    package var alertRevisions: [String: Int] = [:]
    package var sequences: [String: Int64] = [:]
    /// Names this store's life on the feed: sequences count within it.
    package var epoch = ""
    package init() {}
}
