import Foundation
import Satisfaction
import Testing

@testable import Drawing

/// The page of a backtest, as documents: well-formed, escaped, complete without a script.
@Suite struct PageTests {
    private func picture(_ points: [LinePicture.Point], marks: [LinePicture.Mark] = []) -> LinePicture {
        LinePicture(
            id: "p", title: "csat <of> \"all\"", summary: "A & B", unit: "%", digits: 1, points: points, marks: marks,
            span: points[0].start..<points.last!.end, limits: 0...100, zone: .utc)
    }

    private func days(_ scores: [Double], from begin: Int64 = 1_767_571_200_000) -> [LinePicture.Point] {
        scores.enumerated().map { place, score in
            let start = begin + Int64(place) * 86_400_000
            return LinePicture.Point(
                start: start, end: start + 86_400_000, score: score,
                interval: Interval(low: max(0, score - 8), high: min(100, score + 6)), responses: Int64(place % 7 + 1))
        }
    }

    private func parses(_ text: String) -> Bool { XMLReading().takes(text) }

    @Test func textFromOutsideIsEscaped() {
        #expect(Markup.escaped("<a href='x'>\"&\u{0007}") == "&lt;a href=&#39;x&#39;&gt;&quot;&amp; ")
        #expect(Markup.number(1.50) == "1.5" && Markup.number(-0.001) == "0" && Markup.number(100) == "100")
    }

    @Test(arguments: [1, 2, 40, 400]) func picturesAreWellFormed(_ count: Int) {
        let points = days((0..<count).map { 80 + 10 * sin(Double($0)) })
        let marks = [
            LinePicture.Mark(.dip, points[0].start..<points[0].end, label: "▼ 12.0", sentence: "a <fall>"),
            LinePicture.Mark(.planted, points[0].start..<points.last!.end, label: "planted", sentence: "by \"hand\""),
        ]
        let svg = picture(points, marks: marks).svg
        #expect(parses(svg))
        #expect(svg.contains("<title id=\"p-title\">csat &lt;of&gt; &quot;all&quot;</title>"))
        #expect(svg.contains("<desc id=\"p-desc\">A &amp; B</desc>") && svg.contains("class=\"planted\""))
        #expect(svg.contains("a &lt;fall&gt;"), "what the alert says is under the pointer")
    }

    @Test func aGapBreaksTheLine() {
        var points = days([80, 81, 82, 83, 84, 85])
        points.remove(at: 2)
        let lines = picture(points).svg.components(separatedBy: "class=\"line\"").count - 1
        #expect(lines == 2)
        points.remove(at: 1)
        #expect(picture(points).svg.contains("class=\"dot\""), "a single day is a dot")
    }

    @Test func aPageStandsByItself() {
        var page = Page(title: "a <title>")
        page.parts.append(Markup.table(caption: "c", heads: ["a", "b"], numeric: [1], rows: [["x<", "1"]]))
        let html = page.html
        #expect(html.contains("<title>a &lt;title&gt;</title>") && html.contains("prefers-color-scheme: dark"))
        for outside in ["http:", "https:", "src=", "@import", "url("] { #expect(!html.contains(outside)) }
        #expect(html.contains("<th scope=\"row\">x&lt;</th>"))
    }
}

/// Whether a text is one XML element, by counting what is open.
private struct XMLReading {
    func takes(_ text: String) -> Bool {
        var open: [Substring] = []
        var rest = text[...]
        while let start = rest.firstIndex(of: "<") {
            guard !rest[..<start].contains(">"), let end = rest[start...].firstIndex(of: ">") else { return false }
            let tag = rest[rest.index(after: start)..<end]
            guard !tag.contains("<"), tag.count(where: { $0 == "\"" }).isMultiple(of: 2) else { return false }
            if tag.hasPrefix("/") {
                guard open.popLast() == tag.dropFirst() else { return false }
            } else if !tag.hasSuffix("/") {
                open.append(tag.prefix { $0 != " " })
            }
            rest = rest[rest.index(after: end)...]
        }
        return open.isEmpty && !rest.contains(">")
    }
}
