import Satisfaction
import Testing

@testable import Drawing

/// Whole drawings, as a terminal would show them.
@Suite struct TrendDrawingTests {
    /// Daily scores from Monday, 2025-09-01, "-" for a day without answers.
    private func points(_ scores: String, width half: Double? = nil, responses: Int64 = 0) -> [TrendDrawing.Point] {
        scores.split(separator: " ").enumerated().map { index, text in
            let score = Double(text)
            return TrendDrawing.Point(
                start: 1_756_684_800_000 + Int64(index) * 86_400_000, score: score,
                interval: half.flatMap { half in
                    score.map { Interval(low: max(0, $0 - half), high: min(100, $0 + half)) }
                },
                responses: score == nil ? 0 : responses + Int64(index % 7))
        }
    }

    private let fourWeeks =
        "85 86 84 87 88 - - 86 85 84 83 86 87 - 85 84 86 85 87 88 80 66 63 65 62 64 66 65"

    private func drawing(_ style: DrawingStyle, width: Int = 60) -> TrendDrawing {
        TrendDrawing(
            title: "CSAT · channel:chat", points: points(fourWeeks, width: 4, responses: 3), baseline: 85.4,
            dips: [.init(onset: 20)], width: width, height: 8, style: style)
    }

    private func expect(_ drawing: TrendDrawing, _ expected: String) {
        let lines = drawing.lines()
        #expect(lines.joined(separator: "\n") == expected)
        if !drawing.style.isColoured {
            #expect(lines.allSatisfy { $0.columns <= drawing.width && $0.last != " " })
        }
    }

    @Test func aDipWithGapsAndAnInterval() {
        expect(
            drawing(.plain),
            """
            CSAT · channel:chat  now 65.0 % (61.0–69.0) · usually 85.4 %
                                        dip since 21 Sep ▼
             90 ┤ ⠄ ⠄ ⠄ ⣀⡀      ⠄       ⠄         ⠄ ⠄ ⢀⣀⠄┊
                │⠤⠒⠒⠤⠔⠊⠉⠄⠒ ⠒ ⠒ ⠒⠤⠤⠤⠤⣀⡠⠔⠒⠉⠁ ⠒ ⠠⠤⠤⠔⠒⠢⠤⠒⠉⠁⠒⢣┊ ⠒ ⠒ ⠒ ⠒ ⠒ ⠒ ⠒
             80 ┤⠁ ⠁ ⠁         ⠁ ⠁ ⠁⠄⠁ ⠁       ⠁ ⠁ ⠁ ⠁   ⢣⠄
                │                                        ┊⢇
             70 ┤                                        ┊⠈⡆⠄         ⠄
                │                                        ┊ ⠘⠤⣀⡠⠤⣀⠁⣀⠤⠔⠒⠢⠤
             60 ┤                                        ┊   ⠁⠄⠁ ⠉⠄⠁ ⠁ ⠁
                │                                        ┊
                └┬─────────────┬─────────────┬───────────━━┯━━━━━━━━━━━━
               1 Sep         8 Sep        15 Sep        22 Sep
                 ▃▄▄▅▅▆▆▆▆    ▃▃▄▄▅▅▆▆▆▆▇▇  ▃▃▄▄▅▅▆▆▆▆▇▇██▃▃▄▄▅▅▆▆▆▆▇▇██
              ⠒⠒ score   ⢁⢈ 95 % interval   ⠒ ⠒ usual
            """)
    }

    @Test func theSameInASCII() {
        let drawing = drawing(.ascii)
        expect(
            drawing,
            """
            CSAT - channel:chat  now 65.0 % (61.0-69.0) - usually 85.4 %
                                        dip since 21 Sep v
             90 +.......**     .....  ....   .........**.:
                |*******-------***********---*********--*:--------------
             80 +......        ..........    ........   .*
                |                                        :*
             70 +                                        :*.. ..   .....
                |                                        : *****..******
             60 +                                        : .....**......
                |                                        :
                ++-------------+-------------+-----------==+============
               1 Sep         8 Sep        15 Sep        22 Sep
                 -==++****    --==++****##  --==++****##@@--==++****##@@
              * score   . 95 % interval   --- usual
            """)
        #expect(drawing.lines().allSatisfy { $0.allSatisfy(\.isASCII) })
    }

    @Test func coloursAddNothingButColours() {
        let coloured = drawing(.coloured).lines()
        #expect(coloured[1] == "                            \u{1B}[1;31mdip since 21 Sep ▼\u{1B}[0m")
        #expect(coloured.map(withoutEscapes) == drawing(.plain).lines())
        // Every colour that is switched on is switched off on the same line.
        for line in coloured {
            #expect(line.count { $0 == "\u{1B}" }.isMultiple(of: 2))
        }
    }

    @Test func aDipThatEndedAndOneThatLastsAtEightyColumns() {
        var drawing = drawing(.plain, width: 80)
        drawing.dips = [.init(onset: 9, end: 10), .init(onset: 20, label: "chat, −20 points")]
        drawing.height = 5
        expect(
            drawing,
            """
            CSAT · channel:chat                      now 65.0 % (61.0–69.0) · usually 85.4 %
                                          ▼ dip 10 Sep – 11 Sep         ▼ chat, −20 points
                │⣀⢀⣀⣀⡀⠄⣀⣀⣀⣀⠤⠄⣀ ⣀ ⣀ ⣀⢀⣀⠄⣀⠄⣀┊⣀ ⣀⣀⣀⣀⣀⡀⣀ ⣀ ⣀⠄⣀⠄⣀⣀⣀⡀⣀⠄⢀⣀⣀⠤⠤⡀⣀┊⣀ ⣀ ⣀ ⣀ ⣀ ⣀ ⣀ ⣀ ⣀ ⣀
             80 ┤⠉⠁⠁ ⠈⠉⠉ ⠁ ⠁         ⠁⠉⠉⠉⠉⠉⠉⠉⠉ ⠁ ⠁     ⠈⠉⠉⠉⠉ ⠁⠈⠉⠉⠁ ⠁ ⠁⠈⠑⢄
                │                         ┊                             ┊⠑⠢⣀⡀   ⠄     ⠄⢀⣀⣀⠄
             60 ┤                         ┊                             ┊  ⠁⠈⠉⠉⠉⠉⠉⠒⠒⠊⠉⠉⠁ ⠁⠉⠉
                │                         ┊                             ┊
                └┬──────────────────┬─────━━━──────────┬────────────────━━━┯━━━━━━━━━━━━━━━━
               1 Sep              8 Sep             15 Sep              22 Sep
                 ▃▃▄▄▄▅▅▆▆▆▆▆▆     ▃▃▃▄▄▄▅▅▅▆▆▆▆▆▇▇▇  ▃▃▃▄▄▄▅▅▅▆▆▆▆▆▇▇▇███▃▃▄▄▄▅▅▅▆▆▆▆▆▇▇▇██
              ⠒⠒ score   ⢁⢈ 95 % interval   ⠒ ⠒ usual   ▂▅█ answers, at most 9
            """)
    }

    @Test func hoursOfADayInTheirZone() {
        let start: Int64 = 1_761_444_000_000
        let points = (0..<25).map {
            TrendDrawing.Point(start: start + Int64($0) * 3_600_000, score: 80 + Double($0 % 5), responses: Int64($0))
        }
        let drawing = TrendDrawing(
            title: "CSAT", points: points, zone: TimeZoneTable(named: "Europe/Berlin")!, width: 60, height: 4,
            style: .plain)
        expect(
            drawing,
            """
            CSAT                                              now 84.0 %
             85 ┤        ⢀⡀          ⣀          ⢀⡀         ⢀⡀          ⣀
                │   ⣀⠤⠤⠒⠊⠁⠘⢄   ⢀⡠⠤⠒⠒⠉ ⢣    ⣀⠤⠔⠒⠊⠁⠘⡄   ⣀⠤⠤⠒⠊⠁⠘⢄   ⢀⡠⠤⠒⠒⠉
             80 ┤⠤⠒⠉        ⠣⠒⠉⠁       ⠣⠔⠊⠉       ⠘⠤⠒⠉        ⠣⠒⠉⠁
                │
                └───────┬────────────┬─────────────┬────────────┬───────
                      06:00        12:00         18:00       27 Oct
                   ▁▁▂▂▂▂▂▂▂▂▂▃▃▃▃▃▃▃▄▄▄▄▄▄▅▅▅▅▅▅▅▅▅▆▆▆▆▆▆▆▇▇▇▇▇▇▇▇▇████
              ⠒⠒ score   ▂▅█ answers, at most 24
            """)
    }

    @Test func onePointAndNone() {
        expect(
            TrendDrawing(title: "CSAT", points: points("84"), width: 40, height: 4, style: .plain),
            """
            CSAT                          now 84.0 %
                │
             85 ┤⣤
                │
             80 ┤
                └┬──────────────────────────────────
               1 Sep
              ⠒⠒ score
            """)
        expect(
            TrendDrawing(title: "CSAT", points: points("- - -"), width: 40, height: 4, style: .plain),
            "CSAT\n  No answers in this span.")
        #expect(TrendDrawing(title: "CSAT", points: [], width: 40, style: .plain).lines().count == 2)
    }

    @Test(arguments: [30, 31, 45, 60, 80, 120, 200], [4, 5, 9, 24])
    func noLineIsWiderThanTheTerminal(_ width: Int, _ height: Int) {
        for count in [1, 2, 3, 40, 1000] {
            for style in [DrawingStyle.plain, .ascii] {
                let points = (0..<count).map { (index: Int) -> TrendDrawing.Point in
                    let score: Double? = index % 11 == 3 ? nil : Double(index * 37 % 101)
                    return TrendDrawing.Point(
                        start: Int64(index) * 3_600_000, score: score, interval: Interval(low: 0, high: 100),
                        responses: Int64(index % 13))
                }
                let drawing = TrendDrawing(
                    title: "CSAT · region:São Paulo,channel:chat,agent:someone with a long name", points: points,
                    baseline: 101, dips: [.init(onset: count / 2), .init(onset: count + 5), .init(onset: 0, end: 0)],
                    width: width, height: height, style: style)
                let lines = drawing.lines()
                #expect(lines.allSatisfy { $0.columns <= width })
                #expect(lines.count >= height + 3)
            }
        }
    }

    @Test func textFromOutsideCannotSteerTheTerminal() {
        let drawing = TrendDrawing(
            title: "a\u{1B}[2Jb\u{7}\r\nc\u{202E}", points: points("84 85"), width: 60, height: 4, style: .plain)
        #expect(drawing.lines()[0].hasPrefix("a [2Jb  c "))
    }
}

/// The line as it is seen.
func withoutEscapes(_ line: String) -> String {
    var seen = ""
    var isEscape = false
    for character in line {
        if character == "\u{1B}" { isEscape = true }
        if !isEscape { seen.append(character) }
        if isEscape, character == "m" { isEscape = false }
    }
    return seen
}
