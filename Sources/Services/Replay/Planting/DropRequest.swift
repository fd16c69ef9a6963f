import Messages
import Satisfaction
import Settings

/// A drop the user wants planted: `segment=channel:chat drop=10 from=2024-03-04 until=2024-04-01`.
package struct DropRequest: Sendable, Equatable {
    package enum Begin: Sendable, Equatable {
        /// Milliseconds since 1970.
        case at(Int64)
        /// At moments drawn from the seed.
        case random
    }

    package enum End: Sendable, Equatable {
        case at(Int64)
        /// This long after the beginning, in milliseconds.
        case after(Int64)
        /// With the history.
        case never
    }

    package let segment: Segment
    /// Nil for the metric of the first rule.
    package let metric: String?
    /// Points of the score.
    package let points: Double
    package let begin: Begin
    package let end: End
    /// Replays with one drop each; 1 for one that all share.
    package let times: Int

    package static let keys = ["segment", "metric", "drop", "from", "until", "days", "times"]
    package static let timesMax = 10_000

    /// - Parameter zone: in which days begin.
    /// - Throws: ``MessageError`` that names what contradicts or does not parse.
    package init(_ text: String, zone: TimeZoneTable) throws(MessageError) {
        let sentence = try KeyedSentence(text, separator: " ", keys: Self.keys)
        guard let segment = Segment(sentence["segment"] ?? "total") else {
            throw MessageError(
                "segment is \"\(sentence["segment"] ?? "")\", but must look like channel:chat, or channel:chat,region:eu"
            )
        }
        self.segment = segment
        metric = sentence["metric"]
        guard let drop = sentence["drop"] else {
            throw MessageError("a drop needs its size in points, such as drop=10")
        }
        guard let points = Double(drop), points.isFinite, points > 0 else {
            throw MessageError("drop is \"\(drop)\", but must be points above 0")
        }
        self.points = points
        let from = sentence["from"] ?? "random"
        begin = from == "random" ? .random : .at(try Self.moment(from, "from", zone))
        switch (sentence["until"], sentence["days"]) {
        case (nil, nil): end = .never
        case (_?, _?): throw MessageError("until and days contradict each other: give one of them")
        case (let until?, nil):
            guard begin != .random else {
                throw MessageError("until names a moment, which a drop from=random cannot keep: give days=28 instead")
            }
            end = .at(try Self.moment(until, "until", zone))
        case (nil, let days?):
            guard let number = Double(days), (1.0...36_500).contains(number) else {
                throw MessageError("days is \"\(days)\", but must be a number from 1 to 36500")
            }
            end = .after(Int64(number * 86_400_000))
        }
        if case .at(let first) = begin, case .at(let last) = end, last <= first {
            throw MessageError("until=\(sentence["until"]!) is not after from=\(from)")
        }
        guard let times = Int(sentence["times"] ?? "1"), (1...Self.timesMax).contains(times) else {
            throw MessageError("times is \"\(sentence["times"]!)\", but must be a number from 1 to \(Self.timesMax)")
        }
        guard times == 1 || begin == .random else {
            throw MessageError(
                "times=\(times) plants at random moments, but from names one: leave it out, or from=random")
        }
        self.times = times
    }

    /// Reads 2024-03-04, a day of the zone, or a moment with its own zone.
    private static func moment(_ text: String, _ key: String, _ zone: TimeZoneTable) throws(MessageError) -> Int64 {
        if let moment = Timestamp.read(text) { return moment }
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        if parts.count == 3, parts[0].count == 4, let year = Int(parts[0]), let month = Int(parts[1]),
            let day = Int(parts[2]), let date = CivilDate(year: year, month: month, day: day)
        {
            return zone.start(ofDay: date.daysSince1970)
        }
        throw MessageError(
            "\(key) is \"\(text)\", but must be a day such as 2024-03-04 or a moment such as 2024-03-04T10:00:00Z"
                + (key == "from" ? ", or random" : ""))
    }
}
