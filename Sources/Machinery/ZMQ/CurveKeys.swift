import CZMQ
import Glibc

/// The public half of a CURVE key, safe to show.
package struct CurvePublicKey: Hashable, Sendable, CustomStringConvertible {
    /// 40 characters of Z85.
    package let z85: String

    package init(z85: String) throws(CurveKeyProblem) { self.z85 = try checkedZ85(z85) }

    /// - Parameter bytes: Exactly 32, as ZAP requests carry them; nil otherwise.
    init?(bytes: UnsafeRawBufferPointer) {
        guard bytes.count == keyBytes else { return nil }
        var text = [CChar](repeating: 0, count: keyCharacters + 1)
        guard zmq_z85_encode(&text, bytes.bindMemory(to: UInt8.self).baseAddress, keyBytes) != nil else { return nil }
        z85 = String(decoding: text.prefix(keyCharacters).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    package var description: String { z85 }
}

/// The secret half of a CURVE key. Descriptions and mirrors hide it, so that no log or dump can leak it.
package struct CurveSecretKey: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// 40 characters of Z85.
    package let z85: String

    package init(z85: String) throws(CurveKeyProblem) { self.z85 = try checkedZ85(z85) }

    package var description: String { "****" }
    package var debugDescription: String { "****" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

package struct CurveKeyPair: Hashable, Sendable {
    package let publicKey: CurvePublicKey
    package let secretKey: CurveSecretKey

    /// Derives the public half.
    package init(secretKey: CurveSecretKey) throws(ZMQError) {
        var text = [CChar](repeating: 0, count: keyCharacters + 1)
        guard zmq_curve_public(&text, secretKey.z85) == 0 else { throw ZMQError(.makeKeys) }
        publicKey = try generated(text) { text throws(CurveKeyProblem) in try CurvePublicKey(z85: text) }
        self.secretKey = secretKey
    }

    /// A fresh pair from the system's random numbers.
    package static func generate() throws(ZMQError) -> CurveKeyPair {
        var publicText = [CChar](repeating: 0, count: keyCharacters + 1)
        var secretText = publicText
        guard zmq_curve_keypair(&publicText, &secretText) == 0 else { throw ZMQError(.makeKeys) }
        let secret = try generated(secretText) { text throws(CurveKeyProblem) in try CurveSecretKey(z85: text) }
        return try CurveKeyPair(secretKey: secret)
    }
}

/// Why a text is no CURVE key. It never repeats the text, which may be a secret.
package enum CurveKeyProblem: Error, Equatable, Sendable, CustomStringConvertible {
    case length(Int)
    case character(at: Int)

    package var description: String {
        switch self {
        case .length(let count):
            "a CURVE key has \(keyCharacters) characters of Z85, this one has \(count); copy it again"
        case .character(let position):
            "character \(position + 1) of the CURVE key does not belong to Z85; copy it again"
        }
    }
}

private let keyBytes = 32
private let keyCharacters = 40
private let z85Alphabet = Set(
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#".utf8)

private func checkedZ85(_ text: String) throws(CurveKeyProblem) -> String {
    guard text.utf8.count == keyCharacters else { throw .length(text.utf8.count) }
    for (position, character) in text.utf8.enumerated() where !z85Alphabet.contains(character) {
        throw .character(at: position)
    }
    return text
}

/// libzmq's own output as a key; it failing the check would mean a broken library.
private func generated<Key>(
    _ text: [CChar], _ make: (String) throws(CurveKeyProblem) -> Key
) throws(ZMQError) -> Key {
    let characters = text.prefix(keyCharacters).map(UInt8.init(bitPattern:))
    do { return try make(String(decoding: characters, as: UTF8.self)) } catch {
        throw ZMQError(code: EINVAL, operation: .makeKeys)
    }
}
