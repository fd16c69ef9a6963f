import JSON
import PluginKit
import Testing

@testable import SourcePlugins

/// Wrong mappings stop before the first byte, naming the key and what would be right.
@Suite struct CSVMappingTests {
    @Test func theExampleWorks() throws {
        let text = "review_id,answered_at,score,version\n7,2026-07-01T12:00:00,5,1.2\n"
        let outcomes = try read(text, CSVSource.plugin.example)
        #expect(outcomes.map { $0.event?["id"] } == ["review-7"])
        #expect(outcomes.first?.event?["time"] == "2026-07-01T10:00:00.000Z")
    }

    @Test func everyPluginOfTheListHasItsOwnName() {
        #expect(sourcePlugins.map { $0.plugin.name } == ["csv"])
    }

    @Test(arguments: [
        ("source", "source: is required: the name of where these answers come from, such as /shop/reviews"),
        ("time", "time: is required, as in {column: answered_at, formats: [rfc3339]}"),
        ("answers", "answers: is required, as in {csat: {column: score}}"),
    ])
    func whatIsRequired(_ key: String, _ expected: String) {
        #expect(complaint(mapping([(key, nil)])) == expected)
    }

    @Test(
        arguments: [
            (
                ["colour": 1],
                "colour: is not a setting of csv; it has: answers, comment, delimiter, headerRows, id, "
                    + "respondent, segments, skipWhen, source, survey, time"
            ),
            (["headerRows": 21], "headerRows: must be a whole number in 0...20"),
            (["headerRows": "1"], "headerRows: must be a whole number in 0...20"),
            (["source": ""], "source: must be a text that is not empty"),
            (["id": "x-{}"], "id: is \"x-{}\", but a template names columns in braces, as in \"shop-{review_id}\""),
            (["id": "x-{id"], "id: is \"x-{id\", but a template names columns in braces, as in \"shop-{review_id}\""),
            (
                ["time": ["column": "at", "format": "unix"]],
                "time.format: is not a setting here; there are: column, position, formats, zone, timeOfDay"
            ),
            (
                ["time": ["formats": ["unix"]]],
                "time: needs exactly one of column (a name), position (from 1) or constant"
            ),
            (["time": ["column": "at", "formats": []]], "time.formats: must name a format"),
            (
                ["time": ["column": "at", "zone": "Berlin"]],
                "time.zone: is \"Berlin\", which is no IANA time zone such as Europe/Berlin or UTC"
            ),
            (
                ["time": ["column": "at", "timeOfDay": "noon"]],
                "time.timeOfDay: must be a time of day such as \"12:00\""
            ),
            (["time": ["column": "at", "timeOfDay": 1440]], "time.timeOfDay: must be a whole number in 0...1439"),
            (["answers": [:]], "answers: must name a metric and its column, as in {csat: score}"),
            (
                ["answers": ["csat": ["column": "s", "position": 1]]],
                "answers.csat: needs exactly one of column (a name), position (from 1) or constant"
            ),
            (
                ["answers": ["csat": ["column": "s", "values": ["good": true]]]],
                "answers.csat.values.good: must be a number or a word"
            ),
            (["segments": ["channel"]], "segments: must be a mapping of dimensions to columns"),
            (
                ["segments": ["channel": ["position": 0]]],
                "segments.channel.position: must be a whole number in 1...4096"
            ),
            (
                ["skipWhen": [["column": "a", "reason": "r"]]],
                "skipWhen[0]: needs exactly one of equals (a text or a list of texts) and empty: true"
            ),
            (["skipWhen": [["column": "a", "empty": true]]], "skipWhen[0].reason: is required"),
            (["skipWhen": [["column": "a", "empty": false, "reason": "r"]]], "skipWhen[0].empty: can only be true"),
        ] as [(JSONTree, String)])
    func whatIsWrong(_ change: JSONTree, _ expected: String) {
        #expect(complaint(mapping(change.object!)) == expected)
    }
}
