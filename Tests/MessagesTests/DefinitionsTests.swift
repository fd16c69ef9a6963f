import JSON
import Messages
import Satisfaction
import Testing

/// The set: one text for one meaning.
@Suite struct DefinitionsTests {
    static let set = DefinitionSet(
        metrics: [MetricDefinition(name: "csat", kind: "csat", configuration: ["scale": "1..5", "satisfied": "4..5"])],
        dimensions: ["region", "channel"], pairs: [["region", "channel"]], model: ["region"],
        valuesPerDimensionMax: 1000, timeZone: "Europe/Berlin",
        rules: [
            RuleDefinition(
                name: "dip", metric: "csat", detector: "sr-mixture", configuration: [:], smallestDip: 3,
                budget: FalseAlarmBudget(scope: .segment, days: 2000.5))
        ], stepMilliseconds: 60_000, latenessLimitMilliseconds: 604_800_000)

    private static let golden =
        #"{"caps":{"valuesPerDimensionMax":1000},"dimensions":["region","channel"],"latenessLimit":604800000,"#
        + #""metrics":[{"configuration":{"satisfied":"4..5","scale":"1..5"},"kind":"csat","name":"csat"}],"model":["region"],"#
        + #""pairs":[["region","channel"]],"rules":[{"configuration":{},"detector":"sr-mixture","metric":"csat","name":"dip","#
        + #""patienceDays":2000.5,"smallestDip":3}],"step":60000,"timezone":"Europe/Berlin"}"#

    @Test func itsTextStays() {
        #expect(String(decoding: Self.set.text, as: UTF8.self) == Self.golden)
        #expect(Self.set.hash.text == "53400717b1a971425714d98c4e796f9e")
    }

    @Test func aCalendarIsPartOfIt() throws {
        func with(_ calendar: [CalendarNote]) -> DefinitionSet {
            let set = Self.set
            return DefinitionSet(
                metrics: set.metrics, dimensions: set.dimensions, pairs: set.pairs, model: set.model,
                valuesPerDimensionMax: set.valuesPerDimensionMax, timeZone: set.timeZone, rules: set.rules,
                stepMilliseconds: set.stepMilliseconds, latenessLimitMilliseconds: set.latenessLimitMilliseconds,
                calendar: calendar)
        }
        #expect(with([]).text == Self.set.text)
        let notes = [CalendarNote(name: "Christmas \"Day\"", kind: .holiday, start: -5, end: 86_400_000)]
        let set = with(notes)
        #expect(
            String(decoding: set.text, as: UTF8.self).contains(
                #""calendar":[{"end":86400000,"kind":"holiday","name":"Christmas \"Day\"","start":-5}],"caps""#))
        #expect(set.hash != Self.set.hash)
        let read = try DefinitionSet(text: set.text)
        #expect(read.calendar == notes && read.text == set.text)
        for (old, new) in [
            ("-5", "86400000"), ("-5", "-99999999999999999"), ("holiday", "feast"), ("86400000", "true"),
        ] {
            let bent = String(decoding: set.text, as: UTF8.self).replacing(old, with: new)
            #expect(throws: MessageError.self, "\(new)") { try DefinitionSet(text: Array(bent.utf8)) }
        }
    }

    @Test func itReadsAsItWasWritten() throws {
        let read = try DefinitionSet(text: Self.set.text)
        #expect(read.text == Self.set.text && read.hash == Self.set.hash)
        // Another order of members is the same set.
        #expect(
            try DefinitionSet(text: Array(JSONTree.object(JSONTree.parse(Self.golden).object!.reversed()).text.utf8))
                .hash == Self.set.hash)
    }

    @Test func withoutAnyMemberItIsNone() throws {
        let whole = try #require(try JSONTree.parse(Self.golden).object)
        for (name, _) in whole {
            let text = JSONTree.object(whole.filter { $0.0 != name }).text
            #expect(throws: MessageError.self, "without \(name)") { try DefinitionSet(text: Array(text.utf8)) }
        }
        for name in ["metrics", "rules"] {
            for (member, _) in try #require(try JSONTree.parse(Self.golden)[name]?[0]?.object) {
                let bent = JSONTree.object(
                    whole.map { key, value in
                        key == name
                            ? (key, .array([.object(value[0]!.object!.filter { $0.0 != member })])) : (key, value)
                    })
                #expect(throws: MessageError.self, "without \(name)/\(member)") {
                    try DefinitionSet(text: Array(bent.text.utf8))
                }
            }
        }
    }

    @Test(arguments: ["", "{", "[]", "null", "{\"metrics\":3}"]) func nonsenseIsRefused(text: String) {
        #expect(throws: MessageError.self) { try DefinitionSet(text: Array(text.utf8)) }
    }
}
