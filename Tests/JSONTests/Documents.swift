import JSON

/// What became of a document, as text, so that expectations can be written as text.
enum Verdict: Equatable, CustomStringConvertible {
    /// The document as the writer puts it.
    case accepted(String)
    /// The error's sentence.
    case refused(String)

    var description: String {
        switch self {
        case .accepted(let text): "accepted \(text)"
        case .refused(let sentence): "refused: \(sentence)"
        }
    }
}

func verdict(_ bytes: [UInt8], by parser: JSONParser = JSONParser()) -> Verdict {
    do {
        var writer = JSONWriter()
        writer.value(try parser.parse(bytes))
        return withExtendedLifetime(parser) { .accepted(writer.text) }
    } catch {
        return .refused(error.description)
    }
}

func verdict(_ text: String) -> Verdict { verdict(Array(text.utf8)) }

/// Parses a document that must be valid and lends its root.
func withDocument<Result>(_ text: String, _ body: (JSONValue) throws -> Result) throws -> Result {
    let parser = JSONParser()
    return try withExtendedLifetime(parser) { try body(try parser.parse(Array(text.utf8))) }
}

/// Lends the text's bytes.
func withText<Result>(_ text: String, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try Array(text.utf8).withUnsafeBytes(body)
}

/// What `body` writes.
func written(_ body: (inout JSONWriter) -> Void) -> String {
    var writer = JSONWriter()
    body(&writer)
    return writer.text
}

/// A repeatable source of randomness (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
