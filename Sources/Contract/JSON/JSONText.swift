/// Cuts the text of JSON documents into pieces without parsing it again.
///
/// For text that a parser has accepted. On any other text nothing is read out of bounds and everything ends, but what
/// comes out means nothing. All positions are byte offsets into the text given.
public enum JSONText {
    /// The places of the elements of the array that the text is, in order, without the white space around them.
    /// Empty when the text is no array.
    public static func elements(ofArray text: UnsafeRawBufferPointer) -> Elements { Elements(text) }

    /// The places of the members of the object that the text is, in order, duplicates included.
    /// Empty when the text is no object.
    public static func members(ofObject text: UnsafeRawBufferPointer) -> Members { Members(text) }

    public struct Elements: Sequence, IteratorProtocol {
        private var cursor: TextCursor
        private var hasMore: Bool

        init(_ text: UnsafeRawBufferPointer) {
            cursor = TextCursor(text)
            hasMore = cursor.enter(UInt8(ascii: "["), closing: UInt8(ascii: "]"))
        }

        public mutating func next() -> Range<Int>? {
            guard hasMore else { return nil }
            let element = cursor.skipValue()
            hasMore = cursor.skip(UInt8(ascii: ","))
            return element
        }
    }

    /// Where a member's name, quotes included, and its value lie.
    public struct Member: Hashable, Sendable {
        public let name: Range<Int>
        public let value: Range<Int>
    }

    public struct Members: Sequence, IteratorProtocol {
        private var cursor: TextCursor
        private var hasMore: Bool

        init(_ text: UnsafeRawBufferPointer) {
            cursor = TextCursor(text)
            hasMore = cursor.enter(UInt8(ascii: "{"), closing: UInt8(ascii: "}"))
        }

        public mutating func next() -> Member? {
            guard hasMore else { return nil }
            let name = cursor.skipValue()
            _ = cursor.skip(UInt8(ascii: ":"))
            let value = cursor.skipValue()
            hasMore = cursor.skip(UInt8(ascii: ","))
            return Member(name: name, value: value)
        }
    }

    /// Writes the object that the text is, as one value, without its members of that name, however the name is
    /// spelled (`"recordedtime"`, `"\u0072ecordedtime"`). Returns how many were left out; when none, the text is
    /// written as it is. Takes longer than parsing: ask the parsed object first whether it has the member at all.
    @discardableResult
    public static func removeMember(
        named name: StaticString, from text: UnsafeRawBufferPointer, into writer: inout JSONWriter
    ) -> Int {
        let wanted = UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        func isWanted(_ member: Member) -> Bool {
            StringSpelling(text[member.name]).spells(wanted)
        }
        let removed = members(ofObject: text).reduce(0) { $0 + (isWanted($1) ? 1 : 0) }
        if removed == 0 {
            writer.raw(text)
            return 0
        }
        writer.beginValue()
        writer.append(byte: UInt8(ascii: "{"))
        var isFirst = true
        for member in members(ofObject: text) where !isWanted(member) {
            if !isFirst { writer.append(byte: UInt8(ascii: ",")) }
            isFirst = false
            let bounds = member.name.lowerBound..<member.value.upperBound
            writer.append(verbatim: UnsafeRawBufferPointer(rebasing: text[bounds]))
        }
        writer.append(byte: UInt8(ascii: "}"))
        return removed
    }
}
