import CReadStat
import Export
import Testing

@Suite struct SAVWriterTests {
    private static let compressions = [SAVCompression.none, .bytes, .zlib]

    private func sav(
        _ columns: [ExportColumn], _ rows: [[ExportValue]], label: String = "", timestamp: Int64 = 0,
        _ compression: SAVCompression = .bytes
    ) throws -> ExportedBytes {
        let output = ExportedBytes()
        let writer = SAVWriter(
            rowCount: rows.count, label: label, timestamp: timestamp, compression: compression
        ) { output.take($0) }
        try writer.write(columns, rows: rows)
        return output
    }

    @Test func header() throws {
        let output = try sav(
            [.init(name: "a", kind: .flag)], [[.flag(true)]], label: "Отчёт", timestamp: 1_795_256_130_123)
        let text = { (range: Range<Int>) in String(decoding: output.bytes[range], as: UTF8.self) }
        #expect(text(0..<24) == "$FL2@(#) SPSS DATA FILE ")
        #expect(text(92..<109) == "21 Nov 2610:15:30")
        #expect(text(109..<173) == "Отчёт" + String(repeating: " ", count: 54))
        // Layout 2, one case of eight bytes, compressed, no weight, one case: little-endian as the machine.
        let numbers = output.bytes[64..<84].withUnsafeBytes { Array($0.bindMemory(to: Int32.self)) }
        #expect(numbers == [2, 1, 1, 0, 1])
        #expect(
            try String(decoding: sav([.init(name: "a", kind: .flag)], [], .zlib).bytes[0..<4], as: UTF8.self) == "$FL3")
    }

    @Test(arguments: compressions) func everyKindComesBack(_ compression: SAVCompression) throws {
        let columns: [ExportColumn] = [
            .init(
                name: "Zufriedenheit", label: "Wie zufrieden? (1–5)",
                kind: .integer(valueLabels: [
                    (1, "sehr unzufrieden"), (5, "очень доволен"), (-9, "keine Angabe"), (2, ""),
                ])),
            .init(name: "all", label: "Отдел", kind: .text(bytesMax: 30)), .init(name: "time", kind: .moment),
            .init(name: "score", kind: .number(digits: 3)), .init(name: "first contact", kind: .flag),
        ]
        let reading = try SAVReading(
            try sav(
                columns,
                [
                    [.integer(5), .text("Москва"), .moment(1_795_256_130_000), .number(0.1), .flag(true)],
                    [.missing, .missing, .missing, .missing, .missing],
                    [.integer(1 << 53), .text("Köln"), .moment(-12_212_553_600_000), .number(.nan), .flag(false)],
                    [.integer(-9), .text(""), .moment(253_402_300_799_000), .number(-.infinity), .flag(true)],
                    [.integer(151), .text("a\0b"), .moment(0), .integer(-100), .flag(false)],
                ], label: "Umfrage", compression
            ).bytes)
        #expect(reading.fileLabel == "Umfrage")
        #expect(reading.rowCount == 5)
        #expect(reading.variables.map(\.name) == ["Zufriedenheit", "V_all", "time", "score", "first_contact"])
        #expect(reading.variables.map(\.label) == ["Wie zufrieden? (1–5)", "Отдел", "", "", ""])
        #expect(reading.variables.map(\.format) == ["F17.0", "A30", "DATETIME20", "F20.3", "F1.0"])
        #expect(reading.variables[0].measure == READSTAT_MEASURE_ORDINAL)
        #expect(
            reading.valueLabels("Zufriedenheit") == [1: "sehr unzufrieden", 5: "очень доволен", -9: "keine Angabe"])
        #expect(reading.valueLabels("first_contact") == [0: "no", 1: "yes"])
        // Seconds from 1582-10-14: 141,428 days lie before 1970.
        #expect(
            reading.rows == [
                [.number(5), .text("Москва"), .number(14_014_635_330), .number(0.1), .number(1)],
                [.missing, .text(""), .missing, .missing, .missing],
                [.number(9_007_199_254_740_992), .text("Köln"), .number(6_825_600), .missing, .number(0)],
                [.number(-9), .text(""), .number(265_621_679_999), .missing, .number(1)],
                [.number(151), .text("a\u{FFFD}b"), .number(141_428 * 86_400), .number(-100), .number(0)],
            ])
    }

    @Test(arguments: [1, 7, 8, 9, 251, 252, 253, 255, 256, 257, 259, 504, 505, 511, 9000, 32_766])
    func textsOfEveryWidthComeBackWhole(_ width: Int) throws {
        // Digits that tell their place, so that a shifted segment shows.
        let text = String((0..<7000).map { "\($0)." }.joined().prefix(width - 1)) + "!"
        let columns = [
            ExportColumn(name: "comment_a", kind: .text(bytesMax: width)), .init(name: "n", kind: .integer()),
            .init(name: "comment_b", kind: .text(bytesMax: width)),
        ]
        let rows: [[ExportValue]] = [[.text(text), .integer(1), .missing], [.text("x"), .integer(2), .text(text)]]
        for compression in Self.compressions {
            let reading = try SAVReading(try sav(columns, rows, compression).bytes)
            #expect(reading.rows == [[.text(text), .number(1), .text("")], [.text("x"), .number(2), .text(text)]])
        }
    }

    /// Read here without the library, whose reader (1.1.8) loses the last byte of such a text.
    @Test func theLongestTextStandsInTheFile() throws {
        let text = String((0..<7000).map { "\($0)." }.joined().prefix(SAVLimits.textBytesMax - 1)) + "!"
        let output = try sav([.init(name: "a", kind: .text(bytesMax: SAVLimits.textBytesMax))], [[.text(text)]], .none)
        // 130 segments of 256 bytes, of which 255 hold text, and one of seven in eight.
        let row = Array(output.bytes.suffix(130 * 256 + 8))
        let held = (0..<130).flatMap { row[$0 * 256..<$0 * 256 + 255] }
        #expect(String(decoding: held, as: UTF8.self) == text + String(repeating: " ", count: 130 * 255 - 32_767))
        #expect(String(decoding: row[(130 * 256)...], as: UTF8.self) == String(repeating: " ", count: 8))
    }

    @Test(arguments: compressions) func aTableWithoutRows(_ compression: SAVCompression) throws {
        let reading = try SAVReading(try sav([.init(name: "a", kind: .text(bytesMax: 0))], [], compression).bytes)
        #expect(reading.rowCount == 0 && reading.variables.map(\.name) == ["a"])
    }

    @Test func longLabelsAreCutBetweenCharacters() throws {
        let long = "x" + String(repeating: "ж", count: 2000)
        let columns = [ExportColumn(name: "a", label: long, kind: .integer(valueLabels: [(Int64(1), long)]))]
        let reading = try SAVReading(try sav(columns, [[.integer(1)]], label: long).bytes)
        #expect(reading.fileLabel == "x" + String(repeating: "ж", count: 31))
        #expect(reading.variables[0].label == "x" + String(repeating: "ж", count: 127))
        #expect(reading.valueLabels("a") == [1: "x" + String(repeating: "ж", count: 59)])
    }

    @Test func namesWithTheSameFirstEightLetters() throws {
        let names = (0..<200).map { "satisfaction_\($0)" }
        let rows: [[ExportValue]] = [(0..<200).map { .integer($0) }]
        let reading = try SAVReading(try sav(names.map { .init(name: $0, kind: .integer()) }, rows).bytes)
        #expect(reading.variables.map(\.name) == names)
        #expect(reading.rows == [(0..<200).map { .number(Double($0)) }])
    }

    @Test func theSameTableIsTheSameBytes() throws {
        let columns = [ExportColumn(name: "a", kind: .text(bytesMax: 300))]
        #expect(try sav(columns, [[.text("x")]]).bytes == sav(columns, [[.text("x")]]).bytes)
    }

    @Test func manyRowsReachTheSinkInPieces() throws {
        let rows: [[ExportValue]] = (0..<5000).map {
            [.number(Double($0) / 7), .text(String(repeating: "k", count: 90))]
        }
        let columns: [ExportColumn] = [.init(name: "n", kind: .number()), .init(name: "t", kind: .text(bytesMax: 90))]
        let output = try sav(columns, rows, .none)
        #expect(output.calls >= 7)
        let reading = try SAVReading(output.bytes)
        #expect(reading.rows[4999] == [.number(4999 / 7.0), .text(String(repeating: "k", count: 90))])
    }
}
