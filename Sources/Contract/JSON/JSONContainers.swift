/// The elements of an array, in order. A cursor like `JSONValue`, with the same lifetime.
public struct JSONArray: Sequence {
    @usableFromInline let value: JSONValue

    @inlinable init(_ value: JSONValue) { self.value = value }

    public var count: Int {
        let count = Tape.count(value.word)
        return count < Tape.countMax ? count : reduce(0) { total, _ in total + 1 }
    }

    @inlinable public var isEmpty: Bool { Tape.indexAfterContainer(value.word) == value.index &+ 2 }

    @inlinable public func makeIterator() -> Iterator { Iterator(value) }

    public struct Iterator: IteratorProtocol {
        @usableFromInline let tape: UnsafePointer<UInt64>
        @usableFromInline let strings: UnsafePointer<UInt8>
        @usableFromInline var index: Int
        @usableFromInline let end: Int

        @inlinable init(_ value: JSONValue) {
            tape = value.tape
            strings = value.strings
            index = value.index &+ 1
            end = Tape.indexAfterContainer(value.word) &- 1
        }

        @inlinable public mutating func next() -> JSONValue? {
            guard index < end else { return nil }
            let element = JSONValue(tape: tape, strings: strings, index: index)
            index = element.indexAfter
            return element
        }
    }
}

/// A member of an object.
public struct JSONMember {
    public let name: JSONString
    public let value: JSONValue

    @inlinable init(name: JSONString, value: JSONValue) {
        self.name = name
        self.value = value
    }
}

/// The members of an object, in the document's order, duplicates included. A cursor like `JSONValue`, with the same
/// lifetime.
public struct JSONObject: Sequence {
    @usableFromInline let value: JSONValue

    @inlinable init(_ value: JSONValue) { self.value = value }

    public var count: Int {
        let count = Tape.count(value.word)
        return count < Tape.countMax ? count : reduce(0) { total, _ in total + 1 }
    }

    @inlinable public var isEmpty: Bool { Tape.indexAfterContainer(value.word) == value.index &+ 2 }

    /// The first member of that name. Time grows with the number of members before it.
    @inlinable public func member(named name: StaticString) -> JSONValue? {
        for member in self where member.name == name { return member.value }
        return nil
    }

    /// The first member whose name is these UTF-8 bytes.
    public func member(named name: UnsafeRawBufferPointer) -> JSONValue? {
        for member in self where member.name.equals(name) { return member.value }
        return nil
    }

    /// The first member of that name.
    public func member(named name: String) -> JSONValue? {
        var name = name
        return name.withUTF8 { member(named: UnsafeRawBufferPointer($0)) }
    }

    @inlinable public func makeIterator() -> Iterator { Iterator(value) }

    public struct Iterator: IteratorProtocol {
        @usableFromInline let tape: UnsafePointer<UInt64>
        @usableFromInline let strings: UnsafePointer<UInt8>
        @usableFromInline var index: Int
        @usableFromInline let end: Int

        @inlinable init(_ value: JSONValue) {
            tape = value.tape
            strings = value.strings
            index = value.index &+ 1
            end = Tape.indexAfterContainer(value.word) &- 1
        }

        @inlinable public mutating func next() -> JSONMember? {
            guard index < end else { return nil }
            let name = JSONString(strings: strings, word: tape[index])
            let value = JSONValue(tape: tape, strings: strings, index: index &+ 1)
            index = value.indexAfter
            return JSONMember(name: name, value: value)
        }
    }
}
