import JSON
import PluginKit
import Satisfaction
import Testing

/// A contract is its canonical text; the hash is the text's.
@Suite struct ContractTests {
    @Test func aContractsTextAndHashStay() throws {
        let contract = contract()
        #expect(
            contract.canonicalText
                == #"{"bands":[],"displayDigits":1,"formulaVersion":1,"kind":"csat","minimumSample":0,"missing":"no-score","neutral":"separate","polarity":"higherIsBetter","satisfied":"4..5","scale":"1..5","unit":"%"}"#
        )
        #expect(contract.hash == Digest(of: contract.canonicalText))
        #expect(try JSONTree.parse(contract.canonicalText).canonical == Array(contract.canonicalText.utf8))
    }

    private func contract(
        kind: String = "csat", version: Int = 1, scale: String = "1..5", satisfied: ClosedRange<Int> = 4...5,
        neutral: NeutralRule = .separate, polarity: Polarity = .higherIsBetter, digits: Int = 1, bands: Bands = .none,
        sample: Int64 = 0, unit: String = "%", settings: [(String, JSONTree)] = []
    ) -> ScoreContract {
        ScoreContract(
            kind: kind, formulaVersion: version,
            rating: Rating(scale: Scale(scale)!, satisfied: satisfied, neutral: neutral), polarity: polarity,
            displayDigits: digits, bands: bands, minimumSample: sample, unit: unit, settings: settings)
    }

    @Test func whateverChangesADigitChangesTheHash() {
        let good = Bands([Band("good", .from(70)), Band("poor", .rest)])!
        let all = [
            contract(), contract(kind: "ces"), contract(version: 2), contract(scale: "0..5"),
            contract(satisfied: 5...5), contract(neutral: .dissatisfied), contract(polarity: .lowerIsBetter),
            contract(digits: 2), contract(bands: good), contract(sample: 30), contract(unit: "points"),
            contract(bands: Bands([Band("good", .above(70)), Band("poor", .rest)])!),
            contract(settings: [("weights", ["a": 40, "b": 60])]),
            contract(settings: [("weights", ["a": 60, "b": 40])]),
        ]
        #expect(Set(all.map(\.hash)).count == all.count)
        #expect(contract().hash == contract().hash)
        #expect(
            contract(settings: [("a", 1), ("b", ["x": 1, "y": 2])])
                == contract(settings: [("b", ["y": 2, "x": 1]), ("a", 1)]))
    }

    @Test func bandsHaveEveryValueOnce() {
        #expect(Bands([Band("good", .from(70)), Band("fair", .from(70)), Band("poor", .rest)]) == nil)
        #expect(Bands([Band("good", .from(70)), Band("fair", .from(80)), Band("poor", .rest)]) == nil)
        #expect(Bands([Band("good", .from(70)), Band("poor", .from(10))]) == nil)
        #expect(Bands([Band("rest", .rest), Band("good", .from(70))]) == nil)
        #expect(Bands([Band("good", .from(70)), Band("good", .rest)]) == nil)
        #expect(Bands([Band("good", .from(.nan)), Band("poor", .rest)]) == nil)
        let exact = Bands([Band("above", .above(70)), Band("at", .from(70)), Band("below", .rest)])!
        #expect(exact.band(of: 70)?.label == "at")
        #expect(exact.band(of: 70.0000001)?.label == "above" && exact.band(of: 69.9999999)?.label == "below")
        #expect(exact.band(of: .nan) == nil && Bands.none.band(of: 1) == nil)
    }
}
