import Drawing
import Foundation
import Messages
import PluginKit
import Satisfaction

/// What a backtest found, as one HTML page with pictures.
package struct BacktestPage {
    private let results: BacktestResults
    private let title: String
    private let seed: UInt64
    private let zone: TimeZoneTable

    /// Pictures of segments shown for a rule; the table has all alerts.
    static let picturesMax = 8
    /// Rows of the figures behind a picture.
    static let figuresMax = 400

    /// - Parameter title: what was replayed.
    package init(results: BacktestResults, title: String, seed: UInt64) {
        self.results = results
        self.title = title
        self.seed = seed
        zone = TimeZoneTable(named: results.outcome.set.timeZone) ?? .utc
    }

    package var html: String {
        var page = Page(title: "Backtest of \(title)")
        page.parts.append(head)
        if results.rules.count > 1 || results.hasDrops { page.parts.append(comparison) }
        if !results.distributions.isEmpty { page.parts.append(distributions) }
        for (place, rule) in results.rules.enumerated() { page.parts.append(section(rule, place)) }
        page.parts.append(settings)
        return page.html
    }

    private var head: String {
        let extent = results.rules.first.map { results.outcome.extent(of: $0.rule.metric) }
        let dips = results.rules.reduce(0) { $0 + $1.dips }
        let span = extent.map { extent in
            "\(day(extent.span.lowerBound)) to \(day(extent.span.upperBound - 1)): \(Int(extent.days.rounded())) days, "
                + "\(extent.answers) answers. Times are of \(zone.name)."
        }
        let links = results.rules.enumerated().map { place, rule in
            "<li><a href=\"#rule-\(place)\">\(Markup.escaped(rule.rule.name))</a>: \(count(rule.dips, "alert"))</li>"
        }
        let nav = links.count > 1 ? "<nav aria-label=\"Rules\"><ul>\(links.joined())</ul></nav>" : ""
        return """
            <h1>What \(results.rules.count == 1 ? "the rule" : "\(results.rules.count) rules") would have said</h1>
            <p>\(Markup.escaped(title)) · \(count(dips, "alert")) in all</p>
            <p class="faint">\(Markup.escaped(span ?? "There is no rule."))</p>
            \(nav)
            """
    }

    // MARK: Tables

    private var comparison: String {
        var heads = ["rule", "detector", "alerts", "a month", "segment-days watched", "promised at most"]
        if results.hasDrops { heads += ["planted found", "median days", "other alerts a month"] }
        let rows = results.rules.map { rule in
            var row = [
                rule.rule.name, rule.rule.detector, "\(rule.dips)", number(rule.dipsPerMonth, 2),
                rule.standings.isEmpty ? "–" : "\(rule.segmentDays)",
                rule.standings.isEmpty ? "–" : number(rule.promised, 2),
            ]
            if results.hasDrops {
                let (planted, days) = results.detection(by: rule.rule.name)
                row += [
                    planted > 0 ? "\(days.count) of \(planted)" : "–", median(days).map { number($0) } ?? "–",
                    number(rule.unexplainedPerMonth, 2),
                ]
            }
            return row
        }
        return "<h2>Side by side</h2>"
            + Markup.table(
                caption: "Every rule on the same history", heads: heads, numeric: Set(2..<heads.count), rows: rows)
    }

    private var distributions: String {
        let rows = results.distributions.map { one in
            [
                one.rule, "\(one.segment) −\(number(one.points))", "\(one.planted)",
                "\(Int((100 * Double(one.days.count) / Double(one.planted)).rounded())) %",
                one.within(0.5).map { number($0) } ?? "never", one.within(0.9).map { number($0) } ?? "never",
                median(one.onsetErrors).map { number($0) } ?? "–",
                one.days.isEmpty ? "–" : "\(one.rightlyBlamed) of \(one.days.count)",
            ]
        }
        return "<h2>Drops at random moments</h2>"
            + Markup.table(
                caption: "One drop a replay, seed \(seed)",
                heads: [
                    "rule", "planted", "replays", "found", "median days", "90 % within, days",
                    "median onset error, days", "rightly blamed",
                ], numeric: Set(2...7), rows: rows)
    }

    // MARK: A rule

    private func section(_ rule: RuleSummary, _ place: Int) -> String {
        var parts = ["<section id=\"rule-\(place)\"><h2>\(Markup.escaped(rule.rule.name))</h2>"]
        parts.append("<p class=\"faint\">\(Markup.escaped(facts(rule)))</p>")
        if rule.neverArmed, let armed = rule.armedFrom {
            parts.append(
                "<p>\(Int(rule.days.rounded())) days and \(rule.answers) answers: the rule is armed from \(armed).</p>")
        } else if rule.dips == 0 {
            parts.append("<p>No alert in \(Int(rule.days.rounded())) days.</p>")
        }
        if !rule.alerts.isEmpty { parts.append(alerts(rule)) }
        if !rule.findings.isEmpty { parts.append(findings(rule)) }
        let segments = shown(rule)
        for (number, segment) in segments.prefix(Self.picturesMax).enumerated() {
            parts.append(figure(rule, segment, id: "r\(place)s\(number)"))
        }
        if segments.count > Self.picturesMax {
            parts.append(
                "<p class=\"faint\">\(segments.count - Self.picturesMax) further segments have no picture here.</p>")
        }
        parts.append("</section>")
        return parts.joined(separator: "\n")
    }

    private func facts(_ rule: RuleSummary) -> String {
        var facts =
            "\(rule.rule.detector) on \(rule.rule.metric). False alarms: \(rule.rule.budget). Smallest dip: "
            + "\(number(rule.rule.smallestDip)) points."
        guard !rule.standings.isEmpty else { return facts }
        facts += " \(rule.segmentDays) segment-days watched, \(rule.learning) of "
        facts += "\(rule.learning + rule.watched) segments still learning at the end; the budget allows "
        return facts + "\(number(rule.promised, 2)) false alarms over that time."
    }

    private func alerts(_ rule: RuleSummary) -> String {
        let rows = rule.alerts.map { alert in
            [
                moment(alert.onset), moment(alert.detected), "\(alert.segment)", alert.last.kind.rawValue,
                number(alert.drop), "\(alert.blamed.segment) (\(Int((100 * alert.blamed.share).rounded())) %)",
                alert.end.map { "\(alert.ending) \(day($0))" } ?? alert.ending,
            ]
        }
        let sentences = rule.alerts.compactMap(\.sentence).map { "<li>\(Markup.escaped($0))</li>" }
        return Markup.table(
            caption: "Alerts", heads: ["onset", "detected", "segment", "kind", "points lost", "because", "ended"],
            numeric: [4], rows: rows) + (sentences.isEmpty ? "" : "<ul>\(sentences.joined())</ul>")
    }

    private func findings(_ rule: RuleSummary) -> String {
        let rows = rule.findings.map(row(of:))
        return Markup.table(
            caption: "Planted drops",
            heads: ["planted", "from", "detected", "days", "answers", "onset error, days", "blamed"],
            numeric: [3, 4, 5], rows: rows)
    }

    private func row(of finding: DropFinding) -> [String] {
        let name = "\(finding.drop.segment) −\(number(finding.drop.points))"
        let begin = moment(finding.drop.span.lowerBound)
        guard let found = finding.found, let days = finding.daysToDetection, let error = finding.onsetErrorDays else {
            return [name, begin, "not found", "–", "–", "–", "–"]
        }
        let answers = String(finding.answersToDetection ?? 0)
        return [
            name, begin, moment(found.detected), number(days), answers, number(error), "\(found.blamed.segment)",
        ]
    }

    // MARK: Pictures

    /// Segments with something to see: the total, those planted in, those of alerts by the size of their drops.
    private func shown(_ rule: RuleSummary) -> [Segment] {
        var segments: [Segment] = []
        func add(_ segment: Segment) {
            if !segments.contains(segment) { segments.append(segment) }
        }
        let hasOwn = rule.alerts.contains { $0.segment != .total } || !rule.findings.isEmpty
        if !hasOwn || rule.alerts.contains(where: { $0.segment == .total }) { add(.total) }
        for finding in rule.findings { add(finding.drop.segment) }
        for alert in rule.alerts.sorted(by: { $0.drop > $1.drop }) { add(alert.segment) }
        return segments
    }

    private func figure(_ rule: RuleSummary, _ segment: Segment, id: String) -> String {
        let outcome = results.outcome
        guard let definition = outcome.set.metrics.first(where: { $0.name == rule.rule.metric }),
            let metric = try? definition.metric()
        else { return "" }
        let (points, unitOfTime) = outcome.picture(rule.rule.metric, segment)
        let name = "\(rule.rule.metric), \(segment.parts.isEmpty ? "everyone" : "\(segment)")"
        guard !points.isEmpty else {
            return
                "<h3>\(Markup.escaped(name))</h3><p class=\"faint\">This segment has no line of its own: add its dimensions to pairs to "
                + "see it.</p>"
        }
        let span = outcome.extent(of: rule.rule.metric).span
        let marks = marks(rule, segment, span)
        let finite = metric.range.lowerBound.isFinite && metric.range.upperBound.isFinite
        let scores = points.map(\.score)
        let limits = finite ? metric.range : min(0, scores.min()!)...max(1, 2 * scores.max()!)
        let digits = metric.contract.displayDigits
        let summary =
            "A point a \(unitOfTime), \(points.count) in all, between \(text(scores.min()!, digits)) and "
            + "\(text(scores.max()!, digits)) \(metric.unit). "
            + (marks.isEmpty ? "No alerts." : marks.map(\.sentence).joined(separator: " "))
        let picture = LinePicture(
            id: id, title: name, summary: summary, unit: metric.unit, digits: digits,
            points: points.map {
                LinePicture.Point(
                    start: $0.start, end: $0.end, score: $0.score, interval: $0.interval, responses: $0.responses)
            }, marks: marks, span: span, limits: limits, zone: zone)
        return """
            <h3>\(Markup.escaped(name))</h3>
            <figure>\(picture.svg)
            <figcaption>The score by \(unitOfTime) with its 95 % interval; bars: answers, at most \
            \(points.map(\.responses).max()!). Shaded: alerts from onset to end\
            \(marks.contains { $0.kind == .planted } ? "; dashed: planted" : "").</figcaption></figure>
            \(figures(points, metric, unitOfTime))
            """
    }

    private func marks(_ rule: RuleSummary, _ segment: Segment, _ span: Range<Int64>) -> [LinePicture.Mark] {
        func clipped(_ begin: Int64, _ end: Int64) -> Range<Int64> {
            let first = min(max(begin, span.lowerBound), span.upperBound - 1)
            return first..<min(max(end, first + 1), span.upperBound)
        }
        let planted = rule.findings.filter { $0.drop.segment == segment }.map { finding in
            LinePicture.Mark(
                .planted, clipped(finding.drop.span.lowerBound, finding.drop.span.upperBound),
                label: "planted −\(number(finding.drop.points))",
                sentence:
                    "Planted: −\(number(finding.drop.points)) points from \(moment(finding.drop.span.lowerBound)).")
        }
        let dips = rule.alerts.filter { $0.segment == segment && $0.isDip }.map { alert in
            LinePicture.Mark(
                .dip, clipped(alert.onset, alert.end ?? span.upperBound), label: "▼ \(number(alert.drop))",
                sentence: alert.sentence
                    ?? "Alert: −\(number(alert.drop)) points since \(moment(alert.onset)), noticed \(moment(alert.detected)), "
                    + "\(alert.ending).")
        }
        return planted + dips
    }

    private func figures(_ points: [BacktestOutcome.LinePoint], _ metric: any Metric, _ unit: String) -> String {
        let digits = metric.contract.displayDigits
        let rows = points.suffix(Self.figuresMax).map { point in
            [
                day(point.start), text(point.score, digits),
                point.interval.map { "\(text($0.low, digits)) to \(text($0.high, digits))" } ?? "–",
                "\(point.responses)",
            ]
        }
        let left = points.count - rows.count
        let caption = left > 0 ? "The last \(rows.count) of \(points.count) \(unit)s" : "Every \(unit)"
        return "<details><summary>Figures</summary>"
            + Markup.table(
                caption: caption,
                heads: ["from", metric.unit.isEmpty ? "score" : "score, \(metric.unit)", "95 % interval", "answers"],
                numeric: [1, 2, 3], rows: rows) + "</details>"
    }

    // MARK: Settings

    private var settings: String {
        let set = results.outcome.set
        var rows = [
            ["time zone", set.timeZone], ["dimensions", set.dimensions.joined(separator: ", ")],
            ["model", set.model.joined(separator: ", ")],
            ["pairs", set.pairs.map { $0.joined(separator: " × ") }.joined(separator: ", ")],
            ["step", "\(set.stepMilliseconds / 1000) s"], ["set", set.hash.text], ["seed", "\(seed)"],
            [
                "responses",
                "\(results.outcome.accepted) accepted, \(results.outcome.duplicates) duplicates, "
                    + "\(results.outcome.rejected) refused",
            ],
        ]
        for definition in set.metrics where set.rules.contains(where: { $0.metric == definition.name }) {
            rows.append(["metric \(definition.name)", "\(definition.kind) \(definition.configuration.text)"])
        }
        for rule in set.rules {
            rows.append(["rule \(rule.name)", "\(rule.detector) \(rule.configuration.text)"])
        }
        return "<section><h2>Settings</h2>"
            + Markup.table(caption: "What was replayed under", heads: ["setting", "value"], wraps: true, rows: rows)
            + "</section>"
    }

    // MARK: Words

    private func number(_ value: Double, _ digits: Int = 1) -> String { text(value, digits) }
    private func text(_ value: Double, _ digits: Int) -> String {
        String(format: "%.\(min(6, max(0, digits)))f", value)
    }
    private func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
    private func day(_ moment: Int64) -> String { "\(CivilDate(daysSince1970: zone.day(of: moment)))" }

    private func moment(_ moment: Int64) -> String {
        let local = Timestamp.text(moment + zone.offset(at: moment))
        return "\(local.prefix(10)) \(local.dropFirst(11).prefix(5))"
    }
}
