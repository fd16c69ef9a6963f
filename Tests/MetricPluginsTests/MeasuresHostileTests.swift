import JSON
import MetricPlugins
import PluginKit
import Satisfaction
import Testing

/// Values nobody should send and tallies nobody should have: refused or without a score, never the end of the process.
@Suite struct MeasuresHostileTests {
    private static let extremes: [Int64] = [
        .min, .min + 1, -(1 << 62), -1_000_000, -1, 0, 1, 2, 999_999, 1_000_000, 1 << 53, 1 << 62, .max - 1, .max,
    ]

    @Test(arguments: measuredForms.indices) func talliesOfExtremesNeverTrap(form: Int) throws {
        let (type, configuration) = measuredForms[form]
        let metric = try MeasuresFeed(type, configuration).metric
        var generator = MeasuresRandom(seed: UInt64(form) + 100)
        let isSparse = !Tally.isDense(width: metric.width)
        for _ in 0..<(isSparse ? 150 : 3000) {
            var tally = Tally(width: metric.width)
            for column in 0..<min(8, metric.width) {
                tally.add(Self.extremes.randomElement(using: &generator)!, at: column)
            }
            if isSparse {
                for _ in 0..<20 {
                    tally.add(
                        Self.extremes.randomElement(using: &generator)!,
                        at: Int.random(in: 0..<metric.width, using: &generator))
                }
            }
            check(metric.score(tally), of: metric)
        }
        var full = Tally(width: metric.width)
        for column in 0..<min(metric.width, 5000) { full.add(.max, at: column) }
        check(metric.score(full), of: metric)
    }

    /// 100 × all / all is a hair above 100 for every fifteenth sum beyond 2⁵³.
    @Test func allOfThemAreNeverMore() throws {
        let all = Int64(3.41631472598139e18)
        let share = try MeasuresFeed(DeclaredShare.self, ["of": "measure solved"]).metric
        #expect(100 * Double(all) / Double(all) > 100)
        #expect(share.score(Tally([all, all]))?.value == 100)
    }

    private func check(_ score: Score?, of metric: any Metric) {
        guard let score else { return }
        #expect(score.value.isFinite && metric.range.contains(score.value), "\(score)")
        #expect(score.responses >= 1 && score.method == metric.method, "\(score)")
        #expect(score.figures.allSatisfy { $0.value.isFinite }, "\(score)")
        #expect(score.deviation.map { $0.isFinite && $0 >= 0 } ?? true, "\(score)")
        if let interval = score.interval {
            #expect(interval.low <= score.value && score.value <= interval.high, "\(score)")
            #expect(interval.low >= metric.range.lowerBound && interval.high <= metric.range.upperBound, "\(score)")
            #expect(interval.low.isFinite && interval.high.isFinite, "\(score)")
        }
    }

    private static let wild = [
        "null", "\"\"", "\"5\"", "[]", "[1]", "{}", "1e308", "-1e308", "5e-324", "-5e-324", "9223372036854775807",
        "-9223372036854775808", "18446744073709551615", "1000000000001", "-1000000000001", "0.5", "1e12", "-1e12",
        #"{"from":1,"to":2}"#, #"{"from":"","to":""}"#, #"{"from":"2026-11-21T10:00:00Z"}"#,
        #"{"to":"2026-11-21T10:00:00Z"}"#, #"{"from":"2026-11-21T10:00:01Z","to":"2026-11-21T10:00:00Z"}"#,
        #"{"from":"0001-01-01T00:00:00+23:59","to":"9999-12-31T23:59:60-23:59"}"#,
        #"{"from":"2026-02-29T10:00:00Z","to":"2026-11-21T10:00:00Z"}"#,
    ]

    @Test(arguments: measuredForms.indices) func wildValuesAreRefusedOrCounted(form: Int) throws {
        let (type, configuration) = measuredForms[form]
        let feed = try MeasuresFeed(type, configuration)
        for input in feed.metric.inputs {
            for value in Self.wild {
                do {
                    var tally = Tally(width: feed.metric.width)
                    for entry in try feed.contributions(value, to: input, data: #"{"respondent":"c-1"}"#).entries {
                        tally.add(entry.amount, at: Int(entry.column))
                    }
                    check(feed.metric.score(tally), of: feed.metric)
                } catch let refusal as AnswerRefusal { #expect(!refusal.sentence.isEmpty) }
            }
        }
    }

    @Test(
        arguments: [
            ("null", .wrongType, nil), ("\"5\"", .wrongType, nil), ("[1]", .wrongType, nil), ("{}", .wrongType, "from"),
            ("1e13", .outsideScale, nil), ("-1", .outsideScale, nil), ("-1e-9", .outsideScale, nil),
            (#"{"from":5,"to":"2026-11-21T10:00:00Z"}"#, .wrongType, "from"),
            (#"{"from":"2026-11-21T10:00:00Z"}"#, .wrongType, "to"),
            (#"{"from":"2026-11-21T10:00:00Z","to":"today"}"#, .wrongType, "to"),
            (#"{"from":"2026-11-21T10:00:00Z","to":"2026-11-21T10:00:00"}"#, .wrongType, "to"),
            (#"{"from":"2026-11-21T10:00:00Z","to":"2026-11-31T10:00:00Z"}"#, .wrongType, "to"),
            (#"{"from":"2026-11-21T10:00:00Z","to":"2026-11-21T09:59:59Z"}"#, .outsideScale, "to"),
        ] as [(String, AnswerRefusal.Reason, String?)])
    func countsRefuseWhatIsNone(value: String, reason: AnswerRefusal.Reason, member: String?) throws {
        let refusal = try #require(try MeasuresFeed(Conversion.self).refusal(value, to: "acted"))
        #expect(refusal.reason == reason && refusal.member == member)
    }

    @Test func otherRefusals() throws {
        let contacts = try MeasuresFeed(ContactsPerCase.self)
        #expect(contacts.refusal("1.5", to: "contacts")?.reason == .notWhole)
        #expect(contacts.refusal("10001", to: "contacts")?.reason == .outsideScale)
        #expect(contacts.refusal("true", to: "contacts")?.reason == .wrongType)
        #expect(contacts.refusal("10000", to: "contacts") == nil)
        let solved = try MeasuresFeed(FirstContactResolution.self)
        #expect(solved.refusal("2", to: "solvedAtFirstContact")?.reason == .outsideScale)
        #expect(solved.refusal("\"yes\"", to: "solvedAtFirstContact")?.reason == .wrongType)
        let time = try MeasuresFeed(ResponseTime.self)
        #expect(time.refusal("true", to: "firstResponseTime")?.reason == .wrongType)
        #expect(time.refusal("-1", to: "firstResponseTime")?.reason == .outsideScale)
        #expect(time.refusal("1000000001", to: "firstResponseTime")?.reason == .outsideScale)
        #expect(time.refusal("1000000000", to: "firstResponseTime") == nil)
        let basket = try MeasuresFeed(DeclaredMean.self, ["of": "measure basket", "lowest": 0, "highest": 10])
        #expect(basket.refusal("10.5", to: "basket")?.reason == .outsideScale)
        #expect(basket.refusal("10", to: "basket") == nil)
    }

    @Test func adoptionNeedsToKnowWho() throws {
        let feed = try MeasuresFeed(Adoption.self, ["count": "distinct"])
        #expect(feed.refusal("true", to: "active")?.sentence.contains("data.respondent") == true)
        #expect(feed.refusal("true", to: "active", data: #"{"respondent":""}"#) != nil)
        #expect(feed.refusal("true", to: "active", data: #"{"respondent":"c"}"#) == nil)
        #expect(feed.refusal("2", to: "active", data: #"{"respondent":"c"}"#)?.reason == .outsideScale)
    }

    private static let wrong: [(type: any Metric.Type, configuration: JSONTree, key: String)] = [
        (Churn.self, ["basis": "end"], "basis"), (Churn.self, ["start": ""], "start"),
        (Churn.self, ["end": "customersStart"], "end"), (Churn.self, ["start": [1]], "start"),
        (Churn.self, ["bands": "reference"], "bands"), (Churn.self, ["minimumSample": -1], "minimumSample"),
        (FirstContactResolution.self, ["count": "all"], "count"),
        (FirstContactResolution.self, ["outcome": ""], "outcome"),
        (FirstContactResolution.self, ["count": "given", "requests": "solved"], "requests"),
        (ResponseTime.self, ["show": "p99"], "show"), (ResponseTime.self, ["measure": nil], "measure"),
        (ResponseTime.self, ["targets": ["email": 0]], "targets"),
        (ResponseTime.self, ["targets": ["email": "1h"]], "targets"),
        (ResponseTime.self, ["targets": ["": 5]], "targets"), (ResponseTime.self, ["targets": [5]], "targets"),
        (ResponseTime.self, ["targetDimension": nil], "targetDimension"),
        (ResolutionTime.self, ["targets": ["phone": .number(.nan)]], "targets"),
        (ContactsPerCase.self, ["measure": ""], "measure"),
        (Adoption.self, ["count": "unique"], "count"), (Adoption.self, ["users": "featureUsers"], "users"),
        (Adoption.self, ["count": "distinct", "active": "featureUsed"], "active"),
        (LifetimeValue.self, ["currency": nil], "currency"),
        (LifetimeValue.self, ["lifetimes": "customers"], "lifetimes"),
        (ReturnOnInvestment.self, ["margin": 101], "margin"),
        (ReturnOnInvestment.self, ["margin": "40%"], "margin"),
        (ReturnOnInvestment.self, ["margin": .number(.nan)], "margin"),
        (ResponseRate.self, ["survey": ""], "survey"), (ResponseRate.self, ["basis": "asked"], "basis"),
        (DeclaredShare.self, ["of": "csat"], "of"), (DeclaredShare.self, ["of": "answer "], "of"),
        (DeclaredShare.self, ["of": "metric csat"], "of"), (DeclaredShare.self, ["counts": "0..2"], "counts"),
        (DeclaredShare.self, ["counts": "1..5"], "counts"), (DeclaredShare.self, ["scale": "1..9"], "counts"),
        (DeclaredShare.self, ["scale": "5..1"], "scale"), (DeclaredShare.self, ["polarity": "up"], "polarity"),
        (DeclaredMean.self, ["of": "measure m", "lowest": 5, "highest": 5], "lowest"),
        (DeclaredMean.self, ["of": "measure m", "highest": 1e13], "highest"),
        (DeclaredMean.self, ["unit": nil], "unit"), (DeclaredRatio.self, ["scale": 10], "scale"),
        (DeclaredRatio.self, ["scale": 1e9], "scale"), (DeclaredRatio.self, ["interval": "t"], "interval"),
        (DeclaredRatio.self, ["denominator": "numerator"], "denominator"),
        (DeclaredRatio.self, ["displayDigits": 7], "displayDigits"), (DeclaredRatio.self, ["of": "x"], "of"),
    ]

    /// By place, because a configuration that is no number cannot be printed as JSON.
    @Test(arguments: wrong.indices)
    func wrongConfigurationsNameTheirKey(place: Int) {
        let (type, configuration, key) = Self.wrong[place]
        do {
            _ = try MeasuresFeed(type, configuration)
            Issue.record("taken")
        } catch { #expect((error as? PluginConfigurationError)?.key == key, "\(error)") }
    }

    @Test func whatDecidesTheNumberIsInTheContract() throws {
        var contracts: [Digest: String] = [:]
        for (type, given) in measuredForms {
            let configuration = try PluginConfiguration(MeasuresFeed.named(given, type), for: type.plugin)
            let settings = "\(type.plugin.name) \(configuration.effective)"
            let contract = try type.init(configuration: configuration).contract.hash
            #expect(contracts[contract, default: settings] == settings)
            contracts[contract] = settings
        }
        #expect(contracts.count > 2 * measuredMetrics.count)
        let used = try MeasuresFeed(Churn.self, ["lost": "gone"]).metric.contract
        #expect(try used == MeasuresFeed(Churn.self).metric.contract)
    }

    @Test func theyAreInTheList() {
        for type in measuredMetrics {
            #expect(metricPlugins.filter { $0.plugin.name == type.plugin.name }.count == 1)
        }
    }
}
