import CSodium

/// What makes a response the same response: SipHash-2-4-128 of its source and id under a key of this node.
///
/// The key is random and secret, so nobody can make two events of one identity, or fill one corner of the table.
package struct Identity: Hashable, Sendable, Comparable {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        // Zero marks what is empty in tables and files.
        self.low = high == 0 && low == 0 ? 1 : low
    }

    package static func < (left: Identity, right: Identity) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

/// The random key of the duplicate index.
package struct IdentityKey: Sendable {
    private let high: UInt64
    private let low: UInt64

    /// The identity of an event. About 60 ns for 60 bytes.
    package func identity(source: UnsafeRawBufferPointer, id: UnsafeRawBufferPointer) -> Identity {
        let count = 8 + source.count + id.count
        return withUnsafeTemporaryAllocation(byteCount: count, alignment: 8) { text in
            // The length keeps ("a", "bc") and ("ab", "c") apart.
            text.storeBytes(of: UInt64(source.count).littleEndian, as: UInt64.self)
            UnsafeMutableRawBufferPointer(rebasing: text[8...]).copyMemory(from: source)
            UnsafeMutableRawBufferPointer(rebasing: text[(8 + source.count)...]).copyMemory(from: id)
            return hash(UnsafeRawBufferPointer(text))
        }
    }

    /// The identity of an event given as strings.
    package func identity(source: String, id: String) -> Identity {
        Array(source.utf8).withRawBytes { source in Array(id.utf8).withRawBytes { identity(source: source, id: $0) } }
    }

    /// Names the key without giving it away.
    var fingerprint: UInt64 { hash(UnsafeRawBufferPointer(start: nil, count: 0)).high }

    private func hash(_ text: UnsafeRawBufferPointer) -> Identity {
        var hash: (UInt64, UInt64) = (0, 0)
        withUnsafeBytes(of: (high, low)) { key in
            withUnsafeMutableBytes(of: &hash) { out in
                _ = crypto_shorthash_siphashx24(
                    out.baseAddress!.assumingMemoryBound(to: UInt8.self),
                    text.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt64(text.count),
                    key.baseAddress!.assumingMemoryBound(to: UInt8.self))
            }
        }
        return Identity(high: UInt64(littleEndian: hash.0), low: UInt64(littleEndian: hash.1))
    }

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}

extension IdentityKey {
    static let fileName = "identity.key"

    /// The key kept in a directory; made, synced and readable by the owner alone if there is none.
    ///
    /// A new key makes all earlier runs useless; they are rebuilt from the message files.
    package static func open(
        fileSystem: any FileSystem, directory: String, randomness: inout some RandomNumberGenerator
    ) throws(JournalError) -> IdentityKey {
        let path = directory + "/" + fileName
        try journaling { () throws(FileError) in try fileSystem.makeDirectory(directory) }
        do throws(FileError) {
            let bytes = try fileSystem.open(path, .read).bytes(at: 0, count: 4096)
            if let key = IdentityKey(file: bytes) { return key }
        } catch {
            if !error.isMissing { throw JournalError(error) }
            let key = IdentityKey(
                high: .random(in: 0...UInt64.max, using: &randomness),
                low: .random(in: 0...UInt64.max, using: &randomness))
            try journaling { () throws(FileError) in
                try fileSystem.replaceFile(fileName, in: directory, with: key.file, secret: true)
            }
            return key
        }
        throw .corrupt(
            Corruption(
                file: path, offset: 0,
                why: "not an identity key; if there is no backup, remove it: the duplicate index is then rebuilt"))
    }

    private var file: [UInt8] {
        var line: [UInt8] = []
        line.append("{\"tideline\":\"identity-key\",\"version\":1,\"key\":\"")
        line.append(contentsOf: hexadecimal(high, digits: 16))
        line.append(contentsOf: hexadecimal(low, digits: 16))
        line.append("\"")
        line.appendChecksum(from: 0)
        return line
    }

    private init?(file: [UInt8]) {
        let words: (UInt64, UInt64)? = file.dropLast().withUnsafeBytes { line in
            guard let parts = ChecksummedLine(line), parts.isIntact() else { return nil }
            var body = LineReader(parts.body)
            guard body.take("{\"tideline\":\"identity-key\",\"version\":1,\"key\":\""),
                let high = body.hexadecimal(digits: 16), let low = body.hexadecimal(digits: 16), body.take("\""),
                body.isAtEnd
            else { return nil }
            return (high, low)
        }
        guard let words else { return nil }
        self.init(high: words.0, low: words.1)
    }
}
