/// One choice of values for some dimensions, such as region=eu; the empty segment is the total.
///
/// Dimensions stand in the order of the configuration, so equal segments have equal texts.
public struct Segment: Hashable, Sendable, Comparable, CustomStringConvertible {
    public struct Part: Hashable, Sendable {
        public let dimension: String
        public let value: String
        public init(dimension: String, value: String) {
            self.dimension = dimension
            self.value = value
        }
    }

    public let parts: [Part]

    public static let total = Segment([])

    public init(_ parts: [Part]) { self.parts = parts }

    public init(dimension: String, value: String) { parts = [Part(dimension: dimension, value: value)] }

    /// Reads "region:eu", "region:eu,channel:chat" or "" and "total" for everything.
    ///
    /// A comma or a backslash inside a value is written with a backslash before it.
    public init?(_ text: String) {
        guard !text.isEmpty, text != "total" else {
            self = .total
            return
        }
        var parts: [Part] = []
        for piece in Self.unescapedPieces(of: text) {
            guard let colon = piece.firstIndex(of: UInt8(ascii: ":")), colon > 0, colon + 1 < piece.count else {
                return nil
            }
            parts.append(
                Part(
                    dimension: String(decoding: piece[..<colon], as: UTF8.self),
                    value: String(decoding: piece[(colon + 1)...], as: UTF8.self)))
        }
        self.parts = parts
    }

    /// The form ``init(_:)`` reads; "total" for the empty segment.
    public var description: String {
        parts.isEmpty ? "total" : parts.map { "\($0.dimension):\(Self.escaped($0.value))" }.joined(separator: ",")
    }

    public subscript(dimension: String) -> String? { parts.first { $0.dimension == dimension }?.value }

    /// Whether every response of `other` is also one of this segment.
    public func contains(_ other: Segment) -> Bool { parts.allSatisfy { other[$0.dimension] == $0.value } }

    public static func < (left: Segment, right: Segment) -> Bool {
        if left.parts.count != right.parts.count { return left.parts.count < right.parts.count }
        for (a, b) in zip(left.parts, right.parts) where a != b {
            return (a.dimension, a.value) < (b.dimension, b.value)
        }
        return false
    }

    // By bytes, not characters: a comma followed by a combining mark is one character, and still a comma here.

    private static func escaped(_ value: String) -> String {
        guard value.utf8.contains(where: { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\\") }) else { return value }
        var bytes: [UInt8] = []
        for byte in value.utf8 {
            if byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\\") { bytes.append(UInt8(ascii: "\\")) }
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func unescapedPieces(of text: String) -> [[UInt8]] {
        var pieces: [[UInt8]] = [[]]
        var isEscaped = false
        for byte in text.utf8 {
            if isEscaped {
                pieces[pieces.count - 1].append(byte)
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: ",") {
                pieces.append([])
            } else {
                pieces[pieces.count - 1].append(byte)
            }
        }
        return pieces
    }
}
