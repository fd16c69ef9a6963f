import Export
import JSON
import Testing

/// What holds for every format.
@Suite struct ExportWriterTests {
    private static let columns = [
        ExportColumn(name: "whole", kind: .integer()), ExportColumn(name: "number", kind: .number()),
        ExportColumn(name: "text", kind: .text(bytesMax: 20)), ExportColumn(name: "time", kind: .moment),
        ExportColumn(name: "flag", kind: .flag),
    ]
    private static let row: [ExportValue] = [.integer(1), .number(2), .text("x"), .moment(3), .flag(true)]

    enum Format: CaseIterable { case csv, jsonLines, sav }

    private func make(
        _ format: Format, rowCount: Int = 1, _ sink: @escaping ExportSink = { _ in }
    ) -> any ExportWriter {
        switch format {
        case .csv: CSVWriter(sink: sink)
        case .jsonLines: JSONLinesWriter(sink: sink)
        case .sav: SAVWriter(rowCount: rowCount, label: "", timestamp: 0, sink: sink)
        }
    }

    @Test(arguments: Format.allCases) func columnsAreChecked(_ format: Format) {
        let flag = ExportColumn.Kind.flag
        #expect(exportError { try make(format).begin([]) }?.reason == .noColumns)
        #expect(exportError { try make(format).begin([.init(name: "", kind: flag)]) }?.reason == .badName)
        let twice = exportError {
            try make(format).begin([.init(name: "a", kind: flag), .init(name: "a", kind: flag)])
        }
        #expect(twice?.reason == .badName && twice?.column == "a")
        let labels = ExportColumn(name: "a", kind: .integer(valueLabels: [(1, "x"), (1, "y")]))
        #expect(exportError { try make(format).begin([labels]) }?.reason == .badValueLabel)
    }

    @Test(arguments: Format.allCases) func aValueOfAnotherKindNamesColumnAndRow(_ format: Format) throws {
        let wrong: [ExportValue] = [.text("1"), .flag(true), .integer(1), .integer(1), .integer(1)]
        for (index, value) in wrong.enumerated() {
            let writer = make(format, rowCount: 2)
            try writer.begin(Self.columns)
            try writer.row(Self.row)
            var values = Self.row
            values[index] = value
            let error = exportError { try writer.row(values) }
            #expect(error?.reason == .wrongKind && error?.column == Self.columns[index].name && error?.row == 2)
            #expect(error?.description.hasPrefix("column \"\(Self.columns[index].name)\", row 2: ") == true)
            #expect(exportError { try writer.row(Self.row) }?.reason == .order)
            #expect(exportError { try writer.finish() }?.reason == .order)
        }
    }

    @Test(arguments: Format.allCases) func extremesAreRefusedAndNeverTrap(_ format: Format) throws {
        for milliseconds in [Int64.min, .max, -12_212_553_600_001, 253_402_300_800_000] {
            let writer = make(format)
            try writer.begin([.init(name: "time", kind: .moment)])
            let error = exportError { try writer.row([.moment(milliseconds)]) }
            #expect(error?.reason == .outsideRange && error?.column == "time" && error?.row == 1)
        }
        let writer = make(format)
        try writer.begin([.init(name: "number", kind: .number())])
        #expect(exportError { try writer.row([.integer(.max)]) }?.reason == .outsideRange)
    }

    @Test(arguments: Format.allCases) func aRowHasAValueForEveryColumn(_ format: Format) throws {
        for values in [[], Self.row.dropLast(), Self.row + [.missing]] {
            let writer = make(format)
            try writer.begin(Self.columns)
            let error = exportError { try writer.row(Array(values)) }
            #expect(error?.reason == .rowLength && error?.row == 1)
        }
    }

    @Test(arguments: Format.allCases) func callsComeInOrder(_ format: Format) throws {
        #expect(exportError { try make(format).row([]) }?.reason == .order)
        #expect(exportError { try make(format).finish() }?.reason == .order)
        let writer = make(format)
        try writer.begin(Self.columns)
        try writer.row(Self.row)
        try writer.finish()
        #expect(exportError { try writer.finish() }?.reason == .order)
        #expect(exportError { try writer.begin(Self.columns) }?.reason == .order)
        let begun = make(format)
        try begun.begin(Self.columns)
        #expect(exportError { try begun.begin(Self.columns) }?.reason == .order)
    }

    @Test(arguments: Format.allCases, [0, 100, 70_000, 200_000])
    func whatTheSinkThrowsReachesTheCaller(_ format: Format, _ room: Int) {
        let disk = FullDisk(room: room)
        let row: [ExportValue] = [.text(String(repeating: "é", count: 1000))]
        let writer = make(format, rowCount: 1000) { try disk.take($0) }
        #expect(throws: FullDisk.Full()) {
            try writer.write(
                [.init(name: "text", kind: .text(bytesMax: 2000))], rows: Array(repeating: row, count: 1000))
        }
        #expect(disk.refusals == 1)
        #expect(exportError { try writer.finish() }?.reason == .order)
        #expect(disk.refusals == 1)
    }

    @Test func jsonLinesHoldEveryMember() throws {
        let output = ExportedBytes()
        let writer = JSONLinesWriter { output.take($0) }
        try writer.write(
            Self.columns,
            rows: [
                [.integer(.max), .number(0.5), .text("Größe \"да\"\n\0"), .moment(1_795_256_130_123), .flag(true)],
                [.missing, .number(.infinity), .missing, .missing, .missing],
            ])
        let first =
            #"{"whole":9223372036854775807,"number":0.5,"text":"Größe \"да\"\n\u0000","#
            + #""time":"2026-11-21T10:15:30.123Z","flag":true}"#
        let second = #"{"whole":null,"number":null,"text":null,"time":null,"flag":null}"#
        #expect(output.text == first + "\n" + second + "\n")
    }
}
