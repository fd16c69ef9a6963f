extension JSONTree: Hashable {
    public static func == (left: JSONTree, right: JSONTree) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.string(let left), .string(let right)): left.utf8.elementsEqual(right.utf8)
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)):
            left.elementsEqual(right) { $0.0.utf8.elementsEqual($1.0.utf8) && $0.1 == $1.1 }
        case (.integer, _), (.number, _): sameNumber(left, right)
        default: false
        }
    }

    private static func sameNumber(_ left: JSONTree, _ right: JSONTree) -> Bool {
        if let left = left.int64, let right = right.int64 { return left == right }
        guard case .number(let left) = left, case .number(let right) = right else { return false }
        return left == right
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(kind)
        switch self {
        case .null: break
        case .bool(let truth): hasher.combine(truth)
        case .integer(let number): hasher.combine(number)
        case .number(let number):
            if let integer = int64 { hasher.combine(integer) } else { hasher.combine(number) }
        case .string(let text): hasher.combine(text)
        case .array(let elements): hasher.combine(elements)
        case .object(let members):
            for (name, member) in members {
                hasher.combine(name)
                hasher.combine(member)
            }
        }
    }
}

extension JSONTree: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(nilLiteral: ()) { self = .null }
    public init(booleanLiteral truth: Bool) { self = .bool(truth) }
    public init(integerLiteral number: Int64) { self = .integer(number) }
    public init(floatLiteral number: Double) { self = Int64(exactly: number).map(JSONTree.integer) ?? .number(number) }
    public init(stringLiteral text: String) { self = .string(text) }
    public init(arrayLiteral elements: JSONTree...) { self = .array(elements) }
    public init(dictionaryLiteral members: (String, JSONTree)...) { self = .object(members) }
}
