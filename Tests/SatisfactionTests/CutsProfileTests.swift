import Satisfaction
import Testing

@Suite struct CutsProfileTests {
    private func line(_ first: Profile.Group, _ second: Profile.Group, scale: String = "1..5") -> Profile.Line {
        Profile([.init(name: "speed", scale: Scale(scale)!, first: first, second: second)]).lines[0]
    }

    /// Half a point on a five-point scale is 10 %.
    @Test func halfAPointOfFiveIsTenPercent() {
        let line = line(
            .init(mean: 3.5, deviation: 1, answers: 100), .init(mean: 4, deviation: 1, answers: 100))
        #expect(line.difference == 0.5)
        #expect(line.percent == 10)
        #expect(line.verdict == .differs)
    }

    /// Answers 5 4 4 5 3 5 2 against 1 2 2 3; the interval is scipy's `ttest_ind(equal_var=False)`.
    @Test func welchAgreesWithScipy() {
        let line = line(
            .init(mean: 4, deviation: 1.1547005383792515, answers: 7),
            .init(mean: 2, deviation: 0.816496580927726, answers: 4))
        #expect((line.interval!.low - -3.368564681273523).magnitude < 1e-9)
        #expect((line.interval!.high - -0.631435318726477).magnitude < 1e-9)
        #expect(line.verdict == .differs)
    }

    @Test func whatCannotBeSaidIsNotSaid() {
        let some = Profile.Group(mean: 4, deviation: 1, answers: 10)
        #expect(line(some, .init(mean: 3, deviation: 0, answers: 1)).verdict == .tooFewAnswers)
        #expect(line(some, .init(mean: 3, deviation: 0, answers: 1)).difference == -1)
        #expect(line(some, .init(mean: 3, deviation: 0, answers: 0)).difference == nil)
        #expect(line(some, .init(mean: .nan, deviation: 1, answers: 9)).percent == nil)
        #expect(line(some, .init(mean: 3, deviation: .nan, answers: 9)).verdict == .tooFewAnswers)
        let alike = line(.init(mean: 5, deviation: 0, answers: 2), .init(mean: 4, deviation: 0, answers: 2))
        #expect(alike.verdict == .noSpread && alike.interval == nil && alike.difference == -1)
        #expect(line(some, .init(mean: 4.1, deviation: 1, answers: 10)).verdict == .mayBeEqual)
        #expect(line(some, some, scale: "-2..0").percent == nil)
        let extreme = line(
            .init(mean: 1e308, deviation: 1e308, answers: .max), .init(mean: -1e308, deviation: 1, answers: .min))
        #expect(extreme.difference == nil)
        let wide = line(.init(mean: 0, deviation: 1e300, answers: 5), .init(mean: 0, deviation: 1e-300, answers: 5))
        #expect(wide.interval?.high.isFinite == true)
    }

    @Test func sharesByStep() {
        let first = Profile.Group(mean: 2, deviation: 1, answers: 10, shares: [50, 0, 50])
        let second = Profile.Group(mean: 2, deviation: 1, answers: 10, shares: [25, 50, 25])
        #expect(line(first, second, scale: "1..3").shareDifferences == [-25, 50, -25])
        #expect(line(first, second, scale: "1..5").shareDifferences == nil)
        #expect(line(first, .init(mean: 2, deviation: 1, answers: 10), scale: "1..3").shareDifferences == nil)
    }

    /// Swapping the groups turns every sign and nothing else.
    @Test(arguments: 1...100) func swappedGroupsTurnTheSign(seed: UInt64) {
        var random = CutsRandom(seed: seed)
        let groups = (0..<2).map { _ in
            Profile.Group(
                mean: .random(in: 1...5, using: &random), deviation: .random(in: 0...2, using: &random),
                answers: .random(in: 0...40, using: &random))
        }
        let one = line(groups[0], groups[1])
        let other = line(groups[1], groups[0])
        #expect(one.verdict == other.verdict)
        #expect(one.difference == other.difference.map { -$0 })
        #expect(one.interval?.low == other.interval.map { -$0.high })
    }

    @Test func groupsThatShareNoAnswerAreAccepted() throws {
        try GroupsOverlap.check(Segment("region:eu")!, Segment("region:us")!)
        try GroupsOverlap.check(Segment("region:eu,channel:chat")!, Segment("channel:phone")!)
    }

    @Test(arguments: [
        (
            "region:eu", "region:eu",
            "region:eu was named for both groups; name two values of one dimension, such as region:eu and region:us"
        ),
        (
            "total", "region:eu",
            "all answers of region:eu are also answers of total; compare region:eu with another value of region instead"
        ),
        (
            "region:eu,channel:chat", "region:eu",
            "all answers of region:eu,channel:chat are also answers of region:eu; "
                + "compare region:eu,channel:chat with another value of channel instead"
        ),
        (
            "region:eu", "channel:chat",
            "an answer may be in both region:eu and channel:chat; compare two values of one dimension, "
                + "adding region to both or leaving it out of both"
        ),
    ])
    func groupsThatMayShareAnswersAreRefused(first: String, second: String, sentence: String) {
        let refusal = #expect(throws: GroupsOverlap.self) {
            try GroupsOverlap.check(Segment(first)!, Segment(second)!)
        }
        #expect(refusal?.description == sentence)
    }
}
