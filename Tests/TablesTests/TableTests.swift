import JournalTestKit
import Tables
import Testing

/// The tables of texts and pairs against dictionaries.
@Suite struct TableTests {
    private func find(_ table: ByteTable, _ bytes: [UInt8]) -> Int? { bytes.withUnsafeBufferPointer { table.find($0) } }

    @Test(arguments: UInt64(1)...10) func textsGetTheNumbersADictionaryGives(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var table = ByteTable(minimumCapacity: Int.random(in: 0...200, using: &generator))
        var model: [[UInt8]: Int] = [:]
        for _ in 0..<3000 {
            // Short texts of few letters repeat often; lengths pass the eight bytes that are hashed at a time.
            let bytes = (0..<Int.random(in: 0...18, using: &generator)).map { _ in
                UInt8.random(in: 0...2, using: &generator)
            }
            #expect(find(table, bytes) == model[bytes])
            let number = bytes.withUnsafeBufferPointer { table.intern($0) }
            #expect(number == model[bytes] ?? model.count)
            model[bytes] = number
        }
        #expect(table.count == model.count)
        #expect(table.byteCount == model.keys.reduce(0) { $0 + $1.count })
        for (bytes, number) in model { #expect(Array(table.bytes(of: number)) == bytes) }
    }

    @Test func bytesDecideNotCharacters() {
        var table = ByteTable()
        #expect(table.intern("é") == 0)
        #expect(table.intern("e\u{301}") == 1)
        #expect(table.intern("") == 2)
        #expect(table.intern("\0") == 3)
        #expect(table.intern("\0\0") == 4)
        #expect(table.intern("12345678") == 5)
        #expect(table.intern("12345678\0") == 6)
        #expect(table.text(of: 1).utf8.count == 3)
    }

    @Test(arguments: UInt64(1)...10) func pairsGetTheNumbersADictionaryGives(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var table = PairTable()
        var model: [UInt64: Int] = [:]
        let spread: UInt32 = seed % 2 == 0 ? 40 : .max
        for _ in 0..<3000 {
            let first = UInt32.random(in: 0...spread, using: &generator)
            let second = UInt32.random(in: 0...spread, using: &generator)
            let key = UInt64(first) << 32 | UInt64(second)
            let number = table.intern(first, second)
            #expect(number == model[key] ?? model.count)
            model[key] = number
            #expect(table.pair(of: number) == (first, second))
        }
        #expect(table.count == model.count)
    }

    @Test func pairsOfTheEndsOfTheirRange() {
        var table = PairTable()
        #expect(table.intern(0, 0) == 0)
        #expect(table.intern(.max, .max) == 1)
        #expect(table.intern(0, .max) == 2)
        #expect(table.intern(.max, 0) == 3)
        #expect(table.intern(0, 0) == 0)
    }
}
