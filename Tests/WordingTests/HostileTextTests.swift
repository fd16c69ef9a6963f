import Testing

@testable import Wording

/// Text meant to break things: nothing traps, nothing grows, and honest words beside it are still found.
@Suite struct HostileTextTests {
    private static let commentBytes = 16_384

    private func check(_ bytes: [UInt8]) throws {
        let reader = try ThemeReader(
            ThemeMatcher([
                ThemeDefinition(name: "delivery", words: ["delivery", "доставка"]),
                ThemeDefinition(name: "repeated", words: ["a a a a a a a a", "я я"]),
            ]))
        let first = reader.themes(in: bytes)
        #expect(reader.themes(in: bytes) == first)
        #expect(reader.themes(in: bytes + Array(" delivery".utf8)).contains(0))
        var list = WordList()
        list.fill(bytes)
        for word in list.words { #expect(String(validating: list.bytes[word.range], as: UTF8.self) != nil) }
        var frequent = try FrequentWords()
        frequent.add(bytes)
        #expect(frequent.top(3).count <= 3)
    }

    @Test func malformedTextSeparatesWords() throws {
        let cases: [[UInt8]] = [
            [0xFF], [0xC3], [0xD0], [0xE2], [0xE2, 0x80], [0xF0, 0x9F, 0x98], [0x80], [0xBF, 0xBF], [0xC0, 0xAF],
            [0xC1, 0x81], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
            [0xF8, 0x88, 0x80, 0x80, 0x80],
            [0xE1, 0x80], [0xEF, 0xBB], [0x00], [0xD0, 0x20], [0xC3, 0x28], [0xE2, 0x28, 0xA1],
        ]
        for bytes in cases {
            var list = WordList()
            list.fill(Array("one".utf8) + bytes + Array("two".utf8))
            #expect(list.texts == ["one", "two"], "\(bytes)")
            try check(bytes)
        }
    }

    @Test func everyPairOfBytesIsSplitWithoutATrap() {
        var list = WordList()
        for first in UInt8.min...UInt8.max {
            for second in UInt8.min...UInt8.max {
                for tail in [[], [0x61], [0x80], [0xCC, 0x88]] as [[UInt8]] {
                    list.fill([0x61, first, second] + tail)
                    for word in list.words where String(validating: list.bytes[word.range], as: UTF8.self) == nil {
                        Issue.record("\(first) \(second) \(tail)")
                    }
                }
            }
        }
    }

    @Test(arguments: UInt64(1)...20) func randomBytesAreSplitWithoutATrap(seed: UInt64) throws {
        var state = seed &* 0x9E37_79B9_7F4A_7C15
        func next() -> UInt8 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 40)
        }
        // Half the runs favour the lead bytes that are told apart, so that letters, marks and breaks meet.
        let likely: [UInt8] = [
            0x61, 0x6F, 0x75, 0x27, 0x2D, 0x2E, 0x20, 0xC3, 0xCC, 0x88, 0x86, 0xD0, 0xB8, 0xB9, 0xE2, 0x80, 0x8B, 0x99,
            0xE1,
        ]
        let bytes = (0..<Self.commentBytes).map { _ in
            seed % 2 == 0 ? next() : likely[Int(next()) % likely.count]
        }
        try check(bytes)
    }

    @Test func invisibleScalarsAndMarksByTheKilobyte() throws {
        for scalar in [
            "\u{301}", "\u{308}", "\u{306}", "\u{200B}", "\u{200D}", "\u{FE0F}", "\u{202E}", "\u{AD}", "\u{489}",
        ] {
            let strewn = String(repeating: scalar, count: Self.commentBytes / scalar.utf8.count)
            try check(Array(strewn.utf8))
            // "е" and two dots is ё, which is е; a breve on another letter is dropped.
            #expect(WordList("deliv" + strewn + "er" + strewn + "y " + strewn).texts == ["delivery"])
        }
        let dressed = "доставка".unicodeScalars.map { String($0) + String(repeating: "\u{301}", count: 900) }.joined()
        try check(Array(dressed.utf8))
        #expect(WordList(dressed).texts == ["доставка"])
    }

    @Test func repetitionByTheKilobyte() throws {
        for piece in [
            "a", "a ", "я ", "a-", "a'", "'", "-", ".", "a.", "a\u{308}", "ae", "e-", "ŉ", "Ǆ", "\n", "😀", "1 ",
        ] {
            try check(Array(String(repeating: piece, count: Self.commentBytes / piece.utf8.count).utf8))
        }
    }

    @Test func distinctWordsByTheKilobyte() throws {
        try check(Array((0..<2_500).map { "w\($0)" }.joined(separator: " ").utf8))
    }
}
