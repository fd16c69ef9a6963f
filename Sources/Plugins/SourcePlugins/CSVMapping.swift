import JSON
import PluginKit
import Satisfaction

/// What a mapping file says about one kind of CSV export.
struct CSVMapping: Sendable {
    struct Answer: Sendable {
        let metric: String
        let cell: CellReference
        /// What each word of the column stands for; empty when cells are taken as they are.
        let values: [String: JSONTree]
        /// Sent along for metrics that check it, such as "1..5".
        let scale: String?
    }

    struct SkipRule: Sendable {
        enum Condition: Sendable {
            case equals([String])
            case empty
        }
        let cell: CellReference
        let condition: Condition
        let reason: String
    }

    /// Nil to guess it from the first row.
    let delimiter: CSVDelimiter?
    let headerRows: Int
    let source: String
    let identity: RowIdentity
    let time: TimeMapping
    let answers: [Answer]
    let segments: [(dimension: String, cell: CellReference)]
    let comment: CellReference?
    let respondent: CellReference?
    let survey: CellReference?
    let skipWhen: [SkipRule]

    static let headerRowsMax = 20

    init(_ configuration: PluginConfiguration) throws(PluginConfigurationError) {
        let fields = try ConfigurationNode(configuration.effective, key: "").rootFields()
        let delimiterNode = try fields.required("delimiter")
        guard let delimiter = CSVDelimiter.setting(try delimiterNode.text()) else {
            throw delimiterNode.problem("must be one of: auto, \",\", \";\", tab")
        }
        self.delimiter = delimiter
        headerRows = try fields.required("headerRows").integer(in: 0...Self.headerRowsMax)
        guard let sourceNode = fields["source"] else {
            throw PluginConfigurationError(
                key: "source", sentence: "is required: the name of where these answers come from, such as /shop/reviews"
            )
        }
        source = try sourceNode.text()
        identity = try RowIdentity(try fields.required("id"))
        guard let timeNode = fields["time"] else {
            throw PluginConfigurationError(
                key: "time", sentence: "is required, as in {column: answered_at, formats: [rfc3339]}")
        }
        time = try Self.time(timeNode)
        guard let answersNode = fields["answers"] else {
            throw PluginConfigurationError(key: "answers", sentence: "is required, as in {csat: {column: score}}")
        }
        answers = try Self.answers(answersNode)
        segments = try Self.segments(fields["segments"])
        comment = try Self.optionalCell(fields["comment"])
        respondent = try Self.optionalCell(fields["respondent"])
        survey = try Self.optionalCell(fields["survey"])
        skipWhen = try Self.skipRules(fields["skipWhen"])
    }

    /// Every cell the mapping reads, with the setting that names it.
    var references: [(setting: String, cell: CellReference)] {
        var all = identity.references.map { (setting: "id", cell: $0) }
        all.append((setting: "time", cell: time.column))
        all += answers.map { (setting: "answers.\($0.metric)", cell: $0.cell) }
        all += segments.map { (setting: "segments.\($0.dimension)", cell: $0.cell) }
        for (setting, cell) in [("comment", comment), ("respondent", respondent), ("survey", survey)] {
            if let cell { all.append((setting: setting, cell: cell)) }
        }
        return all + skipWhen.enumerated().map { (setting: "skipWhen[\($0)]", cell: $1.cell) }
    }

    private static func optionalCell(_ node: ConfigurationNode?) throws(PluginConfigurationError) -> CellReference? {
        guard let node else { return nil }
        return try CellReference(node)
    }

    private static func time(_ node: ConfigurationNode) throws(PluginConfigurationError) -> TimeMapping {
        let fields = try node.fields(["column", "position", "formats", "zone", "timeOfDay"])
        let formats = try fields["formats"].map(timeFormats) ?? [.rfc3339]
        var zone = TimeZoneTable.utc
        if let zoneNode = fields["zone"] {
            let name = try zoneNode.text()
            guard let named = TimeZoneTable(named: name) else {
                throw zoneNode.problem("is \"\(name)\", which is no IANA time zone such as Europe/Berlin or UTC")
            }
            zone = named
        }
        return TimeMapping(
            column: try CellReference(fields), formats: formats, zone: zone,
            minuteOfDay: try fields["timeOfDay"].map(minuteOfDay) ?? 12 * 60)
    }

    private static func timeFormats(_ node: ConfigurationNode) throws(PluginConfigurationError) -> [TimeFormat] {
        var formats: [TimeFormat] = []
        for element in try node.elements() {
            let text = try element.text()
            do throws(TimeFormat.Problem) {
                formats.append(try TimeFormat(text))
            } catch {
                throw element.problem(error.sentence)
            }
        }
        guard !formats.isEmpty else { throw node.problem("must name a format") }
        return formats
    }

    /// Reads "12:00"; YAML 1.1 reads an unquoted 12:00 as the number 720, which is the same minute.
    private static func minuteOfDay(_ node: ConfigurationNode) throws(PluginConfigurationError) -> Int {
        if case .integer = node.tree { return try node.integer(in: 0...1439) }
        let parts = try node.text().split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ (1...2).contains($0.utf8.count) }), let hour = Int(parts[0]),
            let minute = Int(parts[1]), (0..<24).contains(hour), (0..<60).contains(minute)
        else { throw node.problem("must be a time of day such as \"12:00\"") }
        return hour * 60 + minute
    }

    private static func answers(_ node: ConfigurationNode) throws(PluginConfigurationError) -> [Answer] {
        var answers: [Answer] = []
        for (metric, node) in try node.members("metrics to columns") {
            guard case .object = node.tree else {
                answers.append(Answer(metric: metric, cell: try CellReference(node), values: [:], scale: nil))
                continue
            }
            let fields = try node.fields(["column", "position", "values", "scale"])
            var values: [String: JSONTree] = [:]
            for (word, value) in try fields["values"]?.members("cell texts to answers") ?? [] {
                switch value.tree {
                case .integer, .number, .string: values[word] = value.tree
                default: throw value.problem("must be a number or a word")
                }
            }
            answers.append(
                Answer(
                    metric: metric, cell: try CellReference(fields), values: values,
                    scale: try fields["scale"].map { (scale) throws(PluginConfigurationError) in try scale.text() }))
        }
        guard !answers.isEmpty else { throw node.problem("must name a metric and its column, as in {csat: score}") }
        return answers
    }

    private static func segments(
        _ node: ConfigurationNode?
    ) throws(PluginConfigurationError) -> [(dimension: String, cell: CellReference)] {
        var segments: [(dimension: String, cell: CellReference)] = []
        for (dimension, node) in try node?.members("dimensions to columns") ?? [] {
            segments.append((dimension, try CellReference(node)))
        }
        return segments
    }

    private static func skipRules(_ node: ConfigurationNode?) throws(PluginConfigurationError) -> [SkipRule] {
        var rules: [SkipRule] = []
        for element in try node?.elements() ?? [] {
            let fields = try element.fields(["column", "position", "equals", "empty", "reason"])
            let condition: SkipRule.Condition
            switch (fields["equals"], fields["empty"]) {
            case (let equals?, nil): condition = .equals(try words(equals))
            case (nil, let empty?):
                guard empty.tree == .bool(true) else { throw empty.problem("can only be true") }
                condition = .empty
            default: throw element.problem("needs exactly one of equals (a text or a list of texts) and empty: true")
            }
            let reason = try fields.required("reason").text()
            rules.append(SkipRule(cell: try CellReference(fields), condition: condition, reason: reason))
        }
        return rules
    }

    private static func words(_ node: ConfigurationNode) throws(PluginConfigurationError) -> [String] {
        guard case .array = node.tree else { return [try word(node)] }
        var words: [String] = []
        for element in try node.elements() { words.append(try word(element)) }
        return words
    }

    /// A text as a cell would show it, empty or not; YAML reads an unquoted `1` as a number.
    private static func word(_ node: ConfigurationNode) throws(PluginConfigurationError) -> String {
        if case .string(let text) = node.tree { return text }
        return try node.text()
    }
}

extension TimeFormat {
    static let rfc3339 = try! TimeFormat("rfc3339")
}

extension ConfigurationNode {
    /// The top of the configuration, whose keys ``PluginConfiguration`` has already checked.
    fileprivate func rootFields() throws(PluginConfigurationError) -> ConfigurationFields {
        guard case .object(let members) = tree else { throw problem("must be a mapping of settings") }
        return ConfigurationFields(key: "", members: members.map { ($0.0, ConfigurationNode($0.1, key: $0.0)) })
    }
}
