import JSON
import PluginKit

/// A measured value as tallies hold it: exact to a millionth of its unit.
struct MeasuredValue: Hashable, Comparable, Sendable {
    /// The largest whole number not above the value, within ±``magnitudeMax``.
    let whole: Int64
    /// What is left of it, in millionths, 0...999_999.
    let millionths: Int64

    /// Largest magnitude of a value, in its unit.
    static let magnitudeMax: Int64 = 1_000_000_000_000

    /// Which values a measure may take.
    enum Sign: Sendable {
        /// Counts and durations.
        case notNegative
        /// Amounts of money, where refunds are negative.
        case any
    }

    init(whole: Int64, millionths: Int64 = 0) {
        self.whole = whole
        self.millionths = millionths
    }

    /// - Parameter number: finite and of a magnitude up to ``magnitudeMax``; rounded to the nearest millionth.
    init(rounding number: Double) {
        let floor = number.rounded(.down)
        let rest = Int64(((number - floor) * 1_000_000).rounded())
        whole = Int64(floor) + rest / 1_000_000
        millionths = rest % 1_000_000
    }

    /// A number; true and false as 1 and 0; or `{"from", "to"}`, whose value is the seconds between them.
    /// Allocates only when it throws.
    init(_ value: JSONValue, _ sign: Sign) throws(AnswerRefusal) {
        if let truth = value.bool {
            self.init(whole: truth ? 1 : 0)
        } else if let number = value.double {
            guard number.magnitude <= Double(Self.magnitudeMax) else {
                throw AnswerRefusal(
                    reason: .outsideScale, sentence: "is \(number), but a measured value lies within ±1e12")
            }
            guard number >= 0 || sign == .any else {
                throw AnswerRefusal(reason: .outsideScale, sentence: "is \(number), but must not be below 0")
            }
            if let whole = value.int64 { self.init(whole: whole) } else { self.init(rounding: number) }
        } else if value.object != nil {
            try self.init(duration: value)
        } else {
            throw AnswerRefusal(
                reason: .wrongType,
                sentence: "must be a number, true or false, or a duration {\"from\", \"to\"}, not \(value.kind)")
        }
    }

    private init(duration: JSONValue) throws(AnswerRefusal) {
        let from = try Self.moment("from", of: duration)
        let to = try Self.moment("to", of: duration)
        guard to >= from else {
            throw AnswerRefusal(reason: .outsideScale, sentence: "is before \"from\"", member: "to")
        }
        self.init(whole: (to - from) / 1_000_000, millionths: (to - from) % 1_000_000)
    }

    private static func moment(_ name: StaticString, of duration: JSONValue) throws(AnswerRefusal) -> Int64 {
        guard let end = duration.member(named: name) else {
            throw AnswerRefusal(
                reason: .wrongType, sentence: "is missing; a duration needs \"from\" and \"to\"", member: "\(name)")
        }
        guard let text = end.string, let moment = MeasuredMoment.microseconds(text) else {
            throw AnswerRefusal(
                reason: .wrongType,
                sentence: "must be an RFC 3339 time with seconds and zone, such as 2026-11-21T10:15:30Z",
                member: "\(name)")
        }
        return moment
    }

    var number: Double { Double(whole) + Double(millionths) / 1_000_000 }

    static func < (left: MeasuredValue, right: MeasuredValue) -> Bool {
        (left.whole, left.millionths) < (right.whole, right.millionths)
    }

    static let durationSchema: JSONTree = [
        "type": "object", "required": ["from", "to"],
        "properties": [
            "from": ["type": "string", "format": "date-time"], "to": ["type": "string", "format": "date-time"],
        ],
    ]

    /// What a value looks like to senders.
    static func schema(_ sign: Sign) -> JSONTree {
        let lowest = sign == .any ? -magnitudeMax : 0
        return [
            "anyOf": [
                ["type": "number", "minimum": .integer(lowest), "maximum": .integer(magnitudeMax)],
                ["type": "boolean"],
                durationSchema,
            ]
        ]
    }
}
