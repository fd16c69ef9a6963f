/// The place of a value in a document, by RFC 6901: `/data/answers/csat`. The empty pointer is the whole document.
///
/// Building one allocates; do so when there is an error to report.
public struct JSONPointer: Sendable, Hashable, CustomStringConvertible {
    /// The pointer as text, `~` written `~0` and `/` written `~1`.
    public private(set) var description: String

    public enum Component: Sendable, Hashable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
        case name(String)
        case index(Int)

        public init(stringLiteral name: String) { self = .name(name) }
        public init(integerLiteral index: Int) { self = .index(index) }

        /// As it stands in a pointer.
        var escaped: String {
            switch self {
            case .index(let index): return String(index)
            case .name(let name):
                // Byte by byte: a combining character after a `/` must not hide it.
                var bytes: [UInt8] = []
                for byte in name.utf8 {
                    switch byte {
                    case UInt8(ascii: "~"): bytes += [UInt8(ascii: "~"), UInt8(ascii: "0")]
                    case UInt8(ascii: "/"): bytes += [UInt8(ascii: "~"), UInt8(ascii: "1")]
                    default: bytes.append(byte)
                    }
                }
                return String(decoding: bytes, as: UTF8.self)
            }
        }
    }

    /// The whole document.
    public static var root: JSONPointer { JSONPointer([]) }

    public init(_ components: [Component]) {
        description = components.map { "/" + $0.escaped }.joined()
    }

    /// `JSONPointer("data", "items", 3)` is `/data/items/3`.
    public init(_ components: Component...) { self.init(components) }

    /// The place of that member or element of the value this points to.
    public func appending(_ component: Component) -> JSONPointer {
        var pointer = self
        pointer.description += "/" + component.escaped
        return pointer
    }
}
