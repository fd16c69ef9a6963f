internal import CSimdJSON

/// Parses JSON documents with simdjson and hands out cursors into simdjson's own buffers.
///
/// The whole document is validated (RFC 8259: UTF-8, escapes, number syntax) before `parse` returns; reading it
/// afterwards neither fails nor allocates. Numbers beyond what a `Double` can hold, and integers outside
/// -9223372036854775808...18446744073709551615, are refused: rounding them silently would change what was sent.
///
/// One parser belongs to one thread, hence it is not `Sendable`. Its buffers grow with the largest document seen
/// (about 14 bytes per byte of document) and are kept.
public final class JSONParser {
    /// 16 MiB: a batch of some 40,000 responses.
    public static let documentBytesMaxDefault = 16 * 1024 * 1024
    public static let depthMaxDefault = 64

    /// The longest document taken, in bytes.
    public let documentBytesMax: Int
    /// How many arrays and objects may lie inside one another. Empty ones do not count.
    public let depthMax: Int

    private let handle: OpaquePointer
    private var padded: UnsafeMutableRawBufferPointer
    private var document = csimdjson_document()
    /// The length of the document in `document`; 0 when the last one was refused.
    private var parsedBytes = 0

    /// `documentBytesMax` is at least 1 and below 4 GiB, because offsets are 32 bits wide; `depthMax` is at least 1.
    public init(
        documentBytesMax: Int = JSONParser.documentBytesMaxDefault, depthMax: Int = JSONParser.depthMaxDefault
    ) {
        precondition(documentBytesMax >= 1 && documentBytesMax < Int(UInt32.max) - Self.paddingBytes)
        precondition(depthMax >= 1 && depthMax < Int(Int32.max))
        guard let handle = csimdjson_parser_create(depthMax) else {
            fatalError("no memory for a JSON parser's first buffers")
        }
        self.documentBytesMax = documentBytesMax
        self.depthMax = depthMax
        self.handle = handle
        padded = .allocate(byteCount: 4096, alignment: 64)
    }

    deinit {
        csimdjson_parser_destroy(handle)
        padded.deallocate()
    }

    /// How many bytes behind a document must be readable for it to be parsed where it lies.
    public static let paddingBytes = Int(CSIMDJSON_PADDING_BYTES)

    /// Validates one document and returns its root.
    ///
    /// The result and everything reached from it is valid until the next `parse` and no longer than the parser, so keep
    /// the parser in a property: a local one may be released after its last use, before the result is read (else
    /// `withExtendedLifetime`). The result does not point into `bytes`. Pass `padded: true` when `paddingBytes` more bytes can be read behind `bytes`,
    /// whatever they are; otherwise the document is copied first.
    public func parse(
        _ bytes: UnsafeRawBufferPointer, padded isPadded: Bool = false
    ) throws(JSONSyntaxError)
        -> JSONValue
    {
        guard let start = bytes.baseAddress, bytes.count >= 1, bytes.count <= documentBytesMax else {
            throw sizeFault(bytes)
        }
        parsedBytes = 0
        let text = isPadded ? start : copyWithPadding(bytes)
        let status = csimdjson_parse(handle, text.assumingMemoryBound(to: UInt8.self), bytes.count, &document)
        guard status == csimdjson_ok else { throw fault(bytes, status) }
        parsedBytes = bytes.count
        return JSONValue(tape: document.tape, strings: document.strings, index: 1)
    }

    /// `parse` for bytes in an array.
    public func parse(_ bytes: [UInt8]) throws(JSONSyntaxError) -> JSONValue {
        // `withUnsafeBytes` does not forward typed errors, so the outcome is carried out as a value.
        let outcome: Result<JSONValue, JSONSyntaxError> = bytes.withUnsafeBytes { raw in
            do throws(JSONSyntaxError) { return .success(try parse(raw)) } catch { return .failure(error) }
        }
        return try outcome.get()
    }

    /// Where the elements of the array parsed last lie in its text; nothing when it was no array.
    ///
    /// `bytes` are those last given to `parse`, which succeeded. Valid as long as `bytes` and until the next `parse`.
    public func elementTexts(of bytes: UnsafeRawBufferPointer) -> ElementTexts {
        precondition(bytes.count == parsedBytes, "the text is not the one parsed last")
        return ElementTexts(
            text: bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt8.self),
            structurals: UnsafeBufferPointer(start: document.structurals, count: Int(document.structurals_count)))
    }

    private func copyWithPadding(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawPointer {
        if padded.count < bytes.count + Self.paddingBytes { growPadded(bytes.count) }
        padded.baseAddress.unsafelyUnwrapped.copyMemory(
            from: bytes.baseAddress.unsafelyUnwrapped, byteCount: bytes.count)
        return UnsafeRawPointer(padded.baseAddress.unsafelyUnwrapped)
    }

    private func growPadded(_ count: Int) {
        padded.deallocate()
        padded = .allocate(byteCount: max(2 * padded.count, count + Self.paddingBytes), alignment: 64)
    }

    @inline(never)
    private func sizeFault(_ bytes: UnsafeRawBufferPointer) -> JSONSyntaxError {
        bytes.isEmpty
            ? JSONSyntaxError(offset: 0, in: bytes, reason: .emptyDocument)
            : JSONSyntaxError(
                offset: documentBytesMax, in: bytes, reason: .documentTooLarge(bytesMax: documentBytesMax))
    }

    /// simdjson only says that something is wrong; the scanner reads again, slowly, to say what and where.
    @inline(never)
    private func fault(_ bytes: UnsafeRawBufferPointer, _ status: csimdjson_status) -> JSONSyntaxError {
        if status == csimdjson_out_of_memory {
            return JSONSyntaxError(offset: 0, in: bytes, reason: .outOfMemory(bytes: bytes.count))
        }
        return SyntaxScanner.firstFault(in: bytes, depthMax: depthMax)
            ?? JSONSyntaxError(offset: 0, in: bytes, reason: .unexplained)
    }
}
