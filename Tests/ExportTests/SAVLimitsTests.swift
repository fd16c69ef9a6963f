import Export
import Testing

@Suite struct SAVLimitsTests {
    private func begun(_ columns: [ExportColumn], rowCount: Int = 1, timestamp: Int64 = 0) throws -> SAVWriter {
        let writer = SAVWriter(rowCount: rowCount, label: "", timestamp: timestamp) { _ in }
        try writer.begin(columns)
        return writer
    }

    private func refusal(_ column: ExportColumn, _ value: ExportValue) throws -> ExportError? {
        let writer = try begun([.init(name: "other", kind: .flag), column])
        return exportError { try writer.row([.missing, value]) }
    }

    @Test func tablesTooLarge() {
        let flag = ExportColumn(name: "a", kind: .flag)
        for rowCount in [-1, .min, SAVLimits.rowsMax + 1, .max] {
            #expect(exportError { _ = try begun([flag], rowCount: rowCount) }?.reason == .tableTooLarge)
        }
        let flags = (0...SAVLimits.columnsMax).map { ExportColumn(name: "c\($0)", kind: .flag) }
        #expect(exportError { _ = try begun(flags) }?.reason == .tableTooLarge)
        let texts = (0..<600).map { ExportColumn(name: "c\($0)", kind: .text(bytesMax: SAVLimits.textBytesMax)) }
        #expect(exportError { _ = try begun(texts) }?.reason == .tableTooLarge)
    }

    @Test func theWidestTableIsWritten() throws {
        let flags = (0..<SAVLimits.columnsMax).map { ExportColumn(name: "column_\($0)", kind: .flag) }
        let output = ExportedBytes()
        let writer = SAVWriter(rowCount: 1, label: "", timestamp: 0) { output.take($0) }
        try writer.write(flags, rows: [Array(repeating: .flag(true), count: flags.count)])
        let reading = try SAVReading(output.bytes)
        #expect(reading.variables.map(\.name) == flags.map(\.name))
        #expect(reading.rows == [Array(repeating: .number(1), count: flags.count)])
    }

    @Test(arguments: [-1, Int.min, 32_768, Int.max]) func textWidths(_ width: Int) {
        let error = exportError { _ = try begun([.init(name: "a", kind: .text(bytesMax: width))]) }
        #expect(error?.reason == .textTooLong && error?.column == "a")
    }

    @Test func textsLongerThanTheirColumn() throws {
        let column = ExportColumn(name: "comment", kind: .text(bytesMax: 3))
        let error = try refusal(column, .text("über"))
        #expect(error?.reason == .textTooLong && error?.column == "comment" && error?.row == 1)
        #expect(try refusal(column, .text("übe"))?.reason == .textTooLong)
        #expect(try refusal(column, .text("üb")) == nil)
        #expect(try refusal(column, .text("a\0"))?.reason == .textTooLong)
        #expect(try refusal(.init(name: "a", kind: .text(bytesMax: 0)), .text("")) == nil)
    }

    @Test func numbersThatSPSSCannotHold() throws {
        let column = ExportColumn(name: "n", kind: .integer())
        for whole in [Int64.min, .max, SAVLimits.integerMax + 1, -SAVLimits.integerMax - 1] {
            let error = try refusal(column, .integer(whole))
            #expect(error?.reason == .outsideRange && error?.column == "n" && error?.row == 1)
        }
        #expect(try refusal(column, .integer(-SAVLimits.integerMax)) == nil)
        let number = ExportColumn(name: "n", kind: .number(digits: .max))
        #expect(try refusal(number, .number(-.greatestFiniteMagnitude))?.reason == .outsideRange)
        #expect(try refusal(number, .number(.greatestFiniteMagnitude)) == nil)
        let labels = ExportColumn(name: "a", kind: .integer(valueLabels: [(.min, "least")]))
        #expect(exportError { _ = try begun([labels]) }?.reason == .badValueLabel)
    }

    @Test func rowsAreCounted() throws {
        let columns = [ExportColumn(name: "a", kind: .flag)]
        let tooMany = try begun(columns)
        try tooMany.row([.missing])
        #expect(exportError { try tooMany.row([.missing]) }?.reason == .rowCount)
        let tooFew = try begun(columns, rowCount: 2)
        try tooFew.row([.missing])
        #expect(exportError { try tooFew.finish() }?.reason == .rowCount)
        let none = try begun(columns)
        #expect(exportError { try none.finish() }?.reason == .rowCount)
    }

    @Test(arguments: [Int64.min, .max]) func theFilesTimeHasAForm(_ timestamp: Int64) {
        let error = exportError { _ = try begun([.init(name: "a", kind: .flag)], timestamp: timestamp) }
        #expect(error?.reason == .outsideRange)
    }
}
