#if canImport(Glibc)
// Unoptimized rounding of floating-point numbers calls the C library's; importing it links it.
internal import Glibc
#endif

/// What a JSON value is. `true` and `false` are one kind.
public enum JSONKind: UInt8, Sendable, Hashable {
    case null, bool, number, string, array, object
}

/// A cursor on one value of a parsed document: three words, nothing owned.
///
/// Valid until its parser's next `parse` and no longer than the parser; keep what outlives that as a `JSONTree`,
/// `String` or number. Asking for the wrong kind answers nil, never traps.
///
/// It reads simdjson's tape: words whose top 8 bits are a type. `[` and `{` carry in their low 32 bits the index
/// behind their end and above that 24 bits of count; `"` carries an offset into the strings; `l`, `u`, `d` are
/// followed by a word with the number's bits.
public struct JSONValue {
    @usableFromInline let tape: UnsafePointer<UInt64>
    @usableFromInline let strings: UnsafePointer<UInt8>
    @usableFromInline let index: Int

    @inlinable
    init(tape: UnsafePointer<UInt64>, strings: UnsafePointer<UInt8>, index: Int) {
        self.tape = tape
        self.strings = strings
        self.index = index
    }

    @inlinable var word: UInt64 { tape[index] }
    @inlinable var type: UInt8 { UInt8(truncatingIfNeeded: word &>> 56) }

    public var kind: JSONKind {
        switch type {
        case Tape.null: .null
        case Tape.true, Tape.false: .bool
        case Tape.string: .string
        case Tape.array: .array
        case Tape.object: .object
        default: .number
        }
    }

    @inlinable public var isNull: Bool { type == Tape.null }

    @inlinable public var bool: Bool? {
        switch type {
        case Tape.true: true
        case Tape.false: false
        default: nil
        }
    }

    /// The number when it is integral and fits, exactly; `4.0` and `1e2` are integral.
    @inlinable public var int64: Int64? {
        type == Tape.int64 ? Int64(bitPattern: tape[index &+ 1]) : integralDouble
    }

    @usableFromInline var integralDouble: Int64? {
        type == Tape.double ? Int64(exactly: Double(bitPattern: tape[index + 1])) : nil
    }

    /// The number when it is integral and fits, exactly.
    public var uint64: UInt64? {
        switch type {
        case Tape.uint64: tape[index + 1]
        case Tape.int64: UInt64(exactly: Int64(bitPattern: tape[index + 1]))
        case Tape.double: UInt64(exactly: Double(bitPattern: tape[index + 1]))
        default: nil
        }
    }

    /// The number; always finite. Integers beyond 2^53 are rounded to the nearest.
    @inlinable public var double: Double? {
        switch type {
        case Tape.double: Double(bitPattern: tape[index &+ 1])
        case Tape.int64: Double(Int64(bitPattern: tape[index &+ 1]))
        case Tape.uint64: Double(tape[index &+ 1])
        default: nil
        }
    }

    @inlinable public var string: JSONString? {
        type == Tape.string ? JSONString(strings: strings, word: word) : nil
    }

    @inlinable public var array: JSONArray? { type == Tape.array ? JSONArray(self) : nil }

    @inlinable public var object: JSONObject? { type == Tape.object ? JSONObject(self) : nil }

    /// The first member of that name, when this is an object that has one.
    @inlinable public func member(named name: StaticString) -> JSONValue? {
        type == Tape.object ? JSONObject(self).member(named: name) : nil
    }

    /// How many elements or members; 0 for a scalar.
    public var count: Int {
        switch type {
        case Tape.array: JSONArray(self).count
        case Tape.object: JSONObject(self).count
        default: 0
        }
    }

    /// The tape index behind this value.
    @inlinable var indexAfter: Int {
        switch type {
        case Tape.array, Tape.object: Tape.indexAfterContainer(word)
        case Tape.int64, Tape.uint64, Tape.double: index &+ 2
        default: index &+ 1
        }
    }
}

/// The letters and fields of simdjson's tape.
@usableFromInline
enum Tape {
    @inlinable static var null: UInt8 { UInt8(ascii: "n") }
    @inlinable static var `true`: UInt8 { UInt8(ascii: "t") }
    @inlinable static var `false`: UInt8 { UInt8(ascii: "f") }
    @inlinable static var int64: UInt8 { UInt8(ascii: "l") }
    @inlinable static var uint64: UInt8 { UInt8(ascii: "u") }
    @inlinable static var double: UInt8 { UInt8(ascii: "d") }
    @inlinable static var string: UInt8 { UInt8(ascii: "\"") }
    @inlinable static var array: UInt8 { UInt8(ascii: "[") }
    @inlinable static var object: UInt8 { UInt8(ascii: "{") }

    /// simdjson counts no further than this; a longer container must be walked to be counted.
    static let countMax = 0xFF_FFFF

    @inlinable static func indexAfterContainer(_ word: UInt64) -> Int { Int(truncatingIfNeeded: word & 0xFFFF_FFFF) }

    static func count(_ word: UInt64) -> Int { Int(truncatingIfNeeded: word &>> 32) & countMax }
}
