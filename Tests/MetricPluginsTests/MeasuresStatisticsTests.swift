import JSON
import MetricPlugins
import PluginKit
import Satisfaction
import Testing

/// Durations, distinct people, means and what a response took.
@Suite struct MeasuresStatisticsTests {
    private func isNear(_ value: Double?, _ expected: Double, share: Double = 0.01) -> Bool {
        value.map { abs($0 - expected) <= share * expected } ?? false
    }

    // MARK: Durations

    /// 1, 2 … 1000 seconds.
    private func thousand(_ configuration: JSONTree = nil) throws -> MeasuresFeed {
        var feed = try MeasuresFeed(ResponseTime.self, configuration)
        for seconds in 1...1000 { try feed.add("\(seconds)", to: "firstResponseTime") }
        return feed
    }

    @Test func theMeanIsExactAndQuantilesAreWithinOnePercent() throws {
        let feed = try thousand()
        let score = try #require(feed.score)
        #expect(score.value == 500.5 && score.responses == 1000 && score.method == .sketch)
        #expect(isNear(feed.figure("median"), 500) && isNear(feed.figure("p90"), 900))
        #expect(feed.figure("withinTarget") == nil)
        // The sample's deviation is 288.8194; t.ppf(0.975, 999) = 1.9623415 standard errors are 17.9227 s.
        #expect(isNear(score.deviation, 288.8194))
        let interval = try #require(score.interval)
        #expect(interval.low < 500.5 - 17.9227 && interval.low > 500.5 - 1.04 * 17.9227)
        #expect(interval.high > 500.5 + 17.9227 && interval.high < 500.5 + 1.04 * 17.9227)
    }

    @Test func theScoreMayBeAQuantile() throws {
        let median = try #require(try thousand(["show": "median"]).score)
        #expect(isNear(median.value, 500) && median.deviation == nil)
        // Order statistics 469 and 532 of 1000, each within its column.
        let interval = try #require(median.interval)
        #expect(isNear(interval.low, 469, share: 0.03) && isNear(interval.high, 532, share: 0.03))
        #expect(isNear(try thousand(["show": "p90"]).score?.value, 900))
    }

    @Test func aSingleDurationHasNoInterval() throws {
        for show in ["mean", "median", "p90"] as [JSONTree] {
            var feed = try MeasuresFeed(ResolutionTime.self, ["show": show])
            try feed.add(
                #"{"from":"2026-11-21T10:00:00.500Z","to":"2026-11-22T11:00:01+01:00"}"#, to: "resolutionTime")
            #expect(feed.score?.interval == nil && isNear(feed.score?.value, 86_400.5))
            #expect(feed.figure("mean") == 86_400.5)
        }
    }

    /// They lie within 1 % of what their column stands for, so the sketch cannot know that they are alike.
    @Test func durationsAllAlikeStillHaveAnInterval() throws {
        var feed = try MeasuresFeed(ResponseTime.self)
        try feed.add("100", to: "firstResponseTime", times: 400)
        let interval = try #require(feed.score?.interval)
        // t.ppf(0.975, 399) = 1.9659 standard errors of about a second over √400.
        #expect(
            isNear(interval.high - 100, 1.9659 / 20, share: 0.03)
                && isNear(100 - interval.low, 1.9659 / 20, share: 0.03))
    }

    @Test func noWaitAtAllIsAScore() throws {
        var feed = try MeasuresFeed(ResponseTime.self)
        try feed.add("0", to: "firstResponseTime", times: 3)
        #expect(feed.score?.value == 0 && feed.score?.responses == 3)
    }

    @Test func targetsAreCountedExactly() throws {
        var feed = try MeasuresFeed(ResponseTime.self)
        func on(_ channel: String) -> String { #"{"segments":{"channel":"\#(channel)"}}"# }
        for (channel, seconds) in [
            ("email", "86400"), ("email", "86400.000001"), ("social", "3600"), ("phone", "180.5"), ("chat", "29.999"),
            ("letter", "1"), ("Email", "1"),
        ] { try feed.add(seconds, to: "firstResponseTime", data: on(channel)) }
        try feed.add("5", to: "firstResponseTime")
        try feed.add("5", to: "firstResponseTime", data: #"{"segments":{"channel":7}}"#)
        #expect(feed.figure("withinTarget") == 60 && feed.score?.responses == 9)
        var region = try MeasuresFeed(ResponseTime.self, ["targets": ["eu": 10], "targetDimension": "region"])
        try region.add("10", to: "firstResponseTime", data: #"{"segments":{"region":"eu"}}"#)
        #expect(region.figure("withinTarget") == 100)
    }

    // MARK: Moments

    @Test(
        arguments: [
            ("2026-11-21T10:00:00Z", "2026-11-21T10:00:00Z", 0),
            ("2026-11-21T10:00:00Z", "2026-11-21T10:00:00.000001Z", 1e-6),
            ("2026-11-21t10:00:00z", "2026-11-21T10:00:00.1234569Z", 0.123456),
            ("2026-11-21T10:00:00+01:00", "2026-11-21T10:00:00-00:30", 5400),
            ("2023-12-31T23:59:60Z", "2024-03-01T00:00:00Z", 60 * 86_400),
            ("1999-12-31T23:59:59.5Z", "2000-01-01T00:00:01Z", 1.5),
        ] as [(String, String, Double)])
    func durationsBetweenMoments(from: String, to: String, seconds: Double) throws {
        var feed = try MeasuresFeed(DeclaredMean.self, ["of": "measure wait"])
        try feed.add(#"{"from":"\#(from)","to":"\#(to)"}"#, to: "wait")
        #expect(feed.score?.value == seconds)
    }

    @Test(arguments: [
        "2026-11-21", "2026-11-21T10:00Z", "2026-11-21 10:00:00Z", "2026-11-21T24:00:00Z", "2026-11-21T10:60:00Z",
        "2026-11-21T10:00:61Z", "2026-11-21T10:00:00.Z", "2026-11-21T10:00:00.1234567891Z", "2026-11-21T10:00:00+1:00",
        "2026-11-21T10:00:00+01:00Z", "0000-01-01T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-10T00:00:00Z",
    ])
    func otherTextsAreNoMoments(text: String) throws {
        let feed = try MeasuresFeed(DeclaredMean.self, ["of": "measure wait"])
        #expect(feed.refusal(#"{"from":"\#(text)","to":"2026-12-21T10:00:00Z"}"#, to: "wait")?.member == "from")
    }

    // MARK: People

    @Test func everybodyCountsOnce() throws {
        var feed = try MeasuresFeed(Adoption.self, ["count": "distinct"])
        for person in 0..<2000 {
            let data = #"{"respondent":"customer-\#(person)"}"#
            try feed.add("true", to: "active", data: data, times: 3)
            if person % 4 == 0 { try feed.add("1", to: "featureUsed", data: data, times: 2) }
            if person % 4 == 1 { try feed.add("false", to: "featureUsed", data: data) }
        }
        let score = try #require(feed.score)
        #expect(isNear(score.value, 25, share: 0.07) && score.method == .sketch)
        #expect(
            isNear(feed.figure("users"), 2000, share: 0.05) && isNear(feed.figure("featureUsers"), 500, share: 0.05))
        let interval = try #require(score.interval)
        #expect(interval.low <= 25 && 25 <= interval.high)
        // ±1.96·√2·1.625 % of the share.
        #expect(isNear(interval.high - score.value, score.value * 0.0450421, share: 1e-4))
    }

    @Test func whoUsesTheFeatureIsActive() throws {
        var feed = try MeasuresFeed(Adoption.self, ["count": "distinct"])
        for person in 0..<50 { try feed.add("true", to: "featureUsed", data: #"{"respondent":"c\#(person)"}"#) }
        #expect(feed.score?.value == 100 && feed.score?.interval?.high == 100)
    }

    // MARK: Means and shares declared without code

    @Test func aMeansSpreadKeepsItsDigits() throws {
        // A spread of 1 about a trillion: a difference of squares in floating point would find none.
        var feed = try MeasuresFeed(DeclaredMean.self, ["of": "measure m"])
        try feed.add("999999999998", to: "m", times: 500)
        try feed.add("999999999999", to: "m", times: 1000)
        try feed.add("1000000000000", to: "m", times: 500)
        let score = try #require(feed.score)
        #expect(score.value == 999_999_999_999)
        #expect(isNear(score.deviation, (1000.0 / 1999).squareRoot(), share: 1e-12))
        var small = try MeasuresFeed(DeclaredMean.self, ["of": "measure m"])
        for value in ["0.1", "-0.2", "0.4", "1.000001"] { try small.add(value, to: "m") }
        #expect(small.score?.value == 1.300001 / 4)
        // numpy.std([0.1, -0.2, 0.4, 1.000001], ddof=1)
        #expect(isNear(small.score?.deviation, 0.5123479774530684, share: 1e-12))
        var wide = try MeasuresFeed(DeclaredMean.self, ["of": "measure m"])
        try wide.add("1e12", to: "m", times: 1000)
        try wide.add("-1e12", to: "m", times: 1000)
        #expect(isNear(wide.score?.deviation, 1e12 * (2000.0 / 1999).squareRoot(), share: 1e-12))
    }

    @Test func aMeanOfAnswers() throws {
        var feed = try MeasuresFeed(DeclaredMean.self, ["of": "answer effort", "polarity": "lowerIsBetter"])
        for (answer, times) in [("1", 20), ("2", 15), ("3", 20), ("4", 35), ("5", 10)] as [(String, Int64)] {
            try feed.add(answer, to: .answer("effort"), times: times)
        }
        #expect(feed.score?.value == 3 && feed.score?.responses == 100)
        #expect(feed.metric.watchedRating?.satisfied == 1...2 && feed.metric.range == 1...5)
        #expect(try MeasuresFeed(DeclaredMean.self).metric.inputs == [.answer(nil)])
    }

    @Test func aMeanOfValuesAllAlikeSaysNothingOfOthers() throws {
        var open = try MeasuresFeed(DeclaredMean.self, ["of": "measure m"])
        try open.add("7", to: "m", times: 5)
        #expect(open.score?.value == 7 && open.score?.interval == nil)
        var bounded = try MeasuresFeed(DeclaredMean.self, ["of": "measure m", "lowest": 0, "highest": 10])
        try bounded.add("7", to: "m", times: 5)
        #expect(bounded.score?.interval != nil && bounded.metric.range == 0...10)
    }

    @Test func aShareOfAnswers() throws {
        var feed = try MeasuresFeed(
            DeclaredShare.self, ["of": "answer csat", "counts": "1..2", "polarity": "lowerIsBetter"])
        for (answer, times) in [("1", 20), ("2", 15), ("3", 20), ("4", 35), ("5", 10)] as [(String, Int64)] {
            try feed.add(answer, to: .answer("csat"), times: times)
        }
        #expect(feed.score?.value == 35 && feed.score?.interval == .wilson(successes: 35, answers: 100))
        #expect(feed.metric.watchedRating?.satisfied == 3...5)
        #expect(try MeasuresFeed(DeclaredShare.self, ["counts": "2..3"]).metric.watchedRating == nil)
        #expect(try MeasuresFeed(DeclaredShare.self, ["counts": 5]).metric.watchedRating?.satisfied == 5...5)
        var measure = try MeasuresFeed(DeclaredShare.self, ["of": "measure on time"])
        try measure.add("true", to: "on time", times: 9)
        try measure.add("0", to: "on time")
        #expect(measure.score?.value == 90)
    }

    // MARK: Response rate

    @Test func seventyOfAHundred() throws {
        var feed = try MeasuresFeed(ResponseRate.self)
        try feed.add("{}", to: .invitation, times: 100)
        try feed.add("{}", to: .response, times: 70)
        #expect(feed.score?.value == 70 && feed.score?.interval == .wilson(successes: 70, answers: 100))
        #expect(feed.score?.figures == [] && feed.metric.moment == .invited)
        #expect(try MeasuresFeed(ResponseRate.self, ["basis": "answered"]).metric.moment == .time)
    }

    @Test func moreAnswersThanInvitations() throws {
        var feed = try MeasuresFeed(ResponseRate.self)
        try feed.add("{}", to: .response, times: 5)
        #expect(feed.score == nil)
        try feed.add("{}", to: .invitation, times: 4)
        #expect(feed.score?.value == 125 && feed.score?.interval == nil)
        #expect(feed.figure("answersBeyondInvitations") == 1)
    }

    @Test func oneSurveyAlone() throws {
        var feed = try MeasuresFeed(ResponseRate.self, ["survey": "b"])
        for survey in [#"{"survey":"a"}"#, #"{"survey":"b"}"#, #"{"survey":null}"#, "{}"] {
            try feed.add(survey, to: .invitation, data: survey)
        }
        #expect(feed.score?.responses == 1 && feed.score?.value == 0)
    }

    @Test func theTimeToAnswer() throws {
        var feed = try MeasuresFeed(ResponseRate.self)
        try feed.add("{}", to: .invitation, times: 10)
        func response(invited: String) throws {
            let data = #"{"invited":"\#(invited)"}"#
            try feed.add(data, to: .response, data: data)
        }
        try response(invited: "2026-11-21T09:00:00Z")
        try response(invited: "2026-11-21T09:59:59.500Z")
        #expect(feed.figure("timeToAnswer.mean") == 1800.25 && isNear(feed.figure("timeToAnswer.p90"), 3600))
        // Asked after answering, or at no time at all: an answer all the same.
        try response(invited: "2026-11-21T10:00:01Z")
        try response(invited: "soon")
        #expect(feed.figure("timeToAnswer.mean") == 1800.25 && feed.score?.value == 40)
    }
}
