import JSON
import PluginKit
import Satisfaction

/// Reads answers onto the steps of a contract's scale: numbers, words of a mapping, and `{"value", "scale"}` objects that
/// say their own scale, which is the contract's, one with a declared conversion, or refused.
struct RatingReader: Sendable {
    let scale: Scale
    let words: [(word: [UInt8], step: Int)]
    let readsStars: Bool
    let booleans: (no: Int, yes: Int)?
    let conversions: [ScaleConversion]
    let rounding: Rounding
    /// What a contract says of the reading, canonical.
    let settings: [(String, JSONTree)]

    /// What becomes of answers that are not whole numbers.
    enum Rounding: String, CaseIterable {
        case refused
        /// To the nearest whole number, halves away from zero.
        case nearest
    }

    /// The keys a plugin adds to its defaults to let its answers be read.
    static let defaults: [(String, JSONTree)] = [
        ("answer", nil),  // name of the answer; null: the metric's name up to its first dot
        ("words", nil),  // a named mapping (smileys, stars, good-bad, yes-no, agreement) or {word: answer}
        ("convert", nil),  // {other scale: linear | {answer: answer}}; other scales are refused
        ("fractions", "refused"),  // refused | nearest
    ]

    init(_ configuration: PluginConfiguration, scale: Scale) throws(PluginConfigurationError) {
        self.scale = scale
        let mapping = try WordMapping(configuration.tree("words"), on: scale)
        words = mapping.words
        readsStars = mapping.readsStars
        booleans = mapping.booleans
        conversions = try ScaleConversion.all(configuration.tree("convert"), to: scale)
        rounding = try configuration.oneOf("fractions", Rounding.self)
        settings =
            configuration.namedAnswer
            + [
                ("convert", configuration.tree("convert")),
                ("fractions", configuration.tree("fractions")),
                ("words", configuration.tree("words")),
            ].filter { $0.1 != .null }
    }

    /// Reads answers of a scale as they are: whole numbers and nothing else.
    init(plain scale: Scale) {
        self.scale = scale
        words = []
        readsStars = false
        booleans = nil
        conversions = []
        rounding = .refused
        settings = []
    }

    static func input(_ configuration: PluginConfiguration) throws(PluginConfigurationError) -> MetricInput {
        .answer(try configuration.optionalString("answer"))
    }

    /// Index of the answer on the scale, `0 ..< scale.steps`. Allocates only when it throws.
    func step(of answer: JSONValue) throws(AnswerRefusal) -> Int {
        if let whole = answer.int64 { return try step(ofWhole: whole, member: nil) }
        if answer.object != nil { return try step(ofDescribed: answer) }
        return try step(ofValue: answer, member: nil)
    }

    private func step(ofDescribed answer: JSONValue) throws(AnswerRefusal) -> Int {
        guard let value = answer.member(named: "value") else {
            throw AnswerRefusal(reason: .wrongType, sentence: "must have a member \"value\" on \(scale)")
        }
        guard let named = answer.member(named: "scale") else { return try step(ofValue: value, member: "value") }
        guard let text = named.string, let given = Scale(text.text) else {
            throw AnswerRefusal(
                reason: .wrongType, sentence: "must be a scale such as \"\(scale)\"", member: "scale")
        }
        if given == scale { return try step(ofValue: value, member: "value") }
        guard let conversion = conversions.first(where: { $0.from == given }) else {
            let declared =
                conversions.isEmpty
                ? ""
                : ", and conversions are declared from "
                    + conversions.map(\.from.description).joined(separator: ", ")
            throw AnswerRefusal(
                reason: .otherScale,
                sentence:
                    "is \(given), but this metric's contract is on \(scale)\(declared); send \(scale), or declare the "
                    + "conversion under convert", member: "scale")
        }
        let reader = RatingReader(plain: given)
        return conversion.steps[try reader.step(ofValue: value, member: "value")]
    }

    private func step(ofValue answer: JSONValue, member: String?) throws(AnswerRefusal) -> Int {
        if let whole = answer.int64 { return try step(ofWhole: whole, member: member) }
        if let number = answer.double { return try step(ofFraction: number, member: member) }
        if let word = answer.string { return try step(ofWord: word, member: member) }
        if let truth = answer.bool, let booleans { return truth ? booleans.yes : booleans.no }
        throw AnswerRefusal(
            reason: .wrongType, sentence: "must be a whole number on \(scale), not \(answer.kind)", member: member)
    }

    private func step(ofWhole whole: Int64, member: String?) throws(AnswerRefusal) -> Int {
        let step = whole.subtractingReportingOverflow(Int64(scale.lowest))
        guard !step.overflow, step.partialValue >= 0, step.partialValue < scale.steps else {
            throw AnswerRefusal(
                reason: .outsideScale, sentence: "is \(whole), but the scale is \(scale)", member: member)
        }
        return Int(step.partialValue)
    }

    private func step(ofFraction number: Double, member: String?) throws(AnswerRefusal) -> Int {
        guard rounding == .nearest else {
            throw AnswerRefusal(
                reason: .notWhole, sentence: "is \(number), but must be a whole number on \(scale)", member: member)
        }
        guard let whole = Int64(exactly: number.rounded()) else {
            throw AnswerRefusal(
                reason: .outsideScale, sentence: "is \(number), but the scale is \(scale)", member: member)
        }
        return try step(ofWhole: whole, member: member)
    }

    private func step(ofWord word: JSONString, member: String?) throws(AnswerRefusal) -> Int {
        for known in words where WordMapping.equal(word.bytes, known.word) { return known.step }
        if readsStars, let stars = WordMapping.stars(word.bytes) { return try step(ofWhole: stars, member: member) }
        guard !words.isEmpty || readsStars else {
            throw AnswerRefusal(
                reason: .wrongType, sentence: "must be a whole number on \(scale), not a string", member: member)
        }
        let known = words.prefix(20).map { "\"\(String(decoding: $0.word, as: UTF8.self))\"" }.joined(separator: ", ")
        throw AnswerRefusal(
            reason: .unknownWord,
            sentence:
                "is \"\(String(word.text.prefix(40)))\", but the words known are: \(readsStars ? "★ to ★★★★★" : known)",
            member: member)
    }
}

/// A declared rule by which answers on another scale count on a contract's.
struct ScaleConversion: Sendable {
    let from: Scale
    /// Step on the contract's scale, by step on the other.
    let steps: [Int]

    static func all(_ tree: JSONTree, to scale: Scale) throws(PluginConfigurationError) -> [ScaleConversion] {
        if tree == .null { return [] }
        guard let members = tree.object else {
            throw PluginConfigurationError(
                key: "convert", sentence: "must map other scales to linear or a table, such as {1..10: linear}")
        }
        var all: [ScaleConversion] = []
        for (name, rule) in members {
            guard let from = Scale(name), from != scale else {
                throw PluginConfigurationError(
                    key: "convert",
                    sentence: "has \"\(name)\", which must be a scale other than \(scale), such as 1..10")
            }
            guard !all.contains(where: { $0.from == from }) else {
                throw PluginConfigurationError(key: "convert", sentence: "has \(from) twice")
            }
            all.append(ScaleConversion(from: from, steps: try steps(rule, from, scale)))
        }
        return all
    }

    private static func steps(
        _ rule: JSONTree, _ from: Scale, _ to: Scale
    ) throws(PluginConfigurationError) -> [Int] {
        if rule.string == "linear" {
            // Ends fall on ends; between them to the nearest step, halves up.
            return (0..<from.steps).map { (2 * $0 * (to.steps - 1) + from.steps - 1) / (2 * (from.steps - 1)) }
        }
        guard let table = rule.object else {
            throw PluginConfigurationError(
                key: "convert", sentence: "\(from) must be \"linear\" or a table of all its answers")
        }
        var steps = [Int?](repeating: nil, count: from.steps)
        for (name, target) in table {
            guard let given = Int(name), from.contains(given) else {
                throw PluginConfigurationError(key: "convert", sentence: "\(from) has no answer \"\(name)\"")
            }
            guard let answer = target.int64, let step = Int(exactly: answer), to.contains(step) else {
                throw PluginConfigurationError(
                    key: "convert", sentence: "\(from): \(given) must become a whole number on \(to)")
            }
            steps[given - from.lowest] = step - to.lowest
        }
        if let missing = steps.firstIndex(where: { $0 == nil }) {
            throw PluginConfigurationError(
                key: "convert",
                sentence: "\(from) lacks the answer \(missing + from.lowest); every answer needs its place")
        }
        return steps.map { $0! }
    }
}
