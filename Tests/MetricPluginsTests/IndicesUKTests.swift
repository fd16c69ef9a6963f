import JSON
import MetricPlugins
import PluginKit
import Satisfaction
import Testing

/// ukcsi: the formula by hand and the detectors' view of it; and what the family of indices has in common.
@Suite struct IndicesUKTests {
    @Test func meanTimesTen() throws {
        // (8 + 7 + 9 + 10) / 4 = 8.5; deviation √((0.25 + 2.25 + 0.25 + 2.25)/3) = 1.2909944487; t for three degrees of
        // freedom 3.1824463053: 85 ± 3.182446 × 12.909944 / 2 = 85 ± 20.5426, cut at 100.
        let fixture = try IndicesFixture(UKIndex.self)
        let score = try #require(try fixture.score(["8", "7", "9", "10"]))
        #expect(score.value == 85 && score.responses == 4 && score.method == .t)
        #expect(isClose(score.deviation, 10 * (5.0 / 3).squareRoot()))
        #expect(printed(score.interval?.low, digits: 4) == "64.4574" && score.interval?.high == 100)
        #expect(score.figures == [Figure("mean", 8.5, unit: "")])
        #expect(try fixture.score([]) == nil && fixture.score(["1"])?.value == 10)
    }

    @Test func detectorsCanWatchIt() throws {
        let rating = try #require(try IndicesFixture(UKIndex.self).metric.watchedRating)
        #expect(rating.scale == Scale("1..10") && rating.satisfied == 8...10)
        #expect(try IndicesFixture(UKIndex.self, ["satisfied": "9..10"]).metric.watchedRating?.satisfied == 9...10)
    }

    @Test func wordsAndOtherScales() throws {
        let fixture = try IndicesFixture(UKIndex.self, ["words": "stars", "convert": ["1..5": "linear"]])
        #expect(try fixture.score(["\"★★★★★★★★\""])?.value == 80)
        #expect(try fixture.score([#"{"value":5,"scale":"1..5"}"#])?.value == 100)
        #expect(try fixture.refusal("11")?.reason == .outsideScale)
        #expect(try fixture.refusal(#"{"value":5,"scale":"1..7"}"#)?.reason == .otherScale)
    }

    @Test func wrongConfigurationsNameTheirKey() {
        #expect(refusedKey(UKIndex.self, ["scale": "1..5"]) == "scale")
        #expect(refusedKey(UKIndex.self, ["satisfied": "1..10"]) == "satisfied")
        #expect(refusedKey(UKIndex.self, ["words": "moods"]) == "words")
        #expect(refusedKey(UKIndex.self, ["minimumSample": "many"]) == "minimumSample")
    }

    // MARK: Bands of the family

    @Test(arguments: [
        (100, "high", "repurchase 50–95 %"), (85, "high", "repurchase 50–95 %"),
        (84.999, "industry average", "repurchase 40–50 %"), (80, "industry average", "repurchase 40–50 %"),
        (79.999, "below average", "repurchase 20–40 %"), (71, "below average", "repurchase 20–40 %"),
        (62, "below average", "repurchase 20–40 %"), (61.999, "low", "repurchase towards 0 %"),
        (0, "low", "repurchase towards 0 %"),
    ])
    func bandsSayHowManyBuyAgain(value: Double, label: String, note: String) throws {
        for (type, configuration) in IndicesPropertyTests.family {
            let band = try IndicesFixture(type, configuration).band(of: value)
            #expect(band?.label == label && band?.note == note)
        }
    }

    @Test func seventyOneIsBelowAverage() throws {
        // Ten of 8 and ninety of 7: (80 + 630) / 100 = 7.1.
        let fixture = try IndicesFixture(UKIndex.self)
        let rows = Array(repeating: "8", count: 10) + Array(repeating: "7", count: 90)
        let score = try #require(try fixture.score(rows))
        #expect(isClose(score.value, 71) && fixture.band(of: score.value)?.label == "below average")
        #expect(score.responses == fixture.metric.contract.minimumSample)
    }

    @Test func bandsAndSampleCanBeSet() throws {
        let fixture = try IndicesFixture(
            UKIndex.self,
            ["bands": [["label": "fine", "from": 50, "note": "n"], ["label": "poor"]], "minimumSample": 30])
        #expect(fixture.band(of: 50)?.label == "fine" && fixture.band(of: 49)?.label == "poor")
        #expect(fixture.metric.contract.minimumSample == 30)
        #expect(try IndicesFixture(UKIndex.self).metric.contract.minimumSample == 100)
    }
}
