import Journal
import JournalTestKit
import MachineTestKit
import Messages
import Satisfaction
import Scoring

/// Seventy days of answers with one dip in them, as blocks and as the tallies several workers made of them.
struct Story {
    static let workers = 3
    /// A Monday, 2025-09-01.
    static let start: Int64 = 1_756_684_800_000
    static let day: Int64 = 86_400_000

    let set: DefinitionSet
    let blocks: [SealedBlock]
    /// Of each worker, in order of the blocks.
    let tallies: [[SentTally]]

    static let dip = try! Story()

    private init() throws {
        set = Definitions.csat(pairs: [["region", "channel"]], timeZone: "Europe/Berlin")
        var chain = BlockChain(set)
        var generator = SeededGenerator(seed: 2025)
        var blocks: [SealedBlock] = []
        var number = 0
        for slot in 0..<(70 * 4) {
            // Two blocks a step, so that steps are open between them.
            for part in 0..<2 {
                let clock = Self.start + Int64(slot) * Self.day / 4 + Int64(part) * 20_000
                var events: [String] = []
                for (region, channel) in [("eu", "chat"), ("eu", "mail"), ("us", "chat"), ("us", "mail")] {
                    for _ in 0..<3 {
                        let isDip = slot >= 56 * 4 && region == "eu" && channel == "chat"
                        let satisfied = generator.chance(isDip ? 0.40 : 0.85)
                        let late = generator.chance(0.05) ? Int64.random(in: 0...3 * Self.day, using: &generator) : 0
                        number += 1
                        events.append(
                            Responses.event(
                                "r\(number)", csat: satisfied ? 5 : 2, at: clock - late,
                                segments: [("region", region), ("channel", channel)]))
                    }
                }
                blocks.append(chain.seal(events, clock: clock))
            }
        }
        self.blocks = blocks
        let set = set
        tallies = try (0..<Self.workers).map { worker in
            var machine = ScoringMachine(worker: "w\(worker)")
            return try blocks.map { SentTally(event: try machine.tally(of: $0, set: set).event, set: set.text) }
        }
    }
}
