import JSON
import Messages
import Satisfaction
import Testing

@testable import Alerting

/// Alerts as the sentence a person would write. Now is Friday, 20 November 2026, 10:16 in Berlin, unless said otherwise.
@Suite struct AlertSentenceTests {
    static let berlin = TimeZoneTable(named: "Europe/Berlin")!
    static let csat = MetricWording(metric: "csat", unit: "%", digits: 0, isLowerBetter: false)
    static let chat = Segment([.init(dimension: "channel", value: "chat"), .init(dimension: "region", value: "eu")])
    static let eu = Segment(dimension: "region", value: "eu")

    /// An alert of `csat` with round figures, changed member by member.
    static func alert(
        _ changes: [String: JSONTree] = [:], changed: String = "2026-11-20T09:16:00Z"
    ) throws -> AlertRecord {
        let usual: [(String, JSONTree)] = [
            ("id", "a90d1f6e52c84b07b31b6f4f2d70e8c5"), ("fingerprint", "44c0be1276fa4d3c9d28e0351a7bb96f"),
            ("revision", 1), ("rule", "csat-dip"), ("state", "firing"), ("status", "firing"), ("severity", "warning"),
            ("kind", "dip"), ("metric", "csat"), ("contract", "e3b7a1905fd24c6688120f9acd537be4"), ("segment", [:]),
            ("onset", "2026-11-17T13:00:00Z"), ("detected", "2026-11-18T09:00:00Z"), ("changed", .string(changed)),
            ("baseline", ["score": 84, "interval": [83, 85], "responses": 5120]),
            ("current", ["score": 71, "interval": [66, 76], "responses": 362]), ("drop", 13),
            ("evidence", ["log": 11.9, "threshold": 9.2, "expectedFalseAlarms": 0.5]), ("causes", []),
            ("split", ["within": -13.0, "mix": 0.0, "entry": 0.0]), ("themes", []), ("trend", []),
        ]
        let kept = usual.filter { changes[$0.0] == nil }
        return try AlertRecord(.object(kept + changes.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }))
    }

    static func text(
        _ changes: [String: JSONTree] = [:], metric: MetricWording = csat, themes: [RisenTheme] = [],
        at segment: Segment? = nil, calendar: [CalendarNote] = [], changed: String = "2026-11-20T09:16:00Z",
        withdrawal: AlertSentence.Withdrawal = .answers
    ) throws -> String {
        var alert = try alert(changes, changed: changed)
        alert.themes = themes
        alert.calendar = calendar
        return AlertSentence(
            alert, metric: metric, zone: berlin, themesSegment: segment ?? alert.segment, withdrawal: withdrawal
        ).text
    }

    static func causes(_ causes: (Segment, Double)...) -> JSONTree {
        .array(causes.map { ["segment": $0.0.tree, "share": .number($0.1)] })
    }

    static func level(_ score: Double, _ responses: Int64 = 362) -> JSONTree {
        ["score": .number(score), "interval": [.number(score), .number(score)], "responses": .integer(responses)]
    }

    static let delivery = RisenTheme(theme: "delivery", share: 30, usual: 10, comments: 12)
    static let price = RisenTheme(theme: "price", share: 21, usual: 10, comments: 9)

    // MARK: Dips

    @Test func theSentenceOfThePromise() throws {
        #expect(
            try Self.text(
                [
                    "onsetRange": ["2026-11-16T19:00:00Z", "2026-11-17T17:00:00Z"],
                    "causes": Self.causes((Self.chat, 0.93)),
                ], themes: [Self.delivery], at: Self.chat)
                == "CSAT fell from 84 % to 71 % since Tuesday 14:00 (probably between Monday 20:00 and Tuesday 18:00); nearly "
                + "all of it in channel chat, region eu, where dissatisfied answers name 'delivery' three times as often."
        )
    }

    @Test func itsOwnSegmentIsNotSaidTwice() throws {
        #expect(
            try Self.text(["segment": Self.chat.tree, "causes": Self.causes((Self.chat, 1))])
                == "CSAT in channel chat, region eu fell from 84 % to 71 % since Tuesday 14:00.")
        #expect(
            try Self.text(["segment": Self.eu.tree, "causes": Self.causes((Self.chat, 0.7))])
                == "CSAT in region eu fell from 84 % to 71 % since Tuesday 14:00; most of it in channel chat.")
        #expect(
            try Self.text(["segment": Self.chat.tree, "causes": Self.causes((Self.eu, 1))])
                == "CSAT in channel chat, region eu fell from 84 % to 71 % since Tuesday 14:00; it is part of a fall in region "
                + "eu.")
        #expect(
            try Self.text(["segment": Self.eu.tree], themes: [Self.delivery, Self.price])
                == "CSAT in region eu fell from 84 % to 71 % since Tuesday 14:00; dissatisfied answers there name 'delivery' "
                + "three times as often and 'price' twice as often.")
    }

    @Test(arguments: [
        (1.0, "all of it"), (1.4, "all of it"), (0.9, "nearly all of it"), (0.75, "most of it"),
        (0.5, "about half of it"), (0.33, "about a third of it"), (0.22, "about a quarter of it"),
        (0.16, "a small part of it"),
    ]) func shares(share: Double, words: String) throws {
        #expect(try Self.text(["causes": Self.causes((Self.eu, share))]).contains("; \(words) in region eu."))
    }

    @Test func severalCausesAndNegligibleOnes() throws {
        let phone = Segment(dimension: "channel", value: "phone call")
        let mail = Segment(dimension: "channel", value: "mail")
        #expect(
            try Self.text(["causes": Self.causes((Self.eu, 0.5), (phone, 0.31), (mail, 0.1), (.total, -0.2))])
                == "CSAT fell from 84 % to 71 % since Tuesday 14:00; about half of it in region eu and about a third of it in "
                + "channel 'phone call'.")
        // Themes that were counted in one of several places say in which.
        #expect(
            try Self.text(
                ["causes": Self.causes((Self.eu, 0.5), (phone, 0.31))], themes: [Self.delivery], at: Self.eu
            ).hasSuffix("; dissatisfied answers in region eu name 'delivery' three times as often."))
    }

    @Test func membersMixAndParadox() throws {
        let segments = ["us", "ca", "mx"].map { Segment(dimension: "region", value: $0).tree }
        #expect(
            try Self.text(["causes": Self.causes((Self.eu, 0.9)), "members": .array([Self.eu.tree] + segments)])
                .hasSuffix("; nearly all of it in region eu; 3 further segments fell with it."))
        #expect(
            try Self.text(["members": .array(Array(segments.prefix(2)))])
                .hasSuffix("; region us and region ca fell with it."))
        #expect(
            try Self.text(["split": ["within": -11.6, "mix": -1.4, "entry": 0.0]])
                .hasSuffix("; 1 point of it because more answers come from segments that usually score lower."))
        for mix in [1.4, -0.3, 0.0] {
            let split: JSONTree = ["within": .number(-13 - mix), "mix": .number(mix), "entry": 0.0]
            #expect(try !Self.text(["split": split]).contains("because"), "mix \(mix)")
        }
        #expect(
            try Self.text(["simpson": true, "split": ["within": 1.0, "mix": -14.0, "entry": 0.0]])
                .hasSuffix(
                    "; although no single segment fell: more answers come from segments that usually score lower."))
    }

    @Test func fewAnswersAndRemarks() throws {
        #expect(
            try Self.text([
                "current": Self.level(71, 41), "remarks": ["the questionnaire changed on Monday", "Few answers."],
            ])
                == "CSAT fell from 84 % to 71 % since Tuesday 14:00, on 41 answers. The questionnaire changed on Monday. Few "
                + "answers.")
        #expect(try Self.text(["current": Self.level(71, 1)]).contains(", on 1 answer."))
        let strict = MetricWording(metric: "csat", unit: "%", digits: 0, isLowerBetter: false, minimumSample: 400)
        #expect(try Self.text(metric: strict).contains(", on 362 answers."))
    }

    @Test func suspicions() throws {
        #expect(
            try Self.text(["state": "pending", "status": "pending", "causes": Self.causes((Self.eu, 1))])
                == "CSAT seems to have fallen from 84 % to 71 % since Tuesday 14:00; a suspicion, of which nobody was told."
        )
    }

    // MARK: Metrics and numbers

    @Test(arguments: [
        (
            "response.time", "s", 0, true, 180.0, 240.4,
            "Response time rose from 180 s to 240 s since Tuesday 14:00, which is worse"
        ),
        ("nps", "points", 0, false, 42, -3.6, "NPS fell from 42 to −4 points since Tuesday 14:00"),
        ("csat.mean", "", 2, false, 4.31, 3.9, "CSAT mean fell from 4.31 to 3.90 since Tuesday 14:00"),
        ("churn", "%", 1, true, 2, 3.25, "Churn rose from 2.0 % to 3.3 % since Tuesday 14:00, which is worse"),
        ("csat", "%", 0, false, 84.4, 84.1, "CSAT fell from 84.4 % to 84.1 % since Tuesday 14:00"),
        ("lifetime-value", "EUR", 0, false, 1200, 900, "Lifetime value fell from 1200 to 900 EUR since Tuesday 14:00"),
        ("csat", "%", 0, false, 0.2, -0.0, "CSAT fell from 0.2 % to 0.0 % since Tuesday 14:00"),
        (
            "csat", "%", 0, false, 84, 84,
            "Answers to CSAT have grown worse since Tuesday 14:00, although the score stayed at 84 %"
        ),
        (
            "csat", "%", 0, false, 84, 86,
            "Answers to CSAT have grown worse since Tuesday 14:00, although the score went from 84 % to 86 %"
        ),
    ])
    func metricsInTheirUnits(
        name: String, unit: String, digits: Int, isLowerBetter: Bool, usual: Double, now: Double, expected: String
    ) throws {
        let metric = MetricWording(metric: name, unit: unit, digits: digits, isLowerBetter: isLowerBetter)
        #expect(
            try Self.text(["baseline": Self.level(usual, 5000), "current": Self.level(now)], metric: metric)
                == expected + ".")
    }

    @Test func numbersWithoutEndStayWords() throws {
        #expect(Self.csat.score(.infinity) == "an unknown number %")
        #expect(Self.csat.score(1e300).hasPrefix("1e+300"))
        #expect(Self.csat.difference(0.4) == nil && Self.csat.difference(-0.6) == "1 point")
    }

    // MARK: Dates

    @Test(arguments: [
        ("2026-11-20T09:00:00Z", "Friday 10:00"), ("2026-11-14T00:00:00Z", "Saturday 01:00"),
        ("2026-11-13T23:00:00Z", "Saturday 00:00"), ("2026-11-13T22:45:00Z", "13 November, 23:45"),
        ("2025-12-31T22:00:00Z", "31 December 2025, 23:00"), ("2025-12-31T23:00:00Z", "1 January, 00:00"),
        ("2026-11-20T23:00:00Z", "21 November, 00:00"),
    ]) func momentsAsPeopleWriteThem(onset: String, expected: String) throws {
        #expect(try Self.text(["onset": .string(onset)]).hasSuffix("since \(expected)."))
    }

    @Test func rangesAsPeopleWriteThem() throws {
        func range(_ from: String, _ to: String) throws -> String {
            let text = try Self.text(["onsetRange": [.string(from), .string(to)]])
            return String(text.dropFirst("CSAT fell from 84 % to 71 % since Tuesday 14:00".count))
        }
        #expect(try range("2026-11-17T08:00:00Z", "2026-11-17T17:00:00Z") == " (probably between 09:00 and 18:00).")
        #expect(
            try range("2026-11-10T08:00:00Z", "2026-11-18T17:00:00Z")
                == " (probably between 10 November, 09:00 and Wednesday 18:00).")
        #expect(try range("2026-11-17T13:00:00Z", "2026-11-17T13:15:00Z") == ".")
    }

    // MARK: Ends

    static let over: [String: JSONTree] = ["state": "resolved", "status": "resolved", "current": level(83)]

    @Test func recoveries() throws {
        func after(_ changed: String, _ more: [String: JSONTree] = [:]) throws -> String {
            try Self.text(
                Self.over.merging(["resolution": "recovered"]) { $1 }.merging(more) { $1 }, themes: [Self.delivery],
                changed: changed)
        }
        #expect(try after("2026-11-21T13:00:00Z") == "CSAT is back at 83 %, after 4 days (usually 84 %).")
        #expect(
            try after("2026-11-17T18:00:00Z", ["segment": Self.eu.tree]).hasPrefix(
                "CSAT in region eu is back at 83 %, after 5 hours"))
        #expect(try after("2026-11-17T13:20:00Z").contains("after 20 minutes"))
        #expect(try after("2026-11-18T13:00:00Z").contains("after 1 day "))
        #expect(
            try after("2026-11-21T13:00:00Z", ["kind": "volume"])
                == "Answers to CSAT come in their usual numbers again, after 4 days.")
    }

    @Test func newNormals() throws {
        let end = Self.over.merging(["resolution": "newNormal", "current": Self.level(71)]) { $1 }
        #expect(
            try Self.text(end, changed: "2027-01-01T13:00:00Z")
                == "CSAT has stayed at 71 % for 45 days and is taken as the new normal; it was 84 % before.")
    }

    @Test func withdrawals() throws {
        let end: [String: JSONTree] = ["state": "withdrawn", "status": "withdrawn", "segment": Self.eu.tree]
        let begin = "The fall of CSAT in region eu since Tuesday 14:00 is taken back: "
        #expect(try Self.text(end) == begin + "late, edited or erased answers have taken its evidence away.")
        #expect(
            try Self.text(end.merging(["remarks": ["late answers raised the score to 82 %."]]) { $1 })
                == begin + "late answers raised the score to 82 %.")
        #expect(
            try Self.text(end, withdrawal: .rule) == begin + "the rule 'csat-dip' has changed or is gone.")
    }

    // MARK: What is no dip

    @Test func otherCustomers() throws {
        #expect(
            try Self.text(["kind": "mix", "causes": Self.causes((Self.eu, 0.94)), "simpson": true])
                == "CSAT went from 84 % to 71 % since Tuesday 14:00 because other customers answer, not because they answer "
                + "differently; nearly all of it because other numbers of answers come from region eu; no single segment fell."
        )
    }

    @Test func otherNumbersOfAnswers() throws {
        #expect(
            try Self.text([
                "kind": "volume", "segment": Self.eu.tree, "remarks": ["181 answers a day before, 24 since."],
            ])
                == "Answers to CSAT in region eu come in other numbers than usual since Tuesday 14:00. 181 answers a day before, "
                + "24 since.")
        #expect(
            try Self.text(["kind": "volume", "current": Self.level(0, 0)])
                == "There are no answers to CSAT since Tuesday 14:00.")
    }

    // MARK: Themes and calendar

    @Test(arguments: [
        (11.0, "more often"), (15, "one and a half times as often"), (20, "twice as often"),
        (47, "five times as often"), (99, "ten times as often"),
    ]) func ratios(share: Double, words: String) throws {
        let theme = RisenTheme(theme: "price", share: share, usual: 10, comments: 9)
        #expect(try Self.text(themes: [theme]).hasSuffix("; dissatisfied answers name 'price' \(words)."))
    }

    @Test func themesNeverNamedBefore() throws {
        let theme = RisenTheme(theme: "strike", share: 20, usual: 0, comments: 9)
        #expect(
            try Self.text(themes: [theme]).hasSuffix("; dissatisfied answers name 'strike', which none did before."))
        #expect(theme.times == nil && theme.tree["times"] == .null)
        #expect(try RisenTheme(tree: theme.tree) == theme)
    }

    @Test(arguments: [
        ("4.2", CalendarNote.Kind.release, -120, "two hours after release 4.2"),
        ("Release 4.2", .release, -1440, "a day after release 4.2"),
        ("checkout", .release, -60, "an hour after the release 'checkout'"),
        ("4.2", .release, 0, "with release 4.2"), ("4.2", .release, 30, "about the time of release 4.2"),
        ("Christmas Day", .holiday, -600, "during the holiday 'Christmas Day'"),
        ("strike", .note, -600, "during 'strike'"),
    ]) func notesBesideABeginning(name: String, kind: CalendarNote.Kind, minutes: Int64, words: String) throws {
        let start = try #require(Timestamp.read("2026-11-17T13:00:00Z")) + minutes * 60_000
        let note = CalendarNote(name: name, kind: kind, start: start, end: start + 86_400_000)
        #expect(try Self.text(calendar: [note]).hasSuffix("; it began \(words)."))
        #expect(try CalendarNote(alertTree: note.alertTree) == note)
    }

    @Test func textsOfOthersStayOnOneLine() throws {
        let segment = Segment(dimension: "agent", value: "a\nb\u{0}\u{202E}" + String(repeating: "x", count: 500))
        let text = try Self.text(["segment": segment.tree])
        #expect(!text.contains("\n") && text.count < 200)
    }

    /// The same alert reads the same from the store as when it was made.
    @Test func itIsKept() throws {
        var alert = try Self.alert()
        alert.themes = [Self.delivery]
        alert.calendar = [CalendarNote(name: "4.2", kind: .release, start: 0, end: 60_000)]
        alert.sentence = "CSAT fell."
        #expect(try AlertRecord(alert.data).data.text == alert.data.text)
        #expect(alert.data["themes"]?[0]?["times"] == 3)
    }

    @Test func fewAnswersAreWithheldFromTheSentenceToo() throws {
        var alert = try Self.alert(["segment": Self.eu.tree, "current": Self.level(71, 4)])
        alert.sentence = try Self.text(["current": Self.level(71, 4)])
        func shown(_ minimum: Int64) -> JSONTree { AlertPrivacy.covered(alert.data, minimumAnswers: minimum) }
        #expect(shown(4)["sentence"]?.string == alert.sentence)
        #expect(
            shown(5)["sentence"]
                == "CSAT in region eu has become worse; its numbers stand on few answers and are withheld.")
        alert = try Self.alert()
        alert.themes = [Self.delivery]
        alert.sentence = try Self.text(themes: [Self.delivery])
        #expect(shown(12)["themes"]?.array?.count == 1 && shown(12)["sentence"]?.string == alert.sentence)
        #expect(shown(13)["themes"] == [])
        #expect(shown(13)["sentence"]?.string?.contains("delivery") == false)
    }
}
