import Testing

@testable import Drawing

@Suite struct TableTests {
    private func table() -> Table {
        var table = Table([
            .init("segment", widthMin: 8), .init("score", .trailing), .init("answers", .trailing), .init("state"),
        ])
        table.append(["region:eu-west,channel:chat", "64.2", "58", .init("dip", .dip)])
        table.append(["region:東京", "88.0", "1204", ""])
        return table
    }

    @Test func columnsAreAligned() {
        #expect(
            table().lines(width: 80, style: .plain) == [
                "segment                      score  answers  state",
                "region:eu-west,channel:chat   64.2       58  dip",
                "region:東京                   88.0     1204",
            ])
    }

    @Test func theWidestColumnThatMayBeCutGivesWay() {
        #expect(
            table().lines(width: 34, style: .plain) == [
                "segment      score  answers  state",
                "region:eu-…   64.2       58  dip",
                "region:東京   88.0     1204",
            ])
        // Numbers are never cut, even when the table is too wide then.
        #expect(table().lines(width: 10, style: .ascii)[1] == "regio...   64.2       58  dip")
    }

    @Test func coloursDoNotMoveColumns() {
        let lines = table().lines(width: 80, style: .coloured)
        #expect(lines[1].hasSuffix("  \u{1B}[1;31mdip\u{1B}[0m"))
        #expect(lines.map(withoutEscapes) == table().lines(width: 80, style: .plain))
    }

    @Test(arguments: [("a", 1), ("ü", 1), ("e\u{301}", 1), ("東", 2), ("😀", 2), ("☹️", 2), ("", 0), ("한글", 4)])
    func widthsOfTexts(_ text: String, _ columns: Int) {
        #expect(text.columns == columns)
    }
}
