import Journal
import JournalTestKit
import Testing

@Suite struct FormatTests {
    @Test func crcOfKnownTexts() {
        // RFC 3720, appendix B.4, and the check value of the Castagnoli catalogue entry.
        #expect(CRC32C.of(Array("123456789".utf8)) == 0xE306_9283)
        #expect(CRC32C.of([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(CRC32C.of([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
        #expect(CRC32C.of(Array(0..<32)) == 0x46DD_794E)
        #expect(CRC32C.of([]) == 0)
    }

    @Test(arguments: 0..<40) func crcInPartsIsTheCrcOfTheWhole(split: Int) {
        let bytes = (0..<40).map { UInt8($0 * 5) }
        var crc = CRC32C()
        bytes[..<split].withUnsafeBytes { crc.add($0) }
        bytes[split...].withUnsafeBytes { crc.add($0) }
        #expect(crc.value == CRC32C.of(bytes))
        // With and without the processor's instruction.
        var tables = CRC32C()
        bytes[..<split].withUnsafeBytes { tables.addByTables($0) }
        bytes[split...].withUnsafeBytes { tables.addByTables($0) }
        #expect(tables.value == crc.value)
    }

    private static let header = BlockHeader(
        node: "00c0ffee00c0ffee", number: 42, generation: 1, mark: Mark(rawValue: 1), previous: Mark(rawValue: .max),
        synced: 41, step: -3, through: 7, clock: 1_700_000_000_000, set: "sha:abc", count: 1, bytes: 3)

    @Test func aHeaderLineReadsAsWritten() throws {
        let block = SealedBlock(sealing: Self.header, payload: Array("{}\n".utf8))
        let line = String(decoding: block.headerLine, as: UTF8.self)
        #expect(
            line == """
                {"node":"00c0ffee00c0ffee","number":42,"generation":1,"mark":"0000000000000001",\
                "previous":"ffffffffffffffff","synced":41,"step":-3,"through":7,"clock":1700000000000,"set":"sha:abc",\
                "count":1,"bytes":3,"crc":"\(hex(block.crc))"}

                """)
        #expect(try SealedBlock(line: block.headerLine, payload: block.payload) == block)
        #expect(try SealedBlock(line: block.headerLine.dropLast(), payload: block.payload) == block)
    }

    @Test(arguments: [
        (from: "\"number\":42", to: "\"number\": 42"), ("\"number\":42", "\"number\":042"),
        ("\"number\":42", "\"number\":+42"),
        ("\"number\":42", "\"number\":99999999999999999999"), ("\"synced\":41", "\"synced\":42"),
        ("\"step\":-3", "\"step\":-0"),
        ("\"step\":-3", "\"step\":8"), ("\"mark\":\"0000000000000001\"", "\"mark\":\"1\""), ("ffff", "FFFF"),
        ("\"bytes\":3", "\"bytes\":67108865"), ("\"bytes\":3", "\"bytes\":-3"), ("\"count\":1,", ""),
        ("\"node\":\"00c", "\"node\":\"\\u0030"),
    ])
    func anythingElseIsNoHeader(change: (from: String, to: String)) {
        let block = SealedBlock(sealing: Self.header, payload: Array("{}\n".utf8))
        let line = String(decoding: block.headerLine, as: UTF8.self)
        let changed = replacing(line, change.from, change.to)
        #expect(changed != line)
        #expect(throws: BlockDamage.header) { try SealedBlock(line: Array(changed.utf8), payload: block.payload) }
    }

    @Test func everyChangedByteIsNoticed() {
        let block = SealedBlock(sealing: Self.header, payload: Array("{}\n".utf8))
        for index in block.headerLine.indices.dropLast() {
            var line = block.headerLine
            line[index] ^= 1
            #expect(throws: BlockDamage.self) { try SealedBlock(line: line, payload: block.payload) }
        }
        for index in block.payload.indices {
            var payload = block.payload
            payload[index] ^= 0x80
            #expect(throws: BlockDamage.checksum) { try SealedBlock(line: block.headerLine, payload: payload) }
        }
        #expect(throws: BlockDamage.cutShort) { try SealedBlock(line: block.headerLine, payload: [1, 2]) }
    }

    @Test func marks() {
        var generator = SeededGenerator(seed: 1)
        let mark = Mark.random(using: &generator)
        #expect(mark != .none)
        #expect(Mark(mark.description) == mark)
        #expect(Mark("00000000000000AB") == nil)
        #expect(Mark("ab") == nil)
        #expect(Mark(rawValue: 0xAB).description == "00000000000000ab")
    }

    @Test(arguments: [
        "messages-00000000000000000001-00000001.jsonl", "messages-18446744073709551615-ffffffff.jsonl",
    ])
    func fileNames(name: String) { #expect(FileID(name: name)?.name == name) }

    @Test(arguments: [
        "messages-00000000000000000000-00000001.jsonl", "messages-0000000000000000000+1-00000001.jsonl",
        "messages-00000000000000000001-0000000A.jsonl", "messages-00000000000000000001-00000001.jsonl.tmp",
        "messages-99999999999999999999-00000001.jsonl", "skips", "", "méssages-0000000000000000001-00000001.jsonl",
    ])
    func otherNames(name: String) { #expect(FileID(name: name) == nil) }
}

private func hex(_ crc: UInt32) -> String {
    let digits = String(crc, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
}

private func replacing(_ text: String, _ old: String, _ new: String) -> String {
    guard let range = text.firstRange(of: old) else { return text }
    return text.replacingCharacters(in: range, with: new)
}

extension String {
    fileprivate func replacingCharacters(in range: Range<Index>, with text: String) -> String {
        self[..<range.lowerBound] + text + self[range.upperBound...]
    }
}
