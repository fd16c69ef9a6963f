import Export
import Testing

@Suite struct CSVWriterTests {
    private let texts = [ExportColumn(name: "text", kind: .text(bytesMax: 100)), ExportColumn(name: "n", kind: .flag)]

    private func csv(
        _ columns: [ExportColumn], _ rows: [[ExportValue]], lineEnd: CSVWriter.LineEnd = .carriageReturnLineFeed,
        formulas: CSVWriter.Formulas = .disarmed, encoding: CSVWriter.Encoding = .plain
    ) throws -> ExportedBytes {
        let output = ExportedBytes()
        let writer = CSVWriter(lineEnd: lineEnd, formulas: formulas, encoding: encoding) { output.take($0) }
        try writer.write(columns, rows: rows)
        return output
    }

    @Test func everyKind() throws {
        let columns = [
            ExportColumn(name: "id", kind: .text(bytesMax: 10)),
            ExportColumn(name: "answer", kind: .integer(valueLabels: [(5, "very satisfied")])),
            ExportColumn(name: "score", kind: .number(digits: 1)), ExportColumn(name: "time", kind: .moment),
            ExportColumn(name: "solved", kind: .flag),
        ]
        let output = try csv(
            columns,
            [
                [.text("a"), .integer(5), .number(78.25), .moment(1_795_256_130_123), .flag(true)],
                [.missing, .missing, .missing, .missing, .missing],
                [.text(""), .integer(.min), .number(-80), .moment(-1), .flag(false)],
                [.text("b"), .integer(.max), .number(.nan), .moment(0), .flag(false)],
                [.text("c"), .integer(0), .number(-.infinity), .missing, .flag(false)],
            ])
        #expect(
            output.text == """
                id,answer,score,time,solved\r
                a,5,78.25,2026-11-21T10:15:30.123Z,true\r
                ,,,,\r
                "",-9223372036854775808,-80,1969-12-31T23:59:59.999Z,false\r
                b,9223372036854775807,,1970-01-01T00:00:00.000Z,false\r
                c,0,,,false\r\n
                """)
    }

    @Test(arguments: [
        "", " ", "a", "a,b", "\"", "\"\"", "a\"b", "a\r\nb", "a\nb", "a\rb", "a;b", "a\tb", " a", "a ", "Größe, «да»",
        "👩‍👩‍👧", "\u{0}", "a'b", "e\u{301}", ",", "a\"\r\n\",",
    ])
    func textsComeBack(_ text: String) throws {
        for lineEnd in [CSVWriter.LineEnd.carriageReturnLineFeed, .lineFeed] {
            let output = try csv(texts, [[.text(text), .flag(true)]], lineEnd: lineEnd)
            let read = try CSVReader.read(output.bytes, lineEnd: lineEnd.rawValue)
            // Compared as bytes: strings that differ in normalisation alone are equal in Swift.
            #expect(read.map { $0.map { $0.map { Array($0.utf8) } } }[1] == [Array(text.utf8), Array("true".utf8)])
        }
    }

    @Test(arguments: ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "－", "=HYPERLINK(\"x\",\"y\")"])
    func formulasAreDisarmed(_ text: String) throws {
        let disarmed = try csv(texts, [[.text(text), .missing]])
        #expect(try CSVReader.read(disarmed.bytes)[1][0] == "'" + text)
        let verbatim = try csv(texts, [[.text(text), .missing]], formulas: .verbatim)
        #expect(try CSVReader.read(verbatim.bytes)[1][0] == text)
    }

    @Test func namesAreDisarmedAndNumbersAreNot() throws {
        let output = try csv(
            [ExportColumn(name: "=a,b", kind: .integer()), ExportColumn(name: "+", kind: .number())],
            [[.integer(-1), .number(-1.5)]])
        #expect(output.text == "\"'=a,b\",'+\r\n-1,-1.5\r\n")
    }

    @Test func aSingleColumnHasNoEmptyLines() throws {
        let output = try csv(
            [ExportColumn(name: "a", kind: .integer())], [[.missing], [.integer(1)]], lineEnd: .lineFeed)
        #expect(output.text == "a\n\"\"\n1\n")
    }

    @Test(arguments: [
        (0.1, "0.1"), (-0.0, "-0.0"), (0x1p53, "9007199254740992.0"), (1e300, "1e+300"),
        (.leastNonzeroMagnitude, "5e-324"),
        (-1e15, "-1000000000000000"),
    ])
    func numbersReadBack(_ number: Double, _ text: String) throws {
        let output = try csv([ExportColumn(name: "a", kind: .number())], [[.number(number)]], lineEnd: .lineFeed)
        #expect(output.text == "a\n\(text)\n")
        #expect(Double(text)?.bitPattern == number.bitPattern)
    }

    @Test func byteOrderMark() throws {
        let output = try csv([ExportColumn(name: "я", kind: .flag)], [], lineEnd: .lineFeed, encoding: .byteOrderMark)
        #expect(output.bytes == [0xEF, 0xBB, 0xBF, 0xD1, 0x8F, 0x0A])
    }

    @Test func theSinkIsCalledNowAndThen() throws {
        let row: [ExportValue] = [.text(String(repeating: "x", count: 99)), .flag(true)]
        let output = try csv(texts, Array(repeating: row, count: 2000))
        #expect(output.calls == 4)
        #expect(try CSVReader.read(output.bytes).count == 2001)
    }
}
