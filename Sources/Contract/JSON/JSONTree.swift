/// A JSON value that owns its content, for what is read or written rarely: configuration, alerts, tests.
///
/// A number that is integral and fits is always an `integer`, so that `4` and `4.0` are the same tree. Members keep
/// their order and their duplicates; trees with differently ordered members differ, their `canonical` text does not.
/// Texts are equal when their UTF-8 bytes are.
public indirect enum JSONTree: Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSONTree])
    case object([(String, JSONTree)])

    /// Copies a parsed value. An integer above `Int64.max` becomes a rounded `number`.
    public init(_ value: JSONValue) {
        switch value.kind {
        case .null: self = .null
        case .bool: self = .bool(value.bool ?? false)
        case .string: self = .string(value.string?.text ?? "")
        case .number: self = value.int64.map(JSONTree.integer) ?? .number(value.double ?? 0)
        case .array: self = .array(value.array?.map(JSONTree.init) ?? [])
        case .object: self = .object(value.object?.map { ($0.name.text, JSONTree($0.value)) } ?? [])
        }
    }

    public static func parse(_ bytes: UnsafeRawBufferPointer) throws(JSONSyntaxError) -> JSONTree {
        let parser = JSONParser()
        // The value points into the parser's buffers, which must outlive the copying.
        return try withExtendedLifetime(parser) { () throws(JSONSyntaxError) in JSONTree(try parser.parse(bytes)) }
    }

    public static func parse(_ text: String) throws(JSONSyntaxError) -> JSONTree {
        let parser = JSONParser()
        return try withExtendedLifetime(parser) { () throws(JSONSyntaxError) in
            JSONTree(try parser.parse(Array(text.utf8)))
        }
    }
}

// MARK: Reading

extension JSONTree {
    public var kind: JSONKind {
        switch self {
        case .null: .null
        case .bool: .bool
        case .integer, .number: .number
        case .string: .string
        case .array: .array
        case .object: .object
        }
    }

    /// The first member of that name, when this is an object that has one.
    public subscript(name: String) -> JSONTree? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.0.utf8.elementsEqual(name.utf8) }?.1
    }

    /// The element at that position, when this is an array that has one.
    public subscript(index: Int) -> JSONTree? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }

    public var bool: Bool? { if case .bool(let truth) = self { truth } else { nil } }

    public var string: String? { if case .string(let text) = self { text } else { nil } }

    public var array: [JSONTree]? { if case .array(let elements) = self { elements } else { nil } }

    public var object: [(String, JSONTree)]? { if case .object(let members) = self { members } else { nil } }

    /// The number when it is integral and fits, exactly.
    public var int64: Int64? {
        switch self {
        case .integer(let number): number
        case .number(let number): Int64(exactly: number)
        default: nil
        }
    }

    public var double: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .number(let number): number
        default: nil
        }
    }
}

// MARK: Writing

extension JSONTree: CustomStringConvertible {
    /// The tree as JSON text, without white space, members in their order.
    public var text: String {
        var writer = JSONWriter()
        writer.value(self)
        return writer.text
    }

    /// The same bytes for the same content, whatever the order of members: sorted by their names' UTF-8 bytes, no
    /// white space, numbers at their shortest. Hashes of contracts are taken over this.
    public var canonical: [UInt8] {
        var writer = JSONWriter()
        writer.canonical(self)
        return Array(writer.bytes)
    }

    public var description: String { text }
}

extension JSONWriter {
    public mutating func value(_ tree: JSONTree) { write(tree, sorted: false) }

    /// Writes `tree` with every object's members sorted by their names' UTF-8 bytes.
    public mutating func canonical(_ tree: JSONTree) { write(tree, sorted: true) }

    private mutating func write(_ tree: JSONTree, sorted: Bool) {
        switch tree {
        case .null: null()
        case .bool(let truth): value(truth)
        case .integer(let number): value(number)
        case .number(let number): value(number)
        case .string(let text): value(text)
        case .array(let elements):
            beginArray()
            for element in elements { write(element, sorted: sorted) }
            endArray()
        case .object(let members):
            beginObject()
            // Of equal names the order stays, because the sort is stable.
            let ordered = sorted ? members.sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) } : members
            for (name, member) in ordered {
                self.name(name)
                write(member, sorted: sorted)
            }
            endObject()
        }
    }
}
