import JSON
import MetricPlugins
import PluginKit
import Satisfaction
import Testing

/// CSAT: the figures that prove it, and what counts as an answer.
@Suite struct CustomerSatisfactionTests {
    private func metric(_ configuration: JSONTree = nil) throws -> CustomerSatisfaction {
        try CustomerSatisfaction(configuration: PluginConfiguration(configuration, for: CustomerSatisfaction.plugin))
    }

    private func score(_ counts: [Int64], _ configuration: JSONTree = nil) throws -> Score? {
        try metric(configuration).score(Tally(counts))
    }

    private func tenths(_ value: Double) -> Double { (value * 10).rounded() / 10 }

    @Test func eightyOfAHundredIsGood() throws {
        let score = try #require(try score([5, 5, 10, 50, 30]))
        #expect(score.value == 80.0 && score.responses == 100)
        #expect(try metric().contract.bands.band(of: score.value)?.label == "good")
    }

    @Test func sixtyOfSeventyWhoeverWasInvited() throws {
        let score = try #require(try score([10, 0, 0, 0, 60]))
        #expect(score.value == 100 * 60.0 / 70.0)
        #expect((score.value * 1000).rounded() == 85_714)
        #expect(score.responses == 70)
    }

    @Test func sixtyTwoOfAHundredWithItsInterval() throws {
        let score = try #require(try score([38, 0, 0, 62, 0]))
        #expect(score.value == 62.0)
        let interval = try #require(score.interval)
        #expect(tenths(interval.low) == 52.2 && tenths(interval.high) == 70.9)
    }

    @Test func sharesOfFiveSteps() throws {
        // 20, 15, 20, 35 and 10 percent of 1 to 5.
        let counts: [Int64] = [20, 15, 20, 35, 10]
        #expect(try score(counts)?.value == 45)
        let strict = try #require(try score(counts, ["neutral": "dissatisfied"]))
        #expect(strict.value == 45)
        #expect(strict.figures.first { $0.name == "dissatisfied" }?.value == 55)
        #expect(strict.figures.first { $0.name == "mean" }?.value == 3.00)
        #expect(try score(counts)?.figures.first { $0.name == "dissatisfied" }?.value == 35)
    }

    @Test func withoutAnswersThereIsNoScore() throws {
        #expect(try score([0, 0, 0, 0, 0]) == nil)
        #expect(try score([3, 0, 0, 0, 0])?.value == 0)
    }

    @Test(arguments: [
        ("1..2", 2, 2), ("1..3", 3, 3), ("1..4", 3, 4), ("1..5", 4, 5), ("1..6", 5, 6), ("1..7", 6, 7),
        ("1..10", 8, 10),
        ("0..10", 8, 10), ("0..100", 80, 100),
    ])
    func theUsualSatisfiedAnswers(scale: String, lowest: Int, highest: Int) throws {
        #expect(try metric(["scale": .string(scale)]).contract.rating?.satisfied == lowest...highest)
    }

    @Test func theSatisfiedAnswersCanBeSet() throws {
        #expect(try score([1, 1, 1, 1, 1], ["satisfied": "3..5"])?.value == 60)
        #expect(try score([1, 1, 1, 1, 1], ["satisfied": "5"])?.value == 20)
        #expect(try score([1, 1, 1, 1, 1], ["satisfied": 5])?.value == 20)
        #expect(try metric(["scale": "1..9", "satisfied": "8..9"]).contract.rating?.satisfied == 8...9)
    }

    @Test(
        arguments: [
            (["scale": "1..9"], "satisfied"), (["scale": "5..1"], "scale"), (["scale": "stars"], "scale"),
            (["scale": 5], "scale"),
            (["satisfied": "1..5"], "satisfied"), (["satisfied": "3..4"], "satisfied"),
            (["satisfied": "4..6"], "satisfied"),
            (["satisfied": "high"], "satisfied"), (["neutral": "maybe"], "neutral"),
            (["displayDigits": 7], "displayDigits"),
            (["displayDigits": -1], "displayDigits"), (["sclae": "1..5"], "sclae"),
            (["scale": "-9223372036854775808..9223372036854775807"], "scale"),
            (["satisfied": "-9223372036854775808..5"], "satisfied"),
        ] as [(JSONTree, String)])
    func wrongConfigurationsNameTheirKey(configuration: JSONTree, key: String) {
        do {
            _ = try metric(configuration)
            Issue.record("taken")
        } catch { #expect((error as? PluginConfigurationError)?.key == key) }
    }

    @Test(arguments: [
        (0, "critical"), (59.999, "critical"), (60, "average"), (69.999, "average"), (70, "good"), (80, "good"),
        (80.0000001, "excellent"), (100, "excellent"),
    ])
    func aValueOnAnEdgeIsInOneBand(value: Double, band: String) throws {
        #expect(try metric().contract.bands.band(of: value)?.label == band)
    }

    @Test func theContractStays() throws {
        let contract = try metric().contract
        #expect(
            contract.canonicalText.contains(#""kind":"csat""#) && contract.canonicalText.contains(#""scale":"1..5""#))
        let hashes = try [
            nil, ["scale": "1..7"], ["satisfied": "5"], ["neutral": "dissatisfied"], ["displayDigits": 0],
        ]
        .map { try metric($0).contract.hash }
        #expect(Set(hashes).count == hashes.count)
    }

    private func step(_ answer: String, _ configuration: JSONTree = nil) throws -> Result<Int, AnswerRefusal> {
        let metric = try metric(configuration)
        let parser = JSONParser()
        let value = try parser.parse(Array(answer.utf8))
        return withExtendedLifetime(parser) {
            var sums = Contributions()
            do throws(AnswerRefusal) {
                try metric.count(value, input: 0, of: MetricEvent(time: 0, data: value), into: &sums)
            } catch { return .failure(error) }
            return .success(Int(sums.entries[0].column))
        }
    }

    @Test(arguments: [
        ("1", 0), ("5", 4), ("4.0", 3), ("40e-1", 3), (#"{"value":4}"#, 3), (#"{"value":4.0,"scale":"1..5"}"#, 3),
        (#"{"value":4,"scale":"1-5","more":[]}"#, 3),
    ])
    func answersFallOnTheirSteps(answer: String, step: Int) throws { #expect(try self.step(answer).get() == step) }

    @Test(
        arguments: [
            ("0", .outsideScale, nil), ("6", .outsideScale, nil), ("-9223372036854775808", .outsideScale, nil),
            ("9223372036854775807", .outsideScale, nil), ("4.5", .notWhole, nil), ("\"4\"", .wrongType, nil),
            ("null", .wrongType, nil), ("true", .wrongType, nil), ("[4]", .wrongType, nil), ("{}", .wrongType, nil),
            (#"{"value":"4"}"#, .wrongType, "value"), (#"{"value":9}"#, .outsideScale, "value"),
            (#"{"value":4,"scale":"1..10"}"#, .otherScale, "scale"), (#"{"value":4,"scale":5}"#, .wrongType, "scale"),
            (#"{"value":4,"scale":"stars"}"#, .wrongType, "scale"),
            (#"{"value":4,"scale":"-9223372036854775808..9"}"#, .wrongType, "scale"),
            (#"{"value":4,"scale":"0..9223372036854775807"}"#, .wrongType, "scale"),
        ] as [(String, AnswerRefusal.Reason, String?)])
    func otherAnswersAreRefused(answer: String, reason: AnswerRefusal.Reason, member: String?) throws {
        guard case .failure(let refusal) = try step(answer) else {
            Issue.record("taken")
            return
        }
        #expect(refusal.reason == reason && refusal.member == member && !refusal.sentence.isEmpty)
    }

    @Test func theEndsOfALongScale() throws {
        #expect(try step("0", ["scale": "0..100"]).get() == 0)
        #expect(try step("100", ["scale": "0..100"]).get() == 100)
    }
}
