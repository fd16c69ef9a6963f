import PluginKit

/// Where a text comes from: a column by name or position, or the mapping itself.
enum CellReference: Hashable, Sendable {
    /// The cell under this name of the header's first row.
    case column(String)
    /// The cell at this place, from 1; survey tools that translate their headers are read so.
    case position(Int)
    /// The same text for every row.
    case constant(String)

    static let columnsMax = 4096

    init(_ node: ConfigurationNode) throws(PluginConfigurationError) {
        guard case .object = node.tree else {
            self = .column(try node.text())
            return
        }
        let fields = try node.fields(["column", "position", "constant"])
        try self.init(fields)
    }

    /// Reads the one of `column`, `position`, `constant` that is there.
    init(_ fields: ConfigurationFields) throws(PluginConfigurationError) {
        let given = ["column", "position", "constant"].compactMap { fields[$0] }
        guard given.count == 1 else {
            throw PluginConfigurationError(
                key: fields.key, sentence: "needs exactly one of column (a name), position (from 1) or constant")
        }
        if let column = fields["column"] {
            self = .column(try column.text())
        } else if let position = fields["position"] {
            self = .position(try position.integer(in: 1...Self.columnsMax))
        } else {
            self = .constant(try fields.required("constant").text())
        }
    }
}

/// How a row gets the identity under which it is counted once.
enum RowIdentity: Sendable {
    enum Part: Equatable, Sendable {
        case text(String)
        case cell(CellReference)
    }

    /// A cell, or a template of several.
    case parts([Part])
    /// The digest of the row's text: the same row in another export is the same response, and so are two equal rows.
    case hash

    init(_ node: ConfigurationNode) throws(PluginConfigurationError) {
        guard case .string(let text) = node.tree else {
            self = .parts([.cell(try CellReference(node))])
            return
        }
        if text == "hash" {
            self = .hash
        } else if text.contains("{") {
            self = .parts(try Self.template(text, node))
        } else {
            self = .parts([.cell(.column(try node.text()))])
        }
    }

    var references: [CellReference] {
        guard case .parts(let parts) = self else { return [] }
        return parts.compactMap { if case .cell(let reference) = $0 { reference } else { nil } }
    }

    private static func template(
        _ text: String, _ node: ConfigurationNode
    ) throws(PluginConfigurationError) -> [Part] {
        var parts: [Part] = []
        var rest = text[...]
        while let open = rest.firstIndex(of: "{") {
            if open > rest.startIndex { parts.append(.text(String(rest[..<open]))) }
            guard let close = rest[open...].firstIndex(of: "}"), close > rest.index(after: open) else {
                throw node.problem("is \"\(text)\", but a template names columns in braces, as in \"shop-{review_id}\"")
            }
            parts.append(.cell(.column(String(rest[rest.index(after: open)..<close]))))
            rest = rest[rest.index(after: close)...]
        }
        if !rest.isEmpty { parts.append(.text(String(rest))) }
        return parts
    }
}
