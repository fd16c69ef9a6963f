import Journal
import JournalTestKit
import Testing

@Suite struct DeadLetterTests {
    private let disk = SimulatedFileSystem(seed: 3)

    private func line(_ text: [UInt8], pointer: String? = "/data/answers", textBytesMax: Int = 100) -> String {
        var buffer = DeadLetterBuffer(DeadLetterOptions(rejectedBytesMax: textBytesMax))
        text.withUnsafeBytes {
            buffer.append(
                DeadLetter(
                    at: 5, origin: "receipts", reason: "schema", pointer: pointer, sentence: "say \"so\"", text: $0))
        }
        return String(decoding: buffer.takeAll(), as: UTF8.self)
    }

    @Test func aLetterIsOneLineOfJSON() {
        #expect(
            line(Array("{\"a\":\n1}".utf8)) == """
                {"at":5,"origin":"receipts","reason":"schema","pointer":"/data/answers","sentence":"say \\"so\\"",\
                "bytes":8,"text":"{\\"a\\":\\n1}"}

                """)
        #expect(line([], pointer: nil).contains("\"pointer\":null") && line([]).contains("\"text\":\"\""))
    }

    @Test func invalidTextIsRepairedAndLongTextCut() {
        #expect(line([0x61, 0xFF, 0x00, 0x62]).contains("\"text\":\"a\u{FFFD}\\u0000b\""))
        let cut = line(Array("ääää".utf8), textBytesMax: 5)
        #expect(cut.contains("\"bytes\":8") && cut.contains("\"text\":\"ää\u{FFFD}\""))
    }

    @Test func theOldestFileGoesFirstAndIsCounted() throws {
        let options = DeadLetterOptions(deadLetterBytesMax: 1000, fileBytesMax: 300)
        let letter = Array(line(Array("hello".utf8)).utf8)
        var writer = try DeadLetterWriter(fileSystem: disk, directory: "rejected", options: options)
        for _ in 0..<20 {
            try writer.write(letter)
            #expect(writer.bytes <= 1000)
        }
        let kept = disk.contents.values.reduce(0) { $0 + $1.count } / letter.count
        #expect(writer.written == 20 && writer.lost == UInt64(20 - kept) && kept > 2)
        // The next process goes on in a new file and keeps the limit over all of them.
        writer = try DeadLetterWriter(fileSystem: disk, directory: "rejected", options: options)
        for _ in 0..<20 { try writer.write(letter) }
        #expect(writer.bytes <= 1000 && disk.bytes == Int(writer.bytes))
    }

    @Test func aRefusingDiskLosesLettersAndSaysSo() throws {
        let writer = try DeadLetterWriter(fileSystem: disk, directory: "rejected")
        let letter = Array(line([65]).utf8)
        disk.setBytesMax(10)
        #expect(throws: JournalError.self) { try writer.write(letter + letter) }
        #expect(writer.lost == 2 && writer.written == 0)
        disk.setBytesMax(.max)
        try writer.write(letter)
        #expect(writer.written == 1)
    }

    @Test func aFullBufferLosesTheNewest() {
        var buffer = DeadLetterBuffer(DeadLetterOptions(waitingBytesMax: 200))
        for _ in 0..<5 {
            [UInt8](repeating: 65, count: 20).withUnsafeBytes {
                buffer.append(
                    DeadLetter(
                        at: 5, origin: "http", reason: "json", pointer: nil, sentence: "", text: $0))
            }
        }
        #expect(buffer.lost == 4 && !buffer.isEmpty)
        #expect(buffer.takeAll().count <= 200 && buffer.isEmpty)
    }
}
