import JSON
import PluginKit
import Satisfaction

/// Reads the parts of an index's answer. Allocates only when it throws.
enum ComponentReading {
    /// A member that must be an object.
    /// - Parameter example: what the whole answer looks like, for the sender.
    static func object(
        _ value: JSONValue?, _ member: @autoclosure () -> String?, example: @autoclosure () -> String
    ) throws(AnswerRefusal) -> JSONObject {
        guard let object = value?.object else {
            throw AnswerRefusal(
                reason: .wrongType, sentence: "\(mustNotBe(value, "an object")); an answer looks like \(example())",
                member: value == nil ? nil : member())
        }
        return object
    }

    /// The step of a whole number on a scale, `0 ..< scale.steps`.
    static func step(
        _ value: JSONValue, on scale: Scale, _ member: @autoclosure () -> String
    ) throws(AnswerRefusal) -> Int {
        guard let whole = value.int64 else {
            let isFraction = value.double.map { $0.rounded() != $0 } ?? false
            if let number = value.double, !isFraction {
                throw AnswerRefusal(
                    reason: .outsideScale, sentence: "is \(number), but the scale is \(scale)", member: member())
            }
            throw AnswerRefusal(
                reason: isFraction ? .notWhole : .wrongType,
                sentence: "must be a whole number on \(scale), not \(isFraction ? "a fraction" : "\(value.kind)")",
                member: member())
        }
        let (step, overflows) = whole.subtractingReportingOverflow(Int64(scale.lowest))
        guard !overflows, step >= 0, step < scale.steps else {
            throw AnswerRefusal(
                reason: .outsideScale, sentence: "is \(whole), but the scale is \(scale)", member: member())
        }
        return Int(step)
    }

    /// A component that the answer names and has not named before.
    /// - Parameter path: the member that holds components by name, such as "components".
    static func place(
        of name: JSONString, among components: IndexComponents, _ named: inout NamedComponents, _ path: StaticString
    ) throws(AnswerRefusal) -> Int {
        guard let place = components.place(of: name) else {
            throw unknown(name, among: components, member: self.path("\(path)", name))
        }
        guard named.insert(place) else {
            throw AnswerRefusal(
                reason: .wrongType, sentence: "is there twice; name a component once",
                member: self.path("\(path)", name))
        }
        return place
    }

    static func unknown(_ name: JSONString, among components: IndexComponents, member: String) -> AnswerRefusal {
        AnswerRefusal(
            reason: .unknownWord,
            sentence: "\"\(name.text.prefix(IndexComponents.nameBytesMax))\" is no component; the components are: "
                + components.names.joined(separator: ", "),
            member: member)
    }

    static func nothing(_ member: String) -> AnswerRefusal {
        AnswerRefusal(
            reason: .wrongType,
            sentence: "is empty, but must hold at least one component; leave the answer out where there "
                + "is none", member: member)
    }

    /// A name that cannot stand in a path, or is too long to repeat, is pointed at by what holds it.
    private static func path(_ path: String, _ name: JSONString) -> String {
        let isPlain =
            !name.isEmpty && name.count <= IndexComponents.nameBytesMax && !name.bytes.contains(UInt8(ascii: "/"))
        return isPlain ? "\(path)/\(name.text)" : path
    }

    private static func mustNotBe(_ value: JSONValue?, _ what: String) -> String {
        value.map { "must be \(what), not \($0.kind)" } ?? "is not there, but must be \(what)"
    }
}
