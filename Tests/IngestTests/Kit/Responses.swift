import JSON
import Messages

/// Events as integrators send them.
package enum Responses {
    /// 2026-11-21T10:15:00Z.
    package static let moment: Int64 = 1_795_256_100_000

    package static func event(
        _ id: String, csat: JSONTree = 5, at time: Int64 = moment, source: String = "/test",
        segments: [(String, String)] = [], recorded: Int64? = nil, respondent: JSONTree? = nil
    ) -> String {
        var members: [(String, JSONTree)] = [
            ("specversion", "1.0"), ("id", .string(id)), ("source", .string(source)),
            ("type", "tideline.response.v1"), ("time", .string(Timestamp.text(time))),
        ]
        if let recorded { members.append(("recordedtime", .string(Timestamp.text(recorded)))) }
        var data: [(String, JSONTree)] = [
            ("answers", .object([("csat", csat)])), ("segments", .object(segments.map { ($0.0, .string($0.1)) })),
        ]
        if let respondent { data.append(("respondent", respondent)) }
        members.append(("data", .object(data)))
        return JSONTree.object(members).text
    }
}

/// What a receipt says, read back from its line.
package struct Receipt: Equatable, Sendable {
    package let id: String?
    package let status: String
    package let reason: String?
    package let pointer: String?
    package let flags: [String]

    package init(_ line: some StringProtocol) throws {
        let event = try JSONTree.parse(String(line))
        guard event["type"]?.string == "tideline.receipt.v1", let data = event["data"],
            let status = data["status"]?.string
        else { throw MessageError("not a receipt: \(line)") }
        id = data["id"]?.string
        self.status = status
        reason = data["reason"]?.string
        pointer = data["pointer"]?.string
        flags = data["flags"]?.array?.compactMap(\.string) ?? []
    }

    package static func all(in text: String) throws -> [Receipt] {
        try text.split(separator: "\n").map { try Receipt($0) }
    }
}
