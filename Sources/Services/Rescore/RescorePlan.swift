import Alerting
import Journal
import Messages
import Satisfaction
import Settings

/// What is to be counted again: the blocks that trend lines have, but not under every contract of the configured set.
package struct RescorePlan: Sendable {
    /// A contract that blocks lack.
    package struct Contract: Sendable, Equatable {
        package let metric: String
        package let hash: Digest
        /// Blocks to be counted under it.
        package fileprivate(set) var blocks = 0
        package fileprivate(set) var responses = 0
        /// The first and the last of them.
        package fileprivate(set) var first: UInt64 = 0
        package fileprivate(set) var last: UInt64 = 0
    }

    /// Blocks in a row that lack the same metrics' contracts.
    struct Piece: Sendable, Equatable {
        var blocks: Range<UInt64>
        /// Hash of the set they were applied under.
        let set: String
        /// Places of the configured set's metrics.
        let metrics: [Int]
    }

    package private(set) var contracts: [Contract] = []
    /// Blocks to be counted, whatever the number of contracts they lack.
    package private(set) var blocks = 0
    package private(set) var responses = 0
    /// Blocks below this number are no longer in the message files, nor can they be counted again.
    package let firstKept: UInt64
    /// Blocks that lack a contract and were counted under it by an earlier run.
    package private(set) var countedBefore = 0
    private(set) var pieces: [Piece] = []

    /// - Parameters:
    ///   - set: the configured set.
    ///   - applied: number of the next block the trend store needs of the journal's node.
    ///   - sets: every set that blocks were applied under, by hash.
    ///   - rescored: how far earlier runs came.
    init(
        _ set: DefinitionSet, journal: InspectedJournal, applied: UInt64, sets: [String: DefinitionSet],
        rescored: [RescoredPosition]
    ) throws {
        firstKept = journal.index.first
        let identities = try ContractIdentity.all(set)
        let done = identities.map { identity in
            rescored.first {
                $0.node == journal.end.node && $0.metric == identity.metric && $0.contract == identity.contract.text
            }?.next ?? 0
        }
        var byMetric = identities.map { Contract(metric: $0.metric, hash: $0.contract) }
        for file in journal.index.files {
            let range = file.id.first..<max(file.id.first, min(file.next, applied))
            guard !range.isEmpty else { continue }
            guard let former = sets[file.setHash] else {
                throw RescoreError(
                    "the trend store does not know the set \(file.setHash) of block \(range.lowerBound), which it has applied: "
                        + "move it away, and start the services; ingest sends everything again")
            }
            let had = Set(try ContractIdentity.all(former))
            let missing = identities.indices.filter { !had.contains(identities[$0]) }
            let furthest = missing.map { done[$0] }.max() ?? 0
            if furthest > range.lowerBound { countedBefore += Int(min(furthest, range.upperBound) - range.lowerBound) }
            add(missing, of: range, set: file.setHash, done: done)
        }
        for piece in pieces {
            for number in piece.blocks {
                let header = try journal.reader.header(number, in: journal.index)
                responses += header.count
                for place in piece.metrics { byMetric[place].add(number, header.count) }
            }
            blocks += piece.blocks.count
        }
        contracts = byMetric.filter { $0.blocks > 0 }
    }

    /// Cuts a range where earlier runs have come to for one contract or another.
    private mutating func add(_ missing: [Int], of range: Range<UInt64>, set: String, done: [UInt64]) {
        let cuts = Set(missing.map { done[$0] }.filter { range.contains($0) } + [range.lowerBound]).sorted()
        for (place, start) in cuts.enumerated() {
            let blocks = start..<(place + 1 < cuts.count ? cuts[place + 1] : range.upperBound)
            let metrics = missing.filter { done[$0] <= start }
            guard !metrics.isEmpty else { continue }
            if let last = pieces.last, last.set == set, last.metrics == metrics, last.blocks.upperBound == start {
                pieces[pieces.count - 1].blocks = last.blocks.lowerBound..<blocks.upperBound
            } else {
                pieces.append(Piece(blocks: blocks, set: set, metrics: metrics))
            }
        }
    }
}

extension RescorePlan.Contract {
    fileprivate init(metric: String, hash: Digest) {
        self.metric = metric
        self.hash = hash
    }

    fileprivate mutating func add(_ number: UInt64, _ responses: Int) {
        if blocks == 0 { first = number }
        last = number
        blocks += 1
        self.responses += responses
    }
}

/// A trend line's metric and contract.
struct ContractIdentity: Hashable {
    let metric: String
    let contract: Digest

    /// Those of a set, by place.
    static func all(_ set: DefinitionSet) throws(MessageError) -> [ContractIdentity] {
        var all: [ContractIdentity] = []
        for definition in set.metrics {
            all.append(
                ContractIdentity(metric: definition.name, contract: try definition.metric().contract.hash))
        }
        return all
    }
}
