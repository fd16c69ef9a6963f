import JSON
import Satisfaction

/// A metric of the set: its name, its plugin and the plugin's effective configuration.
package struct MetricDefinition: Sendable, Equatable {
    package let name: String
    package let kind: String
    package let configuration: JSONTree
    /// An answer here or worse calls for somebody to follow up; nil where nobody is called.
    package let followUp: Double?
    /// An answer here or better makes an advocate.
    package let advocate: Double?
    /// What the score is to reach.
    package let target: TargetPath?

    package init(
        name: String, kind: String, configuration: JSONTree, followUp: Double? = nil, advocate: Double? = nil,
        target: TargetPath? = nil
    ) {
        self.name = name
        self.kind = kind
        self.configuration = configuration
        self.followUp = followUp
        self.advocate = advocate
        self.target = target
    }

    fileprivate var tree: JSONTree {
        var members: [(String, JSONTree)] = [
            ("configuration", configuration), ("kind", .string(kind)), ("name", .string(name)),
        ]
        if let followUp { members.append(("followUp", .number(followUp))) }
        if let advocate { members.append(("advocate", .number(advocate))) }
        if let target { members.append(("target", target.tree)) }
        return .object(members)
    }

    fileprivate init(_ tree: JSONTree) throws(MessageError) {
        let reader = TreeReader(tree, place: "set/metrics")
        name = try reader.string("name")
        kind = try reader.string("kind")
        configuration = try reader.tree("configuration")
        followUp = reader.optional("followUp") == nil ? nil : try reader.number("followUp")
        advocate = reader.optional("advocate") == nil ? nil : try reader.number("advocate")
        guard let path = reader.optional("target") else {
            target = nil
            return
        }
        guard let read = TargetPath(path) else { throw MessageError("set/metrics/target is not a target") }
        target = read
    }
}

/// A score to be reached: one for all time, or a path of one a year, each in force until the next.
package struct TargetPath: Sendable, Equatable {
    /// In the order of years; a single target for all time has the year 0.
    package let values: [(year: Int, value: Double)]

    /// - Returns: nil for anything but a number or a non-empty mapping of years to numbers.
    package init?(_ tree: JSONTree) {
        if let value = tree.double {
            values = [(0, value)]
            return
        }
        guard let members = tree.object, !members.isEmpty else { return nil }
        var values: [(year: Int, value: Double)] = []
        for (name, target) in members {
            guard let year = Int(name), (1...9999).contains(year), let value = target.double else { return nil }
            guard !values.contains(where: { $0.year == year }) else { return nil }
            values.append((year, value))
        }
        self.values = values.sorted { $0.year < $1.year }
    }

    /// The target of a year; nil before the path begins.
    package func value(in year: Int) -> Double? { values.last { $0.year <= year }?.value }

    package var tree: JSONTree {
        if let first = values.first, first.year == 0 { return .number(first.value) }
        return .object(values.map { (String($0.year), .number($0.value)) })
    }

    package static func == (left: TargetPath, right: TargetPath) -> Bool { left.tree == right.tree }
}

/// A rule of the set: which metric is watched, by which detector, on what budget.
package struct RuleDefinition: Sendable, Equatable {
    package let name: String
    package let metric: String
    package let detector: String
    package let configuration: JSONTree
    /// Points of the score.
    package let smallestDip: Double
    package let budget: FalseAlarmBudget
    /// Whether the number of answers is watched too.
    package let volume: Bool
    package init(
        name: String, metric: String, detector: String, configuration: JSONTree, smallestDip: Double,
        budget: FalseAlarmBudget, volume: Bool = true
    ) {
        self.name = name
        self.metric = metric
        self.detector = detector
        self.configuration = configuration
        self.smallestDip = smallestDip
        self.budget = budget
        self.volume = volume
    }
}

/// The set: everything that decides what a block's responses become, journaled by ingest and named by every block.
///
/// Two services that hold the same text compute the same thing.
package struct DefinitionSet: Sendable {
    package let metrics: [MetricDefinition]
    package let dimensions: [String]
    /// Pairs of dimensions whose combinations are series too.
    package let pairs: [[String]]
    /// Dimensions whose combinations are the detectors' cells.
    package let model: [String]
    package let valuesPerDimensionMax: Int
    package let timeZone: String
    package let rules: [RuleDefinition]
    package let stepMilliseconds: Int64
    package let latenessLimitMilliseconds: Int64
    /// How long after its end a window stays provisional.
    package let completenessDelayMilliseconds: Int64
    package static let completenessDelayDefault: Int64 = 3_600_000
    /// Holidays, releases and other notes, in the order of their beginnings.
    package let calendar: [CalendarNote]

    /// Canonical JSON: members in alphabetical order, no white space.
    package let text: [UInt8]
    package let hash: Digest

    package init(
        metrics: [MetricDefinition], dimensions: [String], pairs: [[String]], model: [String],
        valuesPerDimensionMax: Int, timeZone: String, rules: [RuleDefinition], stepMilliseconds: Int64,
        latenessLimitMilliseconds: Int64, completenessDelayMilliseconds: Int64 = completenessDelayDefault,
        calendar: [CalendarNote] = []
    ) {
        self.metrics = metrics
        self.dimensions = dimensions
        self.pairs = pairs
        self.model = model
        self.valuesPerDimensionMax = valuesPerDimensionMax
        self.timeZone = timeZone
        self.rules = rules
        self.stepMilliseconds = stepMilliseconds
        self.latenessLimitMilliseconds = latenessLimitMilliseconds
        self.completenessDelayMilliseconds = completenessDelayMilliseconds
        self.calendar = calendar
        let strings = { (texts: [String]) in JSONTree.array(texts.map { .string($0) }) }
        var members: [(String, JSONTree)] = [
            ("caps", .object([("valuesPerDimensionMax", .integer(Int64(valuesPerDimensionMax)))])),
            ("dimensions", strings(dimensions)),
            ("latenessLimit", .integer(latenessLimitMilliseconds)),
            (
                "metrics",
                .array(metrics.map(\.tree))
            ),
            ("model", strings(model)),
            ("pairs", .array(pairs.map(strings))),
            ("rules", .array(rules.map(Self.tree(of:)))),
            ("step", .integer(stepMilliseconds)),
            ("timezone", .string(timeZone)),
        ]
        // Members that came later are written only where they say something, so that older sets keep their names.
        if completenessDelayMilliseconds != Self.completenessDelayDefault {
            members.append(("completenessDelay", .integer(completenessDelayMilliseconds)))
        }
        if !calendar.isEmpty { members.append(("calendar", .array(calendar.map(\.setTree)))) }
        text = JSONTree.object(members).canonical
        hash = Digest(ofBytes: text)
    }

    private static func tree(of rule: RuleDefinition) -> JSONTree {
        var members: [(String, JSONTree)] = [
            ("configuration", rule.configuration), ("detector", .string(rule.detector)),
            ("metric", .string(rule.metric)), ("name", .string(rule.name)),
            // The name differs by scope, so that sets from before there were two keep theirs.
            (rule.budget.scope == .segment ? "patienceDays" : "sharedBudgetDays", .number(rule.budget.days)),
            ("smallestDip", .number(rule.smallestDip)),
        ]
        if !rule.volume { members.append(("volume", .bool(false))) }
        return .object(members)
    }

    private static func budget(of rule: TreeReader) throws(MessageError) -> FalseAlarmBudget {
        rule.optional("sharedBudgetDays") == nil
            ? FalseAlarmBudget(scope: .segment, days: try rule.number("patienceDays"))
            : FalseAlarmBudget(scope: .all, days: try rule.number("sharedBudgetDays"))
    }

    /// Reads what ``text`` wrote.
    /// - Throws: ``MessageError`` naming the member that is missing or wrong.
    package init(text: [UInt8]) throws(MessageError) {
        let root: JSONTree
        do { root = try text.withUnsafeBytes { bytes throws(JSONSyntaxError) in try JSONTree.parse(bytes) } } catch {
            throw MessageError("the set is not JSON: \(error)")
        }
        let reader = TreeReader(root, place: "set")
        var metrics: [MetricDefinition] = []
        for entry in try reader.array("metrics") { metrics.append(try MetricDefinition(entry)) }
        var rules: [RuleDefinition] = []
        for entry in try reader.array("rules") {
            let rule = TreeReader(entry, place: "set/rules")
            rules.append(
                RuleDefinition(
                    name: try rule.string("name"), metric: try rule.string("metric"),
                    detector: try rule.string("detector"), configuration: try rule.tree("configuration"),
                    smallestDip: try rule.number("smallestDip"), budget: try Self.budget(of: rule),
                    volume: rule.optional("volume")?.bool ?? true))
        }
        var pairs: [[String]] = []
        for entry in try reader.array("pairs") { pairs.append(try TreeReader.strings(entry, place: "set/pairs")) }
        self.init(
            metrics: metrics,
            dimensions: try TreeReader.strings(try reader.tree("dimensions"), place: "set/dimensions"),
            pairs: pairs, model: try TreeReader.strings(try reader.tree("model"), place: "set/model"),
            valuesPerDimensionMax: Int(
                try TreeReader(try reader.tree("caps"), place: "set/caps").integer("valuesPerDimensionMax")),
            timeZone: try reader.string("timezone"), rules: rules, stepMilliseconds: try reader.integer("step"),
            latenessLimitMilliseconds: try reader.integer("latenessLimit"),
            completenessDelayMilliseconds: reader.optional("completenessDelay") == nil
                ? Self.completenessDelayDefault : try reader.integer("completenessDelay"),
            calendar: try Self.calendar(reader))
    }

    private static func calendar(_ reader: TreeReader) throws(MessageError) -> [CalendarNote] {
        guard reader.optional("calendar") != nil else { return [] }
        var notes: [CalendarNote] = []
        for entry in try reader.array("calendar") { notes.append(try CalendarNote(setTree: entry)) }
        return notes
    }
}

extension DefinitionSet: Equatable {
    /// Sets are what their canonical text says, whatever the order in which it was configured.
    package static func == (left: DefinitionSet, right: DefinitionSet) -> Bool { left.text == right.text }
}

extension CalendarNote {
    /// As a set has it; moments are milliseconds since 1970.
    fileprivate var setTree: JSONTree {
        .object([
            ("end", .integer(end)), ("kind", .string(kind.rawValue)), ("name", .string(name)),
            ("start", .integer(start)),
        ])
    }

    fileprivate init(setTree tree: JSONTree) throws(MessageError) {
        let reader = TreeReader(tree, place: "set/calendar")
        guard let kind = Kind(rawValue: try reader.string("kind")) else {
            throw MessageError("set/calendar/kind is not holiday, release or note")
        }
        let start = try reader.integer("start")
        let end = try reader.integer("end")
        guard start < end, Self.momentRange.contains(start), Self.momentRange.contains(end) else {
            throw MessageError("set/calendar must end after it starts, both within the years 1 to 9999")
        }
        self.init(name: try reader.string("name"), kind: kind, start: start, end: end)
    }

    private static let momentRange: ClosedRange<Int64> = -62_135_596_800_000...253_402_300_799_999
}
