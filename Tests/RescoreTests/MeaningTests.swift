import JSON
import MachineTestKit
import Messages
import PluginKit
import Rescore
import Scoring
import Testing

/// What an answer given under one contract means under another.
@Suite struct MeaningTests {
    /// Rescores answers given under one metric, and tells what they count for under another.
    private func rescored(
        _ answers: [JSONTree], from old: [MetricDefinition], to new: [MetricDefinition]
    ) throws -> (counts: [String], leftOut: LeftOut) {
        var history = try History()
        try history.take(
            [answers.enumerated().map { Samples.event("\($0)", $1) }], under: Samples.set(old))
        let set = Samples.set(new)
        var rescore = try history.rescore(under: set)
        let outcome = try rescore.run()
        let counts = try history.lines(under: set).map { line in
            let metric = line.split(separator: " ")[0]
            let columns = line.split(separator: "column: ").dropFirst().map {
                "\($0.prefix { $0.isNumber }):\($0.split(separator: "amount: ")[1].prefix { $0.isNumber })"
            }
            return "\(metric) \(columns.joined(separator: " "))"
        }
        return (counts, outcome.leftOut)
    }

    private func csat(_ scale: JSONTree, _ more: [(String, JSONTree)] = []) -> MetricDefinition {
        Samples.metric("csat", "csat", .object([("scale", scale), ("satisfied", .null)] + more))
    }

    private func csat(_ numbers: ClosedRange<Int64>) -> [JSONTree] { numbers.map { ["csat": .integer($0)] } }

    /// 4 of 5 never becomes 4 of 10, though 4 lies on both.
    @Test func anotherScaleWithoutARuleIsRefused() throws {
        let (counts, leftOut) = try rescored(csat(1...5), from: [csat("1..5")], to: [csat("1..10")])
        #expect(counts.isEmpty)
        #expect(leftOut.refused == ["csat": [.otherScale: 5]])
    }

    @Test func anotherScaleIsConvertedByItsRule() throws {
        let (counts, leftOut) = try rescored(
            csat(1...5) + [["csat": 4.0], ["csat": ["value": 5]], ["csat": ["value": 5, "scale": "1..5"]]],
            from: [csat("1..5")], to: [csat("1..10", [("convert", ["1..5": "linear"])])])
        // Ends on ends, the middle up: 1, 3, 6, 8, 10.
        #expect(counts == ["csat 0:1 2:1 5:1 7:2 9:3"])
        #expect(leftOut == LeftOut())
    }

    /// What named its scale keeps it, wherever it goes.
    @Test func anAnswerThatSaysItsScale() throws {
        let (counts, leftOut) = try rescored(
            [["csat": ["value": 10, "scale": "1..10"]], ["csat": 5], ["csat": 2]],
            from: [csat("1..5", [("convert", ["1..10": "linear"])])], to: [csat("1..10")])
        #expect(counts == ["csat 9:1"])
        #expect(leftOut.refused == ["csat": [.otherScale: 2]])
    }

    /// A word means what the mapping in force says: it is on no scale.
    @Test func wordsAreReadByTheNewMapping() throws {
        let (counts, leftOut) = try rescored(
            [["csat": "sad"], ["csat": "happy"], ["csat": 3]], from: [csat("1..3", [("words", "smileys")])],
            to: [csat("1..5", [("words", ["happy": 5]), ("convert", ["1..3": "linear"])])])
        #expect(counts == ["csat 4:2"])
        #expect(leftOut.refused == ["csat": [.unknownWord: 1]])
    }

    /// Formerly any value of a share's answer; now a metric on a narrower scale, and none that was on another.
    @Test func metricsThatShareAnAnswer() throws {
        let (counts, leftOut) = try rescored(
            csat(1...5), from: [csat("1..5")],
            to: [csat("1..5"), Samples.metric("csat.ten", "csat.mean", ["scale": "1..10"])])
        #expect(counts == ["csat 0:1 1:1 2:1 3:1 4:1"], "counted live and not again")
        #expect(leftOut.refused == ["csat.ten": [.otherScale: 5]])
    }

    @Test func answersOfMetricsThatAreGone() throws {
        let old = [csat("1..5"), Samples.nps, Samples.metric("speed", "csat.mean", [:])]
        let (counts, leftOut) = try rescored(
            [["csat": 1, "nps": 9], ["speed": 2, "csat": 2], ["speed": 3], ["nps": 3]], from: old,
            to: [Samples.narrow, Samples.nps])
        #expect(counts.contains("csat 0:1 1:1"))
        #expect(counts.count { $0.hasPrefix("nps") } == 1, "NPS has its line from before")
        #expect(leftOut.unused == ["speed": 2] && leftOut.refused.isEmpty)
    }

    /// Ratings of an index's components are on the scale of their time too.
    @Test func componentsOnAnotherScale() throws {
        func index(_ scale: JSONTree, _ normalisation: JSONTree) -> MetricDefinition {
            Samples.metric(
                "csi", "csi.weighted",
                ["components": ["speed", "price"], "scale": scale, "normalisation": normalisation])
        }
        let answer: JSONTree = [
            "csi": [
                "components": [
                    "speed": ["rating": 4, "importance": 5], "price": ["rating": 2, "importance": 3],
                ]
            ]
        ]
        let other = try rescored([answer, answer], from: [index("1..5", "ratio")], to: [index("1..10", "ratio")])
        #expect(other.counts.isEmpty && other.leftOut.refused == ["csi": [.otherScale: 2]])
        let same = try rescored([answer, answer], from: [index("1..5", "ratio")], to: [index("1..5", "range")])
        #expect(same.counts.count == 1 && same.leftOut == LeftOut())
    }

    /// Events that are not answers go the same way.
    @Test func measuresAndInvitations() throws {
        let churn = { (bands: JSONTree) in Samples.metric("wait", "mean", ["of": "measure wait", "unit": bands]) }
        var history = try History()
        let event = { (id: String, type: String, data: JSONTree) in
            JSONTree.object([
                ("specversion", "1.0"), ("id", .string(id)), ("source", "/test"), ("type", .string(type)),
                ("time", .string(Timestamp.text(Responses.moment))), ("data", data),
            ]).text
        }
        try history.take(
            [
                [
                    event("a", "tideline.measure.v1", ["measures": ["wait": 12.5, "gone": 1]]),
                    event("b", "tideline.invitation.v1", [:]),
                ]
            ], under: Samples.set([churn("s"), Samples.metric("gone", "mean", ["of": "measure gone"])]))
        let set = Samples.set([churn("min"), Samples.metric("asked", "response.rate", [:])])
        var rescore = try history.rescore(under: set)
        let outcome = try rescore.run()
        #expect(outcome.responses == 2 && outcome.leftOut.unused == ["gone": 1])
        let lines = try history.lines(under: set)
        #expect(lines.contains { $0.hasPrefix("wait total") } && lines.contains { $0.hasPrefix("asked total") })
    }
}
