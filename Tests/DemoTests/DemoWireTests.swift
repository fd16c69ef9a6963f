import Demo
import JSON
import Messages
import MetricPlugins
import PluginKit
import Testing

/// The sample against the bus's own rules and the CSAT contract: what it says of each line is what ingest will say.
@Suite struct DemoWireTests {
    @Test func everyLineIsTakenOrRejectedAsItSays() throws {
        let plugin = CustomerSatisfaction.plugin
        let metric = try CustomerSatisfaction(configuration: PluginConfiguration(plugin.defaults, for: plugin))
        let rules = EventRules(answers: ["csat"]) { _, answer, time, data in
            do throws(AnswerRefusal) {
                var sums = Contributions()
                try metric.count(answer, input: 0, of: MetricEvent(time: time, data: data), into: &sums)
                return nil
            } catch {
                return Rejection(Rejection.Reason(rawValue: error.reason.rawValue)!, at: nil, error.sentence)
            }
        }
        let parser = JSONParser()
        var rejected = 0
        for line in DemoSample(seed: 11, days: 14) {
            // Nothing may be stamped after its arrival.
            let reason = Self.reason(line, rules, parser)
            switch line.kind {
            case .response, .redelivery: #expect(reason == nil)
            case .flawed(let flaw):
                #expect(reason == flaw.rawValue)
                rejected += 1
            }
        }
        #expect(rejected > 5)
    }

    private static func reason(_ line: DemoLine, _ rules: EventRules, _ parser: JSONParser) -> String? {
        do {
            let message = try rules.read(try parser.parse(line.bytes), latest: line.arrival)
            return message.recordedTime == line.arrival && message.time < line.arrival ? nil : "stamps"
        } catch let rejection as Rejection {
            return rejection.reason.rawValue
        } catch {
            return "syntax"
        }
    }
}
