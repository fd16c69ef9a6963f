import JSON
import PluginKit
import Satisfaction

/// Words that stand for answers: smileys, stars, good and bad, yes and no, statements one agrees with, or one's own.
struct WordMapping {
    /// Lowercase ASCII; other scripts as they are.
    private(set) var words: [(word: [UInt8], step: Int)] = []
    private(set) var readsStars = false
    /// Steps of false and true.
    private(set) var booleans: (no: Int, yes: Int)?

    static let wordsMax = 1000
    private static let names = ["smileys", "stars", "good-bad", "yes-no", "agreement"]

    init(_ tree: JSONTree, on scale: Scale) throws(PluginConfigurationError) {
        switch tree {
        case .null: return
        case .string(let name): try take(named: name, on: scale)
        case .object(let members):
            guard members.count <= Self.wordsMax else {
                throw PluginConfigurationError(key: "words", sentence: "has more than \(Self.wordsMax) words")
            }
            for (word, answer) in members {
                guard let number = answer.int64, let value = Int(exactly: number), scale.contains(value) else {
                    throw PluginConfigurationError(
                        key: "words", sentence: "\"\(word)\" must stand for a whole number on \(scale)")
                }
                try add(word, value - scale.lowest)
            }
        default:
            throw PluginConfigurationError(
                key: "words",
                sentence: "must be one of \(Self.names.joined(separator: ", ")), or map words to answers on \(scale)")
        }
    }

    private mutating func take(named name: String, on scale: Scale) throws(PluginConfigurationError) {
        let last = scale.steps - 1
        switch name {
        case "smileys":
            try needMiddle(name, scale)
            for (word, step) in [
                ("sad", 0), ("neutral", last / 2), ("happy", last), ("🙁", 0), ("☹️", 0), ("😞", 0), ("😐", last / 2),
                ("🙂", last), ("😀", last), ("😊", last),
            ] { try add(word, step) }
        case "stars":
            guard scale.lowest == 1, scale.highest <= 10 else {
                throw PluginConfigurationError(
                    key: "words", sentence: "is stars, which need a scale from 1 to at most 10, not \(scale)")
            }
            readsStars = true
        case "good-bad":
            try add("bad", 0)
            try add("good", last)
        case "yes-no":
            try add("no", 0)
            try add("yes", last)
            booleans = (0, last)
        case "agreement":
            guard scale.steps >= 5, (scale.steps - 1) % 4 == 0 else {
                throw PluginConfigurationError(
                    key: "words", sentence: "is agreement, which has five steps and does not fit evenly on \(scale)")
            }
            let words = ["strongly disagree", "disagree", "neither agree nor disagree", "agree", "strongly agree"]
            for (place, word) in words.enumerated() { try add(word, place * last / 4) }
            try add("neutral", last / 2)
        default:
            throw PluginConfigurationError(
                key: "words",
                sentence: "is \"\(name)\", but the mappings there are: \(Self.names.joined(separator: ", "))")
        }
    }

    private func needMiddle(_ name: String, _ scale: Scale) throws(PluginConfigurationError) {
        guard scale.steps % 2 == 1 else {
            throw PluginConfigurationError(
                key: "words", sentence: "is \(name), which need a scale with a middle, not \(scale)")
        }
    }

    private mutating func add(_ word: String, _ step: Int) throws(PluginConfigurationError) {
        let bytes = word.utf8.map(Self.lowercased)
        guard !bytes.isEmpty, !words.contains(where: { $0.word == bytes }) else {
            throw PluginConfigurationError(
                key: "words", sentence: word.isEmpty ? "has an empty word" : "has \"\(word)\" twice")
        }
        words.append((bytes, step))
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }

    /// Whether a text is the word, whatever the case of its ASCII letters.
    static func equal(_ text: UnsafeBufferPointer<UInt8>, _ word: [UInt8]) -> Bool {
        guard text.count == word.count else { return false }
        for (left, right) in zip(text, word) where lowercased(left) != right { return false }
        return true
    }

    /// How many stars a text of nothing but stars has: ★ or ⭐, empty ☆ behind them not counted.
    static func stars(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
        var full: Int64 = 0
        var isEmptyPart = false
        var rest = text[...]
        while rest.count >= 3 {
            let unit = (rest[rest.startIndex], rest[rest.startIndex + 1], rest[rest.startIndex + 2])
            switch unit {
            case (0xE2, 0x98, 0x85), (0xE2, 0xAD, 0x90):  // ★ ⭐
                if isEmptyPart { return nil }
                full += 1
            case (0xE2, 0x98, 0x86): isEmptyPart = true  // ☆
            case (0xEF, 0xB8, 0x8F): break  // the selector that asks for the picture
            default: return nil
            }
            rest = rest.dropFirst(3)
        }
        return rest.isEmpty && (full > 0 || isEmptyPart) ? full : nil
    }
}
