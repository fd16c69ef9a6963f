import JSON
import Messages
import PluginKit
import Satisfaction

extension AlertRecord {
    /// The `data` of a `tideline.alert.v1` event, and an element of `/api/v1/alerts`.
    package var data: JSONTree {
        var members: [(String, JSONTree)] = [
            ("id", .string(id)), ("fingerprint", .string(fingerprint)), ("revision", .integer(Int64(revision))),
            ("rule", .string(rule)), ("state", .string(state.rawValue)), ("status", .string(status.rawValue)),
        ]
        if let resolution { members.append(("resolution", .string(resolution.rawValue))) }
        members += [
            ("severity", .string(severity.rawValue)), ("kind", .string(kind.rawValue)), ("metric", .string(metric)),
            ("contract", .string(contract)), ("segment", segment.tree),
            ("onset", .string(Timestamp.text(onset.start))), ("onsetRange", Self.tree(of: onsetRange)),
            ("detected", .string(Timestamp.text(detected))),
            ("changed", .string(Timestamp.text(changed))), ("baseline", baseline.tree), ("current", current.tree),
            ("drop", .number(drop)),
            (
                "evidence",
                .object([
                    ("log", .number(evidence.log)), ("threshold", .number(evidence.threshold)),
                    ("expectedFalseAlarms", .number(evidence.expectedFalseAlarms)),
                ])
            ),
            (
                "causes",
                .array(causes.map { .object([("segment", $0.segment.tree), ("share", .number($0.share))]) })
            ),
            (
                "split",
                .object([
                    ("within", .number(split.within)), ("mix", .number(split.mix)), ("entry", .number(split.entry)),
                ])
            ),
            ("simpson", .bool(isSimpson)), ("members", .array(self.members.map(\.tree))),
            ("remarks", .array(remarks.map { .string($0) })), ("themes", .array(themes.map(\.tree))),
            ("calendar", .array(calendar.map(\.alertTree))), ("sentence", .string(sentence)),
            (
                "trend",
                .array(
                    trend.map { point in
                        .array([
                            .string(Timestamp.text(point.start)), point.score.map { .number($0) } ?? .null,
                            .integer(point.responses),
                        ])
                    })
            ),
        ]
        return .object(members)
    }

    /// From the first bucket's beginning to the last one's end.
    private static func tree(of range: ClosedRange<Bucket>) -> JSONTree {
        .array([range.lowerBound.start, range.upperBound.end].map { .string(Timestamp.text($0)) })
    }

    /// Reads what ``data`` wrote, and what releases wrote that did not have all of its members.
    package init(_ data: JSONTree) throws(MessageError) {
        let reader = TreeReader(data, place: "alert")
        id = try reader.string("id")
        fingerprint = try reader.string("fingerprint")
        revision = Int(clamping: try reader.integer("revision"))
        rule = try reader.string("rule")
        state = try Self.word(try reader.string("state"))
        status = try Self.word(try reader.string("status"))
        resolution = reader.optional("resolution") == nil ? nil : try Self.word(try reader.string("resolution"))
        severity = try Self.word(try reader.string("severity"))
        kind = try Self.word(try reader.string("kind"))
        metric = try reader.string("metric")
        contract = try reader.string("contract")
        segment = try Segment(tree: try reader.tree("segment"))
        let onset = Bucket(containing: try Self.moment(reader, "onset"))
        self.onset = onset
        onsetRange = try Self.range(reader) ?? onset...onset
        detected = try Self.moment(reader, "detected")
        changed = try Self.moment(reader, "changed")
        baseline = try Level(tree: try reader.tree("baseline"))
        current = try Level(tree: try reader.tree("current"))
        drop = try reader.number("drop")
        let evidence = TreeReader(try reader.tree("evidence"), place: "alert/evidence")
        self.evidence = Evidence(
            log: try evidence.number("log"), threshold: try evidence.number("threshold"),
            expectedFalseAlarms: try evidence.number("expectedFalseAlarms"))
        var causes: [Cause] = []
        for element in try reader.array("causes") {
            let cause = TreeReader(element, place: "alert/causes")
            causes.append(
                Cause(segment: try Segment(tree: try cause.tree("segment")), share: try cause.number("share")))
        }
        self.causes = causes
        let split = TreeReader(try reader.tree("split"), place: "alert/split")
        self.split = Split(
            within: try split.number("within"), mix: try split.number("mix"), entry: try split.number("entry"))
        isSimpson = reader.optional("simpson")?.bool ?? false
        members = reader.optional("members") == nil ? [] : try Self.segments(try reader.array("members"))
        remarks =
            reader.optional("remarks") == nil
            ? [] : try TreeReader.strings(try reader.tree("remarks"), place: "alert/remarks")
        themes = try reader.array("themes").map { element throws(MessageError) in try RisenTheme(tree: element) }
        calendar =
            reader.optional("calendar") == nil
            ? []
            : try reader.array("calendar").map { element throws(MessageError) in
                try CalendarNote(alertTree: element)
            }
        sentence = reader.optional("sentence")?.string ?? ""
        trend = try reader.array("trend").compactMap { point in
            guard case .array(let parts) = point, parts.count == 3, let start = parts[0].string.flatMap(Timestamp.read)
            else { return nil }
            return TrendPoint(start: start, score: parts[1].double, responses: parts[2].int64 ?? 0)
        }
    }

    private static func word<Word: RawRepresentable>(_ text: String) throws(MessageError) -> Word
    where Word.RawValue == String {
        guard let word = Word(rawValue: text) else { throw MessageError("alert: \(text) is no \(Word.self)") }
        return word
    }

    private static func range(_ reader: TreeReader) throws(MessageError) -> ClosedRange<Bucket>? {
        guard reader.optional("onsetRange") != nil else { return nil }
        let ends = try reader.array("onsetRange").compactMap { $0.string.flatMap(Timestamp.read) }
        guard ends.count == 2, ends[0] < ends[1] else {
            throw MessageError("alert: onsetRange must be two times, the earlier one first")
        }
        return Bucket(containing: ends[0])...Bucket(containing: ends[1] - 1)
    }

    private static func segments(_ trees: [JSONTree]) throws(MessageError) -> [Segment] {
        var segments: [Segment] = []
        for tree in trees { segments.append(try Segment(tree: tree)) }
        return segments
    }

    private static func moment(_ reader: TreeReader, _ name: String) throws(MessageError) -> Int64 {
        guard let moment = Timestamp.read(try reader.string(name)) else {
            throw MessageError("alert: \(name) is not a time")
        }
        return moment
    }
}

extension Segment {
    /// `{"region":"eu"}`; `{}` for the total.
    package var tree: JSONTree { .object(parts.map { ($0.dimension, .string($0.value)) }) }

    package init(tree: JSONTree) throws(MessageError) {
        guard case .object(let members) = tree else { throw MessageError("a segment must be an object") }
        var parts: [Part] = []
        for (dimension, value) in members {
            guard case .string(let value) = value else { throw MessageError("a segment's values must be texts") }
            parts.append(Part(dimension: dimension, value: value))
        }
        self.init(parts)
    }
}

extension Level {
    var tree: JSONTree {
        .object([
            ("score", responses > 0 ? .number(score) : .null),
            ("interval", responses > 0 ? .array([.number(low), .number(high)]) : .null),
            ("responses", .integer(responses)),
        ])
    }

    init(tree: JSONTree) throws(MessageError) {
        let reader = TreeReader(tree, place: "level")
        if case .null? = tree["score"] {
            self = .unanswered
            return
        }
        let interval = try reader.array("interval")
        guard interval.count == 2, let low = interval[0].double, let high = interval[1].double else {
            throw MessageError("level/interval must be two numbers")
        }
        self.init(score: try reader.number("score"), low: low, high: high, responses: try reader.integer("responses"))
    }
}
