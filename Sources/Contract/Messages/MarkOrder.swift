import JSON
import Satisfaction

/// What somebody wants marked beside an alert: `tideline.acknowledgement.v1`, `tideline.silence.v1`,
/// `tideline.label.v1`.
package struct MarkOrder: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        case acknowledgement, silence, label

        package init?(_ type: MessageType) { self.init(rawValue: type.rawValue) }
    }

    package enum Target: Sendable, Equatable {
        /// One alert, by its id.
        case alert(String)
        /// All alerts of a kind, also those to come; silences only.
        case matching(AlertMatcher)
        /// A silence of that kind, by its id; to end it.
        case silence(String)
    }

    package let kind: Kind
    package let target: Target
    /// Whether the mark is to be taken back.
    package let isUndo: Bool
    /// When a silence ends, ms since 1970 of the wall clock; nil for undoing and for other kinds.
    package let until: Int64?
    /// Whether the alert was true; nil for undoing and for other kinds.
    package let label: Bool?
    /// Who wants it, as they name themselves.
    package let by: String?
    package let note: String?

    package static let byBytesMax = 256
    package static let noteBytesMax = 4096

    package init(
        kind: Kind, target: Target, isUndo: Bool = false, until: Int64? = nil, label: Bool? = nil, by: String? = nil,
        note: String? = nil
    ) {
        self.kind = kind
        self.target = target
        self.isUndo = isUndo
        self.until = until
        self.label = label
        self.by = by
        self.note = note
    }

    /// Reads the `data` of a message.
    /// - Throws: ``MessageError`` naming the member that is missing or wrong.
    package init(_ kind: Kind, data: JSONTree) throws(MessageError) {
        let reader = TreeReader(data, place: "/data")
        self.kind = kind
        isUndo = try Self.bool(reader, "undo") ?? false
        by = try Self.text(reader, "by", bytesMax: Self.byBytesMax)
        note = try Self.text(reader, "note", bytesMax: Self.noteBytesMax)
        target = try Self.target(of: kind, reader, isUndo: isUndo)
        until = kind == .silence && !isUndo ? try Self.until(reader) : nil
        label = kind == .label && !isUndo ? try Self.bool(reader, "label") : nil
        guard kind != .label || isUndo || label != nil else {
            throw MessageError("/data/label is missing: true for an alert that was right, false for a false alarm")
        }
    }

    private static func target(
        of kind: Kind, _ reader: TreeReader, isUndo: Bool
    ) throws(MessageError) -> Target {
        let names = kind == .silence ? ["alert", "match", "silence"] : ["alert"]
        let given = names.filter { reader.optional($0) != nil }
        guard given.count == 1, let name = given.first else {
            throw MessageError(
                names.count == 1 ? "/data/alert is missing" : "/data must have one of alert, match and silence")
        }
        switch name {
        case "alert": return .alert(try digest(reader, name))
        case "silence":
            guard isUndo else {
                throw MessageError("/data/silence names a silence to be ended, so /data/undo must be true")
            }
            return .silence(try digest(reader, name))
        default:
            guard !isUndo else {
                throw MessageError("/data/match cannot be undone: name the silence by its id, as /data/silence")
            }
            return .matching(try AlertMatcher(try reader.tree("match")))
        }
    }

    private static func digest(_ reader: TreeReader, _ name: String) throws(MessageError) -> String {
        let text = try reader.string(name)
        let isHexadecimal = text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        guard text.utf8.count == 32, isHexadecimal else {
            throw MessageError("/data/\(name) must be an id of 32 hexadecimal digits")
        }
        return text
    }

    private static func bool(_ reader: TreeReader, _ name: String) throws(MessageError) -> Bool? {
        guard let value = reader.optional(name) else { return nil }
        guard let truth = value.bool else { throw MessageError("/data/\(name) must be true or false") }
        return truth
    }

    private static func text(
        _ reader: TreeReader, _ name: String, bytesMax: Int
    ) throws(MessageError) -> String? {
        guard reader.optional(name) != nil else { return nil }
        let text = try reader.string(name)
        guard text.utf8.count <= bytesMax else {
            throw MessageError("/data/\(name) is longer than \(bytesMax) bytes")
        }
        return text.isEmpty ? nil : text
    }

    private static func until(_ reader: TreeReader) throws(MessageError) -> Int64 {
        guard let moment = Timestamp.read(try reader.string("until")) else {
            throw MessageError("/data/until must be a time such as 2026-11-21T10:15:00Z")
        }
        return moment
    }
}

/// Which alerts a silence covers: those for which everything it names holds.
package struct AlertMatcher: Sendable, Equatable {
    package let rule: String?
    package let metric: String?
    /// This segment and every narrower one.
    package let segment: Segment?

    package init(rule: String? = nil, metric: String? = nil, segment: Segment? = nil) {
        self.rule = rule
        self.metric = metric
        self.segment = segment
    }

    /// - Throws: ``MessageError`` also for one that names nothing: everything is silenced by stopping to listen.
    package init(_ tree: JSONTree) throws(MessageError) {
        guard case .object(let members) = tree else { throw MessageError("/data/match must be an object") }
        for (name, _) in members where !["rule", "metric", "segment"].contains(name) {
            throw MessageError("/data/match/\(name) is unknown; known: rule, metric, segment")
        }
        let reader = TreeReader(tree, place: "/data/match")
        rule = reader.optional("rule") == nil ? nil : try reader.string("rule")
        metric = reader.optional("metric") == nil ? nil : try reader.string("metric")
        segment = reader.optional("segment") == nil ? nil : try Self.segment(try reader.tree("segment"))
        guard rule != nil || metric != nil || segment?.parts.isEmpty == false else {
            throw MessageError("/data/match must name a rule, a metric or a segment")
        }
    }

    private static func segment(_ tree: JSONTree) throws(MessageError) -> Segment {
        guard case .object(let members) = tree else { throw MessageError("/data/match/segment must be an object") }
        var parts: [Segment.Part] = []
        for (dimension, value) in members {
            guard let value = value.string, !value.isEmpty else {
                throw MessageError("/data/match/segment/\(dimension) must be a text that is not empty")
            }
            parts.append(Segment.Part(dimension: dimension, value: value))
        }
        return Segment(parts)
    }

    package func matches(rule: String, metric: String, segment: Segment) -> Bool {
        (self.rule ?? rule) == rule && (self.metric ?? metric) == metric && (self.segment?.contains(segment) ?? true)
    }

    package var tree: JSONTree {
        var members: [(String, JSONTree)] = []
        if let rule { members.append(("rule", .string(rule))) }
        if let metric { members.append(("metric", .string(metric))) }
        if let segment {
            members.append(("segment", .object(segment.parts.map { ($0.dimension, .string($0.value)) })))
        }
        return .object(members)
    }
}
