import JSON

/// A message between services that cannot be read; says where and what would be right.
package struct MessageError: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}

/// Typed look-ups in a ``JSONTree`` whose errors name the place.
package struct TreeReader {
    private let members: [(String, JSONTree)]
    private let place: String

    package init(_ tree: JSONTree, place: String) {
        if case .object(let members) = tree { self.members = members.map { ($0.0, $0.1) } } else { self.members = [] }
        self.place = place
    }

    package func optional(_ name: String) -> JSONTree? {
        guard let value = members.first(where: { $0.0 == name })?.1, value != .null else { return nil }
        return value
    }

    package func tree(_ name: String) throws(MessageError) -> JSONTree {
        guard let value = optional(name) else { throw MessageError("\(place)/\(name) is missing") }
        return value
    }

    package func string(_ name: String) throws(MessageError) -> String {
        guard case .string(let text) = try tree(name) else { throw MessageError("\(place)/\(name) must be a string") }
        return text
    }

    package func integer(_ name: String) throws(MessageError) -> Int64 {
        switch try tree(name) {
        case .integer(let value): return value
        case .number(let value):
            guard let whole = Int64(exactly: value) else { fallthrough }
            return whole
        default: throw MessageError("\(place)/\(name) must be a whole number")
        }
    }

    package func number(_ name: String) throws(MessageError) -> Double {
        switch try tree(name) {
        case .integer(let value): return Double(value)
        case .number(let value): return value
        default: throw MessageError("\(place)/\(name) must be a number")
        }
    }

    package func array(_ name: String) throws(MessageError) -> [JSONTree] {
        guard case .array(let elements) = try tree(name) else {
            throw MessageError("\(place)/\(name) must be an array")
        }
        return elements
    }

    package func object(_ name: String) throws(MessageError) -> [(String, JSONTree)] {
        guard case .object(let found) = try tree(name) else { throw MessageError("\(place)/\(name) must be an object") }
        return found.map { ($0.0, $0.1) }
    }

    package static func strings(_ tree: JSONTree, place: String) throws(MessageError) -> [String] {
        guard case .array(let elements) = tree else { throw MessageError("\(place) must be an array of strings") }
        var texts: [String] = []
        for element in elements {
            guard case .string(let text) = element else { throw MessageError("\(place) must be an array of strings") }
            texts.append(text)
        }
        return texts
    }
}
