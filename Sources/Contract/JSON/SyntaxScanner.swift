/// Reads a refused document a second time, byte by byte, to find the first fault in it.
///
/// It accepts exactly what the parser accepts (a randomized test holds the two together) and uses no recursion, so
/// that no document can exhaust the stack.
struct SyntaxScanner {
    struct Fault: Error {
        let offset: Int
        let reason: JSONSyntaxError.Reason
    }

    private struct Container {
        let offset: Int
        let isObject: Bool
        var end: UInt8 { isObject ? UInt8(ascii: "}") : UInt8(ascii: "]") }
    }

    let bytes: UnsafeRawBufferPointer
    let depthMax: Int
    var position = 0
    private var open: [Container] = []

    /// The document's first fault, or nil when it is valid.
    static func firstFault(in bytes: UnsafeRawBufferPointer, depthMax: Int) -> JSONSyntaxError? {
        var scanner = SyntaxScanner(bytes: bytes, depthMax: depthMax)
        do throws(Fault) {
            try scanner.scanDocument()
            return nil
        } catch {
            return JSONSyntaxError(offset: error.offset, in: bytes, reason: error.reason)
        }
    }

    init(bytes: UnsafeRawBufferPointer, depthMax: Int) {
        self.bytes = bytes
        self.depthMax = depthMax
    }

    /// The byte to be read next, or nil behind the last one.
    var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    func fault(_ reason: JSONSyntaxError.Reason, at offset: Int? = nil) -> Fault {
        Fault(offset: offset ?? position, reason: reason)
    }

    private mutating func scanDocument() throws(Fault) {
        if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { throw fault(.byteOrderMark) }
        skipWhitespace()
        if next == nil { throw fault(.emptyDocument, at: 0) }
        repeat {
            while try scanValueOrEnter() {}
        } while try leaveOrAdvance()
        skipWhitespace()
        if next != nil { throw fault(.trailingContent) }
    }

    /// Reads a scalar or an empty container, or steps into a container, up to its first value; then it says true.
    private mutating func scanValueOrEnter() throws(Fault) -> Bool {
        guard let byte = next else { throw unclosed() }
        switch byte {
        case UInt8(ascii: "{"): return try enter(Container(offset: position, isObject: true))
        case UInt8(ascii: "["): return try enter(Container(offset: position, isObject: false))
        case UInt8(ascii: "\""): try scanString()
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try scanNumber()
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): try scanLiteral()
        case 0x80...: throw fault(validUTF8Length() == nil ? .invalidUTF8 : .expectedValue)
        default: throw fault(.expectedValue)
        }
        return false
    }

    private mutating func enter(_ container: Container) throws(Fault) -> Bool {
        position += 1
        skipWhitespace()
        if next == container.end {
            position += 1
            return false
        }
        if open.count == depthMax { throw fault(.nestedTooDeep(depthMax: depthMax), at: container.offset) }
        open.append(container)
        if container.isObject { try scanName() }
        return true
    }

    /// After a value: closes the containers that end here and moves on to the next value. False at the root's end.
    private mutating func leaveOrAdvance() throws(Fault) -> Bool {
        while let container = open.last {
            skipWhitespace()
            guard let byte = next else { throw unclosed() }
            if byte == UInt8(ascii: ",") {
                try advance(in: container)
                return true
            }
            guard byte == container.end else {
                if byte >= 0x80, validUTF8Length() == nil { throw fault(.invalidUTF8) }
                throw fault(container.isObject ? .expectedCommaOrObjectEnd : .expectedCommaOrArrayEnd)
            }
            position += 1
            open.removeLast()
        }
        return false
    }

    private mutating func advance(in container: Container) throws(Fault) {
        let comma = position
        position += 1
        skipWhitespace()
        if next == container.end { throw fault(.trailingComma, at: comma) }
        if container.isObject { try scanName() }
    }

    /// Reads a member's name and the colon behind it, up to the value.
    private mutating func scanName() throws(Fault) {
        guard let byte = next else { throw unclosed() }
        guard byte == UInt8(ascii: "\"") else { throw fault(.expectedName) }
        try scanString()
        skipWhitespace()
        guard let colon = next else { throw unclosed() }
        guard colon == UInt8(ascii: ":") else { throw fault(.expectedColon) }
        position += 1
        skipWhitespace()
    }

    /// The text ends too early: the innermost container is the one to name.
    private func unclosed() -> Fault {
        guard let container = open.last else { return fault(.emptyDocument, at: 0) }
        return fault(container.isObject ? .unclosedObject : .unclosedArray, at: container.offset)
    }

    private mutating func skipWhitespace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }
}
