import JSON
import Satisfaction

/// What integrators send. The raw value stands between `tideline.` and `.v1`.
package enum IncomingType: String, Sendable, CaseIterable {
    /// What a customer answered.
    case response
    /// Operational values: response times, requests, sales.
    case measure
    /// Somebody was asked.
    case invitation

    /// The type of an event that has one of these; nil for others.
    package init?(_ text: JSONString) {
        switch text {
        case "tideline.response.v1": self = .response
        case "tideline.measure.v1": self = .measure
        case "tideline.invitation.v1": self = .invitation
        default: return nil
        }
    }
}

/// The members of an incoming event that decide its fate; valid until the parser's next document.
package struct EventMessage {
    package let type: IncomingType
    package let source: JSONString
    package let id: JSONString
    /// When the customer answered, the measured thing happened or the customer was asked, milliseconds since 1970.
    package let time: Int64
    /// The extension attribute `recordedtime`, where present.
    package let recordedTime: Int64?
    package let respondent: JSONString?
}

/// What an incoming event is checked against.
///
/// Checks are complete: an event that passes is counted under this set without further questions.
package struct EventRules {
    package struct Limits: Sendable {
        package var idBytesMax = 256
        package var sourceBytesMax = 256
        package var surveyBytesMax = 256
        package var respondentBytesMax = 256
        package var segmentBytesMax = 256
        package var segmentsMax = 64
        package var measuresMax = 64
        package var commentBytesMax = 16_384
        package init() {}
    }

    /// Decides whether an answer or measured value counts; `name` is its place among the names given.
    ///
    /// Must not keep the value.
    package typealias ValueCheck = (_ name: Int, _ value: JSONValue, _ time: Int64, _ data: JSONValue) -> Rejection?

    private let answers: [[UInt8]]
    private let measures: [[UInt8]]
    private let limits: Limits
    private let checkAnswer: ValueCheck
    private let checkMeasure: ValueCheck

    /// - Parameters:
    ///   - answers: names of the answers that configured metrics are made of.
    ///   - measures: names of the measured values that configured metrics are made of.
    package init(
        answers: [String], measures: [String] = [], limits: Limits = Limits(), checkAnswer: @escaping ValueCheck,
        checkMeasure: @escaping ValueCheck = { _, _, _, _ in nil }
    ) {
        self.answers = answers.map { Array($0.utf8) }
        self.measures = measures.map { Array($0.utf8) }
        self.limits = limits
        self.checkAnswer = checkAnswer
        self.checkMeasure = checkMeasure
    }

    /// Reads and checks one event.
    ///
    /// - Parameters:
    ///   - root: the whole event.
    ///   - latest: stamps after this moment (ms since 1970) are refused.
    package func read(_ root: JSONValue, latest: Int64) throws(Rejection) -> EventMessage {
        guard let event = root.object else {
            throw Rejection(.notObject, at: "", "an event is a JSON object, not \(root.kind.article)")
        }
        if let duplicate = root.validateNoDuplicateMembers() {
            throw Rejection(.duplicateMember, at: "\(duplicate)", "this member stands twice in its object")
        }
        var id: JSONString?
        var source: JSONString?
        var specification: JSONValue?
        var type: JSONValue?
        var time: Int64?
        var recorded: Int64?
        var data: JSONValue?
        for member in event {
            switch member.name.count {
            case 2 where member.name == "id":
                id = try text(member.value, "/id", max: limits.idBytesMax)
            case 4 where member.name == "type": type = member.value
            case 4 where member.name == "time": time = try moment(member.value, "/time", latest: latest)
            case 4 where member.name == "data": data = member.value
            case 6 where member.name == "source":
                source = try text(member.value, "/source", max: limits.sourceBytesMax)
            case 11 where member.name == "specversion": specification = member.value
            case 12 where member.name == "recordedtime":
                recorded = try moment(member.value, "/recordedtime", latest: latest)
            default: break
            }
        }
        try checkSpecification(specification)
        let kind = try checkType(type)
        guard let id else { throw missing("/id", "a text that names this event, unique within its source") }
        guard let source else { throw missing("/source", "a text that names where events come from") }
        guard let time else { throw missing("/time", "when it happened, such as 2026-11-21T10:15:30Z") }
        guard let data else { throw missing("/data", "an object") }
        let respondent = try checkData(data, of: kind, time: time, latest: latest)
        return EventMessage(
            type: kind, source: source, id: id, time: time, recordedTime: recorded, respondent: respondent)
    }

    private func checkSpecification(_ value: JSONValue?) throws(Rejection) {
        guard let value else { throw missing("/specversion", "\"1.0\"") }
        guard let text = value.string else { throw wrongType("/specversion", "the text \"1.0\"", value) }
        guard text == "1.0" else {
            throw Rejection(.unknownVersion, at: "/specversion", "is \"\(text.excerpt)\", but must be \"1.0\"")
        }
    }

    private func checkType(_ value: JSONValue?) throws(Rejection) -> IncomingType {
        guard let value else { throw missing("/type", "\"tideline.response.v1\"") }
        guard let text = value.string else { throw wrongType("/type", "a text", value) }
        guard let type = IncomingType(text) else {
            let known = IncomingType.allCases.contains { text.text.hasPrefix("tideline.\($0.rawValue).") }
            throw Rejection(
                known ? .unknownVersion : .unknownType, at: "/type",
                "is \"\(text.excerpt)\", but this entrance takes \"tideline.response.v1\", \"tideline.measure.v1\" and "
                    + "\"tideline.invitation.v1\"")
        }
        return type
    }

    /// - Returns: the respondent, where one is named.
    private func checkData(
        _ data: JSONValue, of type: IncomingType, time: Int64, latest: Int64
    ) throws(Rejection) -> JSONString? {
        guard let members = data.object else { throw wrongType("/data", "an object", data) }
        var hasValues = false
        var respondent: JSONString?
        for member in members {
            switch member.name.count {
            case 7 where type == .response && member.name == "answers":
                try checkAnswers(member.value, time, data)
                hasValues = true
            case 8 where type == .measure && member.name == "measures":
                try checkMeasures(member.value, time, data)
                hasValues = true
            case 8 where member.name == "segments": try checkSegments(member.value)
            case 7 where member.name == "comment":
                try optionalText(member.value, "/data/comment", max: limits.commentBytesMax)
            case 6 where member.name == "survey":
                try optionalText(member.value, "/data/survey", max: limits.surveyBytesMax)
            case 10 where member.name == "respondent":
                try optionalText(member.value, "/data/respondent", max: limits.respondentBytesMax)
                respondent = member.value.string
            case 11 where member.name == "interaction":
                _ = try moment(member.value, "/data/interaction", latest: latest)
            case 7 where member.name == "invited":
                _ = try moment(member.value, "/data/invited", latest: latest)
            default: break
            }
        }
        guard hasValues || type == .invitation else {
            throw type == .response
                ? missing("/data/answers", "an object such as {\"csat\":4}")
                : missing("/data/measures", "an object such as {\"firstResponseTime\":125.5}")
        }
        return respondent
    }

    private func checkAnswers(_ value: JSONValue, _ time: Int64, _ data: JSONValue) throws(Rejection) {
        let count = try checkValues(
            value, "answers", answers, .unknownMetric, "answer", "answers in use are", checkAnswer, time, data)
        guard count > 0 else {
            throw Rejection(.empty, at: "/data/answers", "has no answer, but must have at least one")
        }
    }

    private func checkMeasures(_ value: JSONValue, _ time: Int64, _ data: JSONValue) throws(Rejection) {
        let count = try checkValues(
            value, "measures", measures, .unknownMeasure, nil, "measures in use are", checkMeasure, time, data)
        guard count > 0 else {
            throw Rejection(.empty, at: "/data/measures", "has no measure, but must have at least one")
        }
        guard count <= limits.measuresMax else {
            throw Rejection(
                .tooMany, at: "/data/measures", "has \(count) measures, but at most \(limits.measuresMax) are taken")
        }
    }

    /// Checks every value of an object of named ones.
    /// - Returns: how many there are.
    private func checkValues(
        _ value: JSONValue, _ member: String, _ names: [[UInt8]], _ unknown: Rejection.Reason, _ kind: String?,
        _ inUse: String, _ check: ValueCheck, _ time: Int64, _ data: JSONValue
    ) throws(Rejection) -> Int {
        guard let given = value.object else { throw wrongType("/data/\(member)", "an object", value) }
        var count = 0
        for entry in given {
            count += 1
            guard let name = names.firstIndex(where: { entry.name.equals($0) }) else {
                let called = kind.map { "the \($0) " } ?? ""
                throw Rejection(
                    unknown, at: "\(JSONPointer("data", .name(member), .name(entry.name.text)))",
                    "no configured metric is made of \(called)\"\(entry.name.excerpt)\"; \(inUse): \(Self.list(names))")
            }
            if let refusal = check(name, entry.value, time, data) { throw refusal }
        }
        return count
    }

    private static func list(_ names: [[UInt8]]) -> String {
        names.isEmpty ? "none" : names.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ", ")
    }

    private func checkSegments(_ value: JSONValue) throws(Rejection) {
        guard let segments = value.object else { throw wrongType("/data/segments", "an object", value) }
        var count = 0
        for segment in segments {
            count += 1
            if let text = segment.value.string, text.count > 0, text.count <= limits.segmentBytesMax {
                if !text.bytes.contains(where: { $0 < 0x20 || $0 == 0x7F }) { continue }
                throw Rejection(
                    .wrongType, at: "\(JSONPointer("data", "segments", .name(segment.name.text)))",
                    "has a control character, but must be a plain text")
            }
            _ = try text(
                segment.value, "\(JSONPointer("data", "segments", .name(segment.name.text)))",
                max: limits.segmentBytesMax)
        }
        if count > limits.segmentsMax {
            throw Rejection(
                .tooMany, at: "/data/segments", "has \(count) segments, but at most \(limits.segmentsMax) are taken")
        }
    }

    // MARK: Pieces

    private func text(_ value: JSONValue, _ pointer: String, max: Int) throws(Rejection) -> JSONString {
        guard let text = value.string else { throw wrongType(pointer, "a text", value) }
        guard text.count > 0 else { throw Rejection(.empty, at: pointer, "is empty, but must be a text") }
        guard text.count <= max else {
            throw Rejection(.tooLong, at: pointer, "has \(text.count) bytes, but at most \(max) are taken")
        }
        return text
    }

    private func optionalText(_ value: JSONValue, _ pointer: String, max: Int) throws(Rejection) {
        if value.isNull { return }
        guard let text = value.string else { throw wrongType(pointer, "a text", value) }
        guard text.count <= max else {
            throw Rejection(.tooLong, at: pointer, "has \(text.count) bytes, but at most \(max) are taken")
        }
    }

    private func moment(_ value: JSONValue, _ pointer: String, latest: Int64) throws(Rejection) -> Int64 {
        guard let text = value.string else { throw wrongType(pointer, "a text", value) }
        guard let moment = Timestamp.read(text.bytes) else {
            throw Rejection(
                .badTime, at: pointer,
                "\"\(text.excerpt)\" is not an RFC 3339 time with seconds and zone, such as 2026-11-21T10:15:30Z")
        }
        guard moment >= Timestamp.earliest else {
            throw Rejection(.timeTooOld, at: pointer, "\"\(text.excerpt)\" is before the year 2000")
        }
        guard moment <= latest else {
            throw Rejection(.timeAhead, at: pointer, "\"\(text.excerpt)\" is more than a day ahead of this clock")
        }
        return moment
    }

    private func missing(_ pointer: String, _ what: String) -> Rejection {
        Rejection(.missing, at: pointer, "is missing, but must be \(what)")
    }

    private func wrongType(_ pointer: String, _ what: String, _ value: JSONValue) -> Rejection {
        Rejection(.wrongType, at: pointer, "is \(value.kind.article), but must be \(what)")
    }
}

extension JSONString {
    /// At most 64 bytes of the text, for messages to people.
    package var excerpt: String { count <= 64 ? text : String(decoding: bytes.prefix(64), as: UTF8.self) + "…" }

    package func equals(_ other: [UInt8]) -> Bool {
        count == other.count && other.withUnsafeBytes { equals($0) }
    }

    package func hasPrefix(_ prefix: StaticString) -> Bool {
        count >= prefix.utf8CodeUnitCount
            && prefix.withUTF8Buffer { UnsafeBufferPointer(rebasing: bytes[..<$0.count]).elementsEqual($0) }
    }
}

extension JSONKind {
    /// "a number", "an object": the kind in a sentence.
    package var article: String {
        switch self {
        case .null: "null"
        case .bool: "true or false"
        case .number: "a number"
        case .string: "a text"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
