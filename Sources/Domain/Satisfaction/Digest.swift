import CSodium

/// The first 128 bits of a SHA-256, in lowercase hexadecimal: the name under which contracts, sets and alerts are known.
///
/// Two equal canonical texts always have the same digest, on every machine and in every release.
public struct Digest: Hashable, Sendable, CustomStringConvertible {
    /// 32 lowercase hexadecimal digits.
    public let text: String

    public init(of canonicalText: String) {
        self.init(ofBytes: Array(canonicalText.utf8))
    }

    public init(ofBytes bytes: [UInt8]) {
        var hash = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
        crypto_hash_sha256(&hash, bytes, UInt64(bytes.count))
        let digits = Array("0123456789abcdef".utf8)
        text = String(
            decoding: hash.prefix(16).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// Takes a digest read from a message or a file; nothing is computed.
    public init(trusting text: String) { self.text = text }

    public var description: String { text }
}
