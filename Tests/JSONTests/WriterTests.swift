import JSON
import Testing

@Suite struct WriterTests {
    @Test func commasAndColonsAppearWhereTheyBelong() {
        let text = written { writer in
            writer.beginObject()
            writer.name("id")
            writer.value("01JD")
            writer.name("answers")
            writer.beginArray()
            writer.value(1)
            writer.beginArray()
            writer.endArray()
            writer.beginObject()
            writer.endObject()
            writer.value(2.5)
            writer.null()
            writer.value(true)
            writer.value(false)
            writer.endArray()
            writer.name("é\n")
            writer.raw("{\"raw\":[]}")
            writer.name("max" as String)
            writer.value(UInt64.max)
            writer.endObject()
        }
        #expect(
            text
                == #"{"id":"01JD","answers":[1,[],{},2.5,null,true,false],"é\n":{"raw":[]},"max":18446744073709551615}"#
        )
    }

    @Test func linesAreDocumentsOfTheirOwn() {
        let text = written { writer in
            for number in 1...3 {
                writer.beginObject()
                writer.name("n")
                writer.value(number)
                writer.endObject()
                writer.endLine()
            }
        }
        #expect(text == "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n")
    }

    @Test func removeAllBeginsAgain() {
        var writer = JSONWriter()
        for keepingCapacity in [true, false] {
            writer.beginArray()
            writer.value("unfinished")
            writer.removeAll(keepingCapacity: keepingCapacity)
            #expect(writer.count == 0)
            writer.value(1)
            #expect(writer.text == "1")
            writer.removeAll()
        }
    }

    @Test func theBufferGrows() {
        var writer = JSONWriter(capacity: 1)
        writer.beginArray()
        for number in 0..<100_000 { writer.value(number) }
        writer.endArray()
        #expect(writer.text == "[" + (0..<100_000).map(String.init).joined(separator: ",") + "]")
        #expect(writer.withBytes { $0.count } == writer.count)
    }

    @Test(
        arguments: [
            0, 1, -1, 9, 10, 99, 100, 101, 999, 1000, 9999, 10_000, 99_999, 12_345_678, 999_999_999_999, .max, .min,
            .max - 1, .min + 1, 1_000_000_000_000_000_000, -1_000_000_000_000_000_000,
        ] as [Int64])
    func integers(number: Int64) {
        #expect(written { $0.value(number) } == String(number))
        #expect(written { $0.value(number.magnitude) } == String(number.magnitude))
    }

    @Test func integersOfEveryLength() {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<20_000 {
            let number = generator.next() >> UInt64.random(in: 0..<64, using: &generator)
            #expect(written { $0.value(number) } == String(number))
            #expect(written { $0.value(Int64(bitPattern: number)) } == String(Int64(bitPattern: number)))
        }
    }

    @Test(
        arguments: [
            (0.0, "0"), (-0.0, "-0.0"), (4, "4"), (-4, "-4"), (0.1, "0.1"), (1e-7, "1e-07"), (123456.789, "123456.789"),
            (9_007_199_254_740_991, "9007199254740991"), (9_007_199_254_740_992, "9007199254740992.0"),
            (1e16, "1e+16"), (1.7976931348623157e308, "1.7976931348623157e+308"), (.leastNonzeroMagnitude, "5e-324"),
            (1.0 / 3, "0.3333333333333333"),
        ] as [(Double, String)])
    func doubles(number: Double, expected: String) {
        #expect(written { $0.value(number) } == expected)
    }

    @Test func doublesReadBackAsTheSame() throws {
        var generator = SeededGenerator(seed: 2)
        for _ in 0..<20_000 {
            let number = Double(bitPattern: generator.next())
            guard number.isFinite else { continue }
            try withDocument(written { $0.value(number) }) { #expect($0.double?.bitPattern == number.bitPattern) }
        }
    }

    /// Every byte that may need an escape, at every position of the eight that are tested at once.
    @Test func escapesAtEveryPosition() throws {
        for scalar in (0...0x80).compactMap(Unicode.Scalar.init) {
            for position in 0..<17 {
                var text = String(repeating: "é", count: position / 2) + String(repeating: "x", count: position % 2)
                text.unicodeScalars.append(scalar)
                text += "tail of it"
                let json = written { $0.value(text) }
                try withDocument(json) { #expect($0.string?.equals(text) == true, "\(json)") }
                if scalar.value >= 0x20, scalar != "\"", scalar != "\\" { #expect(json == "\"\(text)\"") }
            }
        }
    }

    @Test func escapesAreTheShortOnes() {
        #expect(
            written { $0.value("\"\\/\u{8}\u{c}\n\r\t\u{0}\u{1f}\u{7f}") } == #""\"\\/\b\f\n\r\t\u0000\u001f"#
                + "\u{7f}\"")
        #expect(written { $0.value("") } == "\"\"")
        #expect(written { $0.value(utf8: UnsafeRawBufferPointer(start: nil, count: 0)) } == "\"\"")
    }

    @Test func parsedValuesAreCopied() throws {
        let document = #"{"a":[1,-2.5,"x\ny",null,true,18446744073709551615,{}],"b":{"c":[]}}"#
        try withDocument(document) { root in #expect(written { $0.value(root) } == document) }
    }

    @Test func nonFiniteNumbersAreAProgrammersError() async {
        await #expect(processExitsWith: .failure) {
            var writer = JSONWriter()
            writer.value(Double.nan)
        }
    }
}
