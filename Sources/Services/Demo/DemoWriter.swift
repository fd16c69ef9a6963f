import Foundation
import JSON

/// Writes the sample's answers as events of the bus.
struct DemoWriter {
    private let prefix: String
    /// The date part of the last stamp and the day it belongs to, as days since 1970.
    private var dayText = ""
    private var day = Int64.min

    /// - Parameter seed: part of every id, so that samples of two seeds do not pass for redeliveries of each other.
    init(seed: UInt64) { prefix = String(seed, radix: 36) }

    mutating func bytes(of answer: DemoAnswer, _ kind: DemoLine.Kind, at arrival: Int64) -> [UInt8] {
        guard case .flawed(let flaw) = kind else { return Array(event(answer, arrival).text.utf8) }
        let id = "\(prefix)-x\(answer.number)"
        switch flaw {
        case .cutOff:
            let whole = Array(event(answer, arrival, id: id).text.utf8)
            return Array(whole.prefix(whole.count * 2 / 3))
        case .outsideScale: return Array(event(answer, arrival, id: id, answers: ["csat": 7]).text.utf8)
        case .numberAsText: return Array(event(answer, arrival, id: id, answers: ["csat": "4"]).text.utf8)
        case .withoutIdentity: return Array(event(answer, arrival, id: .some(nil)).text.utf8)
        case .unknownMetric: return Array(event(answer, arrival, id: id, answers: ["smileys": 3]).text.utf8)
        case .badTime: return Array(event(answer, arrival, id: id, time: "yesterday").text.utf8)
        }
    }

    /// - Parameter id: nil for the answer's own, `.some(nil)` for none at all.
    private mutating func event(
        _ answer: DemoAnswer, _ arrival: Int64, id: String?? = nil, time: String? = nil, answers: JSONTree? = nil
    ) -> JSONTree {
        let region = DemoCompany.regions[answer.region].name
        var members: [(String, JSONTree)] = [("specversion", "1.0")]
        switch id {
        case nil: members.append(("id", .string("\(prefix)-\(answer.number)")))
        case .some(let given?): members.append(("id", .string(given)))
        case .some(nil): break
        }
        members.append(("source", .string("/demo/helpdesk/\(region)")))
        members.append(("type", "tideline.response.v1"))
        members.append(("time", .string(time ?? stamp(answer.time))))
        members.append(("recordedtime", .string(stamp(arrival))))
        members.append(("datacontenttype", "application/json"))
        var data: [(String, JSONTree)] = [
            ("survey", "after-contact"), ("answers", answers ?? ["csat": .integer(Int64(answer.score))]),
            (
                "segments",
                [
                    "region": .string(region), "channel": .string(DemoCompany.channels[answer.channel].name),
                    "agent": .string(DemoCompany.agentName(region: answer.region, agent: answer.agent)),
                    "product": .string(DemoCompany.products[answer.product].name),
                ]
            ),
        ]
        if let comment = answer.comment { data.append(("comment", .string(comment))) }
        members.append(("data", .object(data)))
        return .object(members)
    }

    /// RFC 3339 with milliseconds; the calendar is asked once a day.
    private mutating func stamp(_ moment: Int64) -> String {
        if moment / 86_400_000 != day {
            day = moment / 86_400_000
            dayText = Date(timeIntervalSince1970: Double(day) * 86_400)
                .formatted(.iso8601.year().month().day().dateSeparator(.dash))
        }
        let rest = Int(moment - day * 86_400_000)
        let parts = [rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
        return "\(dayText)T\(parts.joined(separator: ":")).\(String(1000 + rest % 1000).dropFirst())Z"
    }
}
