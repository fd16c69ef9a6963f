import JSON
import Testing

@testable import SourcePlugins

/// Rows as RFC 4180 has them, and as exports have them.
@Suite struct CSVQuotingTests {
    private let commented = mapping([("comment", "comment")])

    /// Every outcome must be the same for every way of cutting the bytes.
    private func everyWay(_ text: String, _ mapping: JSONTree) throws -> [Outcome] {
        let whole = try read(text, mapping)
        for piece in [1, 2, 3, 7] {
            let inPieces = try read(text, mapping, piece: piece)
            #expect(inPieces == whole, "in pieces of \(piece) bytes")
        }
        return whole
    }

    private func comments(_ outcomes: [Outcome]) -> [String?] { outcomes.map { $0.data?["comment"]?.string } }

    @Test func quotesMayHoldDelimitersQuotesAndLineBreaks() throws {
        let outcomes = try everyWay(
            #"""
            id,at,score,comment
            1,2026-11-02T10:00:00Z,4,"slow, but ""kind"""
            2,2026-11-02T10:00:01Z,5,"first line
            second line"
            3,2026-11-02T10:00:02Z,1,"ends in a quote"""
            4,2026-11-02T10:00:03Z,"2",""

            """#, commented)
        #expect(
            comments(outcomes)
                == ["slow, but \"kind\"", "first line\nsecond line", "ends in a quote\"", nil])
        #expect(outcomes.map { $0.data?["answers"]?["csat"] } == [4, 5, 1, 2])
    }

    @Test func everyKindOfLineBreakEndsARow() throws {
        let rows = ["id,at,score,comment", "1,2026-11-02T10:00:00Z,4,a", "2,2026-11-02T10:00:00Z,9,\"b\""]
        let expected = try everyWay(rows.joined(separator: "\n"), commented)
        #expect(expected.count == 2)
        for lineBreak in ["\n", "\r\n", "\r"] {
            #expect(try everyWay(rows.joined(separator: lineBreak) + lineBreak, commented) == expected)
            #expect(try everyWay(rows.joined(separator: lineBreak), commented) == expected)
        }
    }

    @Test func aLineBreakInsideQuotesIsKeptAsItStands() throws {
        let text = "id,at,score,comment\r\n1,2026-11-02T10:00:00Z,4,\"a\r\nb\rc\nd\"\r\n"
        #expect(comments(try everyWay(text, commented)) == ["a\r\nb\rc\nd"])
    }

    @Test func lineNumbersCountTheLinesInsideQuotes() throws {
        let outcomes = try everyWay(
            "id,at,score,\"comment\r\nof the customer\"\r\n1,never,4,\"a\r\n\r\nb\"\r\n2,never,4,\r\n3,never,4,\r\n",
            mapping())
        #expect(outcomes.map { if case .refused(_, let line) = $0 { line } else { 0 } } == [3, 6, 7])
    }

    @Test func aByteOrderMarkIsNoPartOfTheFirstName() throws {
        let text = "id,at,score\n1,2026-11-02T10:00:00Z,4\n"
        let marked = [0xEF, 0xBB, 0xBF] + Array(text.utf8)
        for piece in [1, 2, 3, 100] {
            #expect(try read(marked, mapping(), piece: piece) == (try read(text)))
        }
        // Two of the three bytes are no mark; they belong to the first name, which is no UTF-8 then.
        let halfMarked = [0xEF, 0xBB] + Array(text.utf8)
        for piece in [1, 100] {
            let outcomes = try read(halfMarked, mapping(), piece: piece)
            #expect(
                outcomes == [.refused("the header is not UTF-8; save the export as UTF-8; no row was read", line: 1)])
        }
    }

    @Test(arguments: [",", ";", "\t"])
    func theFirstRowDecidesTheDelimiter(_ delimiter: String) throws {
        let rows = [["id", "at", "score", "\"why, oh; why\""], ["1", "2026-11-02T10:00:00Z", "4", "so, so; \tso"]]
        let quoted = rows[1].dropLast() + ["\"" + rows[1][3] + "\""]
        let text = rows[0].joined(separator: delimiter) + "\n" + quoted.joined(separator: delimiter) + "\n"
        let reading = mapping([("comment", "why, oh; why")])
        #expect(comments(try everyWay(text, reading)) == ["so, so; \tso"])
        let named = mapping([("comment", "why, oh; why"), ("delimiter", .string(delimiter))])
        #expect(try everyWay(text, named) == (try read(text, reading)))
    }

    @Test func aNamedDelimiterIsNotOverruled() throws {
        let outcomes = try read(
            "id;at,x,y,z;score\n1;2026-11-02T10:00:00Z;4\n",
            mapping([
                ("delimiter", ";"), ("time", ["position": 2]),
            ]))
        #expect(outcomes.count == 1 && outcomes[0].event?["id"] == "1")
        #expect(complaint(mapping([("delimiter", "|")])) == "delimiter: must be one of: auto, \",\", \";\", tab")
        #expect(complaint(mapping([("delimiter", "tab")])) == nil)
    }

    @Test func aQuoteInsideAnUnquotedCellIsAQuote() throws {
        let text = "id,at,score,comment\n1,2026-11-02T10:00:00Z,4,a 5\" screen\n"
        #expect(comments(try everyWay(text, commented)) == ["a 5\" screen"])
    }

    @Test func textAfterAClosingQuoteRefusesTheRowAlone() throws {
        let text = """
            id,at,score,comment
            1,2026-11-02T10:00:00Z,4,"a" b
            2,2026-11-02T10:00:00Z,5,c

            """
        let outcomes = try everyWay(text, commented)
        #expect(
            outcomes[0]
                == .refused(
                    "column 4 has text after its closing quote; a quote inside a quoted cell is written twice", line: 2)
        )
        #expect(comments(outcomes) == [nil, "c"])
    }

    @Test func anOpenQuoteAtTheEndIsSaidWithTheLineItsRowBeginsOn() throws {
        let outcomes = try everyWay("id,at,score\n1,2026-11-02T10:00:00Z,4\n2,\"2026\n3,x,4\n", mapping())
        #expect(outcomes.count == 2)
        #expect(
            outcomes[1]
                == .refused(
                    "the quote that opens column 2 is never closed, so everything after it was taken for that cell and "
                        + "not read; close it or double it", line: 3))
    }

    @Test func anOpenQuoteStopsAtTheLimitAndNotAtTheEndOfMemory() throws {
        let open = "id,at,score\n1,\"2026"
        let bytes = Array(open.utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: CSVTokenizer.recordBytesMax + 10)
        let outcomes = try read(bytes, mapping(), piece: 65_536)
        #expect(outcomes.count == 1)
        guard case .refused(let sentence, line: 2) = outcomes[0] else {
            Issue.record("\(outcomes)")
            return
        }
        #expect(sentence.hasPrefix("the quote that opens column 2 is never closed"))
        let long = Array("id,at,score\n".utf8) + [UInt8](repeating: 65, count: CSVTokenizer.recordBytesMax + 1)
        #expect(
            try read(long, mapping()) == [
                .refused(
                    "the row is longer than 1048576 bytes, so reading stopped here; is this a CSV file?", line: 2)
            ])
    }

    @Test func everyRowComesOutOnceAndInOrderHoweverTheBytesAreCut() throws {
        // A small file with everything in it, cut at every place into two pieces.
        let text =
            "\u{FEFF}id;at;score;comment\r\n1;2026-11-02T10:00:00Z;4;\"a;\"\"b\"\"\r\nc\"\r\n\r\n"
            + "2;2026-11-02T10:00:00Z;5;ü\r\n;;;\r\n3;2026-11-02T10:00:00Z;x;\"\""
        let bytes = Array(text.utf8)
        let whole = try read(bytes, commented)
        #expect(whole.count == 5)
        for cut in 1..<bytes.count {
            var source = try CSVSource(configuration: .init(commented, for: CSVSource.plugin))
            var outcomes: [Outcome] = []
            for part in [bytes[..<cut], bytes[cut...]] {
                part.withUnsafeBytes { source.read($0) { outcomes.append(Outcome($0)) } }
            }
            source.finish { outcomes.append(Outcome($0)) }
            #expect(outcomes == whole, "cut before byte \(cut)")
        }
    }
}
