import JournalTestKit
import Satisfaction
import Testing

/// Segments as text and back, to the last byte.
@Suite struct SegmentTests {
    private func bytes(_ segment: Segment?) -> [[[UInt8]]]? {
        segment?.parts.map { [Array($0.dimension.utf8), Array($0.value.utf8)] }
    }

    @Test(arguments: [
        ("total", "total"), ("", "total"), ("region:eu", "region:eu"),
        ("region:eu,channel:chat", "region:eu,channel:chat"),
        (#"a:x\,y"#, #"a:x\,y"#), (#"a:x\\"#, #"a:x\\"#), ("a:b:c", "a:b:c"), (#"a:\x"#, "a:x"), (#"a\:b"#, "a:b"),
        ("a:total", "a:total"),
    ])
    func reads(text: String, written: String) throws {
        #expect(try #require(Segment(text)).description == written)
    }

    @Test(arguments: ["region", ":eu", "region:", "region:eu,", ",region:eu", "a:b,,c:d", "a:b,c"])
    func isNone(text: String) { #expect(Segment(text) == nil) }

    @Test(arguments: [
        "eu", ",", "\\", "\\,", ",\\", "a,b\\c:d", "\u{301}x", ",\u{301}", "\\\u{301}", ":\u{301}", "\u{200D}", "é",
        "e\u{301}",
        "\u{1F468}\u{200D}\u{1F469}", "total", " ", "\n", "\r\n", "\0", "\u{FE0F}", "日本", "a,channel:b",
    ])
    func everyValueComesBack(value: String) {
        let single = Segment(dimension: "region", value: value)
        #expect(bytes(Segment("\(single)")) == bytes(single))
        let pair = Segment([.init(dimension: "region", value: value), .init(dimension: "channel", value: value)])
        #expect(bytes(Segment("\(pair)")) == bytes(pair))
    }

    @Test func randomValuesComeBack() {
        var generator = SeededGenerator(seed: 11)
        let alphabet: [Unicode.Scalar] = [",", "\\", ":", "a", "\u{301}", "\u{200D}", "\u{1F3FD}", "é", "\r", "\n"]
        for _ in 0..<2000 {
            var value = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                value.append(alphabet.randomElement(using: &generator)!)
            }
            let pair = Segment([
                .init(dimension: "a", value: String(value)), .init(dimension: "b", value: String(value)),
            ])
            #expect(bytes(Segment("\(pair)")) == bytes(pair))
        }
    }

    @Test func containmentAndOrder() throws {
        let wide = try #require(Segment("region:eu"))
        let narrow = try #require(Segment("region:eu,channel:chat"))
        #expect(Segment.total.contains(wide) && wide.contains(narrow) && !narrow.contains(wide))
        #expect(narrow["channel"] == "chat" && narrow["agent"] == nil)
        let sorted = ["region:us", "region:eu,channel:chat", "total", "channel:z", "region:eu"]
            .compactMap { Segment($0) }.sorted()
        #expect(
            sorted.map(\.description) == ["total", "channel:z", "region:eu", "region:us", "region:eu,channel:chat"])
    }
}
