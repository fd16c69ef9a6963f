import Testing

@testable import JSON

/// The parser decides and the scanner explains, so the two must agree on every document, above all on broken ones.
@Suite struct AgreementTests {
    /// Documents with every feature of the grammar, to be damaged.
    private static let seeds: [String] = [
        #"{"specversion":"1.0","id":"01JD0","time":"2026-11-21T10:15:30.123Z","data":{"answers":{"csat":4,"nps":9}}}"#,
        #"[1,-0,4.0,1e2,-1.5E-3,9223372036854775807,18446744073709551615,1.7976931348623157e308,0.1]"#,
        #"["\"\\\/\b\f\n\r\t","\u0041\u00e9","\ud83d\ude00","é€😀","",true,false,null]"#,
        #" { "a" : [ ] , "b" : { } , "" : [ { "c" : [ [ null ] ] } , "]" , "}" ] } "#,
        "[\n\t{\"k\": 0.0},\r\n {\"k\": \"v\"}\n]\n", "12", "\"text\"", "true", "-0.5e1",
    ]

    /// What is put into documents: pieces of the grammar, near misses, and bytes that are no UTF-8.
    private static let pieces: [[UInt8]] =
        [
            "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud83d", "\\ude00", "\\n", "-", "+", ".", "e", "E", "0",
            "1", "9", "00", "e999", "9999999999999999999", "true", "nul", "NaN", " ", "\n", "\t", "\u{0}", "\u{1f}",
            "é", "😀", "\u{FEFF}", "[[", "]]", "{\"", "\":", ",,", "\"\"", "/", "x",
        ].map { Array($0.utf8) } + [[0x80], [0xC0], [0xC2], [0xED, 0xA0, 0x80], [0xF0, 0x9F], [0xFF]]

    private static func mutant(_ generator: inout SeededGenerator) -> [UInt8] {
        var bytes = Array(seeds.randomElement(using: &generator)!.utf8)
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            let at = Int.random(in: 0...bytes.count, using: &generator)
            let end = min(bytes.count, at + Int.random(in: 0...4, using: &generator))
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: bytes.insert(contentsOf: pieces.randomElement(using: &generator)!, at: at)
            case 1: bytes.removeSubrange(at..<end)
            case 2: bytes.replaceSubrange(at..<end, with: pieces.randomElement(using: &generator)!)
            case 3: if at < bytes.count { bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &generator) }
            default: bytes.removeSubrange(at...)
            }
        }
        return bytes
    }

    @Test(arguments: 1...8)
    func parserAndScannerAgree(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let parser = JSONParser(depthMax: 4)
        var accepted = 0
        for round in 0..<10_000 {
            let document = Self.mutant(&generator)
            let fault = document.withUnsafeBytes { SyntaxScanner.firstFault(in: $0, depthMax: 4) }
            var refusal: JSONSyntaxError?
            do {
                var writer = JSONWriter()
                writer.value(try parser.parse(document))
                accepted += 1
                checkRoundTrip(writer.bytes.map { $0 }, parser, "seed \(seed), round \(round)")
            } catch {
                refusal = error
                #expect(error.offset >= 0 && error.offset <= document.count)
            }
            #expect(
                (refusal == nil) == (fault == nil) && refusal?.reason != .unexplained,
                "seed \(seed), round \(round): \(String(decoding: document, as: UTF8.self).debugDescription) \(document)"
            )
        }
        #expect(accepted > 500 && accepted < 9500, "the mutants try both verdicts: \(accepted) of 10000 accepted")
    }

    /// What the writer wrote of a document parses, and is written the same again.
    private func checkRoundTrip(_ text: [UInt8], _ parser: JSONParser, _ place: String) {
        #expect(verdict(text, by: parser) == .accepted(String(decoding: text, as: UTF8.self)), "\(place)")
    }

    /// All documents of up to four tokens: no chance involved.
    @Test func agreeOnEveryShortDocument() {
        let tokens = ["{", "}", "[", "]", ",", ":", "\"a\"", "1", "-", " ", "null", "\\", "\"", ".0"].map {
            Array($0.utf8)
        }
        let parser = JSONParser()
        var documents: [[UInt8]] = [[]]
        var layer = documents
        for _ in 0..<4 {
            layer = layer.flatMap { document in tokens.map { document + $0 } }
            documents += layer
        }
        for document in documents {
            let isValid = (try? parser.parse(document)) != nil
            let fault = document.withUnsafeBytes { SyntaxScanner.firstFault(in: $0, depthMax: 64) }
            #expect(isValid == (fault == nil), "\(String(decoding: document, as: UTF8.self))")
        }
    }

    /// Arbitrary bytes: never a trap, and both say the same.
    @Test(arguments: 1...4)
    func agreeOnNoise(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let parser = JSONParser()
        for _ in 0..<5000 {
            let count = Int.random(in: 0..<150, using: &generator)
            let document = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            let isValid = (try? parser.parse(document)) != nil
            let fault = document.withUnsafeBytes { SyntaxScanner.firstFault(in: $0, depthMax: 64) }
            #expect(isValid == (fault == nil), "\(document)")
        }
    }
}
