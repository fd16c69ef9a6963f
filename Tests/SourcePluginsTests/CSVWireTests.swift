import JSON
import Messages
import PluginKit
import Testing

@testable import SourcePlugins

/// A row's event against the bus's own rules.
@Suite struct CSVWireTests {
    @Test func aRowsEventIsAResponseTheBusTakes() throws {
        let rules = EventRules(answers: ["csat"]) { _, answer, _, _ in
            answer.int64 == 4 ? nil : Rejection(.wrongType, at: nil, "must be the number 4")
        }
        let reading = mapping([
            ("comment", "why"), ("segments", ["channel": "channel"]), ("respondent", "who"),
            ("survey", ["constant": "post-ticket"]),
        ])
        let text =
            "id,at,score,why,channel,who\n1,2026-11-02T10:00:00.5+01:00,4,\"a \"\"b\"\"\r\n\t\\ ü\u{1}\",chat,c-1\n"
        var source = try CSVSource(configuration: PluginConfiguration(reading, for: CSVSource.plugin))
        var events: [[UInt8]] = []
        Array(text.utf8).withUnsafeBytes { source.read($0) { if case .event(let bytes) = $0 { events.append(bytes) } } }
        let parser = JSONParser()
        let event = try #require(events.first)
        let message = try rules.read(try parser.parse(event), latest: Int64.max)
        #expect(message.id == "1" && message.source == "/test")
        #expect(Timestamp.text(message.time) == "2026-11-02T09:00:00.500Z")
        let comment = try JSONTree.parse(String(decoding: event, as: UTF8.self))["data"]?["comment"]
        #expect(comment == "a \"b\"\r\n\t\\ ü\u{1}")
    }
}
