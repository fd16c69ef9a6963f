import JSON
import MachineTestKit
import Messages
import Satisfaction

@testable import Replay

/// Histories of answers as tests need them.
struct Recorded {
    /// 2026-01-05T00:00:00Z, a Monday.
    static let begin: Int64 = 1_767_571_200_000
    static let day: Int64 = 86_400_000

    private(set) var lines: [[UInt8]] = []

    /// - Parameters:
    ///   - satisfied: chance of a 5 rather than a 2, of each channel.
    init(days: Int, perDay: Int, seed: UInt64 = 1, satisfied: [String: Double] = ["chat": 0.85, "phone": 0.85]) {
        var generator = SplitMix(state: seed)
        let channels = satisfied.keys.sorted()
        for number in 0..<days * perDay {
            let time = Self.begin + Int64(number) * Self.day / Int64(perDay)
            let channel = channels[number % channels.count]
            let answer: JSONTree = generator.unit() < satisfied[channel]! ? 5 : 2
            lines.append(
                Array(
                    Responses.event(
                        "r\(number)", csat: answer, at: time, segments: [("channel", channel)], recorded: time
                    ).utf8))
        }
    }

    init(lines: [[UInt8]]) { self.lines = lines }

    var history: History {
        let lines = lines
        return .lines { body in for (place, line) in lines.enumerated() { try body(place + 1, line) } }
    }

    static let set = Definitions.csat(dimensions: ["channel"], model: ["channel"], step: 3_600_000)

    static func request(_ text: String) throws(MessageError) -> DropRequest { try DropRequest(text, zone: .utc) }
}
