import Messages
import Satisfaction

/// A drop with its moment and the chance that lowers the expected score by its points.
package struct PlantedDrop: Sendable {
    package let segment: Segment
    package let metric: String
    package let points: Double
    /// Milliseconds since 1970 by the answers' own time; the end is that of the history where none was given.
    package let span: Range<Int64>
    /// Place of its request.
    package let request: Int
    let harms: AnswerHarms
    /// Chance that a good answer becomes a bad one.
    let chance: Double
    /// Bad answers of the segment by step; replacements are drawn from them.
    let bad: [Int]
    let seed: UInt64

    /// - Throws: ``MessageError`` when the segment has no answers then, or too low a score to fall so far.
    init(
        _ request: DropRequest, place: Int, metric: String, harms: AnswerHarms, from begin: Int64,
        survey: HistorySurvey,
        seed: UInt64
    ) throws(MessageError) {
        let end: Int64 =
            switch request.end {
            case .at(let moment): moment
            case .after(let length): begin + length
            case .never: max(survey.span.upperBound, begin + 1)
            }
        segment = request.segment
        self.metric = metric
        points = request.points
        span = begin..<end
        self.request = place
        self.harms = harms
        self.seed = seed
        let counts = survey.counts(of: place, in: span)
        guard counts.contains(where: { $0 > 0 }) else {
            throw MessageError(
                "\(request.segment) has no answers of \(metric) between \(Timestamp.text(begin)) and "
                    + "\(Timestamp.text(end)): the history runs from \(Timestamp.text(survey.span.lowerBound)) to "
                    + "\(Timestamp.text(survey.span.upperBound))")
        }
        bad = harms.bad(among: survey.counts(of: place, in: survey.span))
        let worst = harms.meanLost(bad)
        let total = Double(counts.reduce(0, +))
        // What the score would lose if every good answer became a bad one.
        let most = zip(counts.indices, counts).reduce(0.0) { sum, entry in
            harms.isBad[entry.0] ? sum : sum + Double(entry.1) / total * (worst - harms.lost[entry.0])
        }
        guard request.points <= most else {
            throw MessageError(
                "drop=\(plain(request.points)) is more than \(metric) of \(request.segment) has to lose then: with every "
                    + "good answer turned bad it falls by \(plain(most)) points; plant less")
        }
        chance = request.points / most
    }

    /// What an answer becomes: itself, or a bad one.
    /// - Parameter identity: hash of the event's source and id; the same event always becomes the same.
    func replaced(step: Int, identity: UInt64) -> Int {
        guard !harms.isBad[step] else { return step }
        var generator = SplitMix(state: identity ^ seed)
        guard generator.unit() < chance else { return step }
        var place = Int(generator.unit() * Double(bad.reduce(0, +)))
        for (step, count) in bad.enumerated() {
            if place < count { return step }
            place -= count
        }
        return step
    }
}

/// SplitMix64 (S. Vigna, public domain).
struct SplitMix: RandomNumberGenerator, Sendable {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// 0 ..< 1.
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}

/// At most one digit after the point, none where it is zero.
func plain(_ value: Double) -> String {
    let tenths = (value * 10).rounded() / 10
    return tenths == tenths.rounded() && abs(tenths) < 1e15 ? "\(Int(tenths))" : "\(tenths)"
}
