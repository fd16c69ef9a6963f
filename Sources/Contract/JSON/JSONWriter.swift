/// Writes JSON text into a buffer of its own, which is kept from one document to the next.
///
/// Commas and colons are written where they belong. The caller balances `begin…` and `end…` and gives every member a
/// name; debug builds check that. Several documents may follow one another when `endLine` separates them.
public struct JSONWriter: ~Copyable {
    @usableFromInline var start: UnsafeMutablePointer<UInt8>
    @usableFromInline var capacity: Int
    /// How many bytes have been written.
    public private(set) var count = 0
    /// Whether a comma must precede the next value or name.
    private var separatorDue = false
    private var nesting = Nesting()

    /// `capacity` is the number of bytes that can be written before the buffer grows, by doubling.
    public init(capacity: Int = 1024) {
        self.capacity = max(capacity, 64)
        start = .allocate(capacity: self.capacity)
    }

    deinit { start.deallocate() }

    /// What has been written. Valid until the next write.
    public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

    public func withBytes<Result: ~Copyable, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(bytes)
    }

    /// A copy of what has been written.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Empties the buffer and begins a new document.
    public mutating func removeAll(keepingCapacity: Bool = true) {
        count = 0
        separatorDue = false
        nesting = Nesting()
        if !keepingCapacity {
            let empty = JSONWriter()
            self = empty
        }
    }

    // MARK: Structure

    public mutating func beginObject() {
        beginValue()
        nesting.enter(object: true)
        append(byte: UInt8(ascii: "{"))
        separatorDue = false
    }

    public mutating func endObject() {
        nesting.leave(object: true)
        append(byte: UInt8(ascii: "}"))
        separatorDue = true
    }

    public mutating func beginArray() {
        beginValue()
        nesting.enter(object: false)
        append(byte: UInt8(ascii: "["))
        separatorDue = false
    }

    public mutating func endArray() {
        nesting.leave(object: false)
        append(byte: UInt8(ascii: "]"))
        separatorDue = true
    }

    /// Names the member that the next value becomes. The name needs no escapes; debug builds check that.
    public mutating func name(_ name: StaticString) {
        let bytes = UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        assert(JSONEscape.firstSpecial(in: bytes, from: 0) == bytes.count, "\(name) needs escapes: use name(utf8:)")
        nesting.name()
        reserve(bytes.count &+ 4)
        if separatorDue { put(UInt8(ascii: ",")) }
        put(UInt8(ascii: "\""))
        put(bytes)
        put(UInt8(ascii: "\""))
        put(UInt8(ascii: ":"))
        separatorDue = false
    }

    /// Names the member that the next value becomes, by UTF-8 bytes, escaping what needs it.
    public mutating func name(utf8 bytes: UnsafeRawBufferPointer) {
        nesting.name()
        if separatorDue { append(byte: UInt8(ascii: ",")) }
        appendQuoted(bytes)
        append(byte: UInt8(ascii: ":"))
        separatorDue = false
    }

    public mutating func name(_ name: JSONString) { self.name(utf8: name.rawBytes) }

    public mutating func name(_ name: String) {
        var name = name
        name.withUTF8 { self.name(utf8: UnsafeRawBufferPointer($0)) }
    }

    /// Ends a document with a line feed; the next value begins another (JSON Lines).
    public mutating func endLine() {
        assert(nesting.depth == 0, "an array or object is open")
        append(byte: UInt8(ascii: "\n"))
        separatorDue = false
    }

    /// Writes the comma that a value needs, and counts it as written.
    mutating func beginValue() {
        nesting.value()
        if separatorDue { append(byte: UInt8(ascii: ",")) }
        separatorDue = true
    }

    // MARK: Bytes

    /// Appends bytes as they are, without comma or check.
    public mutating func append(verbatim bytes: UnsafeRawBufferPointer) {
        reserve(bytes.count)
        put(bytes)
    }

    mutating func append(byte: UInt8) {
        reserve(1)
        put(byte)
    }

    /// Makes room for that many more bytes and returns where they go; `advance` then says how many were written.
    mutating func reserve(_ additional: Int) {
        if additional > capacity &- count { grow(additional) }
    }

    /// Where the next byte goes.
    var end: UnsafeMutablePointer<UInt8> { start + count }

    mutating func advance(_ written: Int) { count &+= written }

    /// Writes a byte into room already reserved.
    private mutating func put(_ byte: UInt8) {
        start[count] = byte
        count &+= 1
    }

    /// Writes bytes into room already reserved.
    private mutating func put(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        UnsafeMutableRawPointer(start + count).copyMemory(from: source, byteCount: bytes.count)
        count &+= bytes.count
    }

    @inline(never)
    private mutating func grow(_ additional: Int) {
        let capacityNew = max(2 * capacity, count + additional)
        let startNew = UnsafeMutablePointer<UInt8>.allocate(capacity: capacityNew)
        startNew.moveInitialize(from: start, count: count)
        start.deallocate()
        start = startNew
        capacity = capacityNew
    }
}

// The one pointer inside has one owner, which a noncopyable value hands over as a whole.
extension JSONWriter: @unchecked Sendable {}

/// Checks, in debug builds, that what is written will be JSON. Kinds are remembered for the outermost 64 levels.
private struct Nesting {
    private(set) var depth = 0
    private var objects: UInt64 = 0
    private var nameWritten = false

    private var inObject: Bool? { depth == 0 || depth > 64 ? nil : objects >> UInt64(depth - 1) & 1 == 1 }

    mutating func enter(object: Bool) {
        if depth < 64 { objects = objects & ~(1 &<< UInt64(depth)) | (object ? 1 : 0) &<< UInt64(depth) }
        depth &+= 1
    }

    mutating func leave(object: Bool) {
        assert(depth > 0, "nothing is open")
        assert(inObject ?? object == object, "the end of another kind than the beginning")
        assert(!nameWritten, "a name without a value")
        depth &-= 1
    }

    mutating func name() {
        assert(inObject ?? true, "a name outside an object")
        assert(!nameWritten, "two names without a value between")
        nameWritten = true
    }

    mutating func value() {
        assert(!(inObject ?? false) || nameWritten, "a value without a name in an object")
        nameWritten = false
    }
}
