import Testing

@testable import Drawing

@Suite struct DrawingStyleTests {
    @Test(
        arguments: [
            (["LANG": "de_DE.UTF-8"], true, true, true),
            (["LANG": "de_DE.UTF-8"], false, false, true),
            (["LANG": "C.utf8", "NO_COLOR": "1"], true, false, true),
            (["LANG": "C.utf8", "NO_COLOR": ""], true, true, true),
            (["LANG": "C"], true, true, false),
            ([:], true, true, false),
            (["LANG": "en_US.UTF-8", "LC_ALL": "C"], true, true, false),
            (["LANG": "C", "LC_CTYPE": "en_GB.UTF-8", "LC_ALL": ""], true, true, true),
            (["TERM": "dumb", "LANG": "C"], true, false, false),
            (["CLICOLOR_FORCE": "1"], false, true, false),
            (["CLICOLOR_FORCE": "0"], false, false, false),
            (["CLICOLOR_FORCE": "1", "NO_COLOR": "1"], true, false, false),
        ] as [([String: String], Bool, Bool, Bool)])
    func theEnvironmentDecides(_ environment: [String: String], _ isTerminal: Bool, _ colour: Bool, _ unicode: Bool) {
        let style = DrawingStyle(environment: environment, isTerminal: isTerminal)
        #expect(style == DrawingStyle(isColoured: colour, isUnicode: unicode))
    }

    @Test func paintIsLeftOutWhereItCannotBeShown() {
        #expect(DrawingStyle.plain.painted("dip", .dip) == "dip")
        #expect(DrawingStyle.coloured.painted("dip", .dip) == "\u{1B}[1;31mdip\u{1B}[0m")
        #expect(DrawingStyle.coloured.painted("", .dip) == "")
    }

    @Test func textIsSpelledOutInASCII() {
        #expect(DrawingStyle.ascii.shown("Zürich · Größe −3 …東") == "Zuerich - Groesse -3 ...?")
    }

    @Test func aPipeIsNoTerminalAndColumnsOverrule() {
        // Descriptor -1 is never open.
        let pipe = Terminal(descriptor: -1, environment: ["LANG": "C.UTF-8"])
        #expect(!pipe.isTerminal && pipe.width == Terminal.widthDefault && pipe.style == .plain)
        #expect(Terminal(descriptor: -1, environment: ["COLUMNS": "132"]).width == 132)
        #expect(Terminal(descriptor: -1, environment: ["COLUMNS": "3"]).width == TrendDrawing.widthMin)
        #expect(Terminal(descriptor: -1, environment: ["COLUMNS": "100000"]).width == Terminal.widthMax)
    }
}
