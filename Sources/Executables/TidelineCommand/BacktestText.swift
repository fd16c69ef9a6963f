import Drawing
import Messages
import Replay
import Satisfaction

/// What a backtest found, for the terminal.
struct BacktestText {
    let results: BacktestResults
    let width: Int
    let style: DrawingStyle

    private var zone: TimeZoneTable { TimeZoneTable(named: results.outcome.set.timeZone) ?? .utc }

    var lines: [String] {
        guard !results.rules.isEmpty else {
            return ["No rule watches anything: add one to rules in the configuration, or --rule \"name=…\"."]
        }
        var lines = head
        for rule in results.rules { lines += [""] + section(rule) }
        if results.rules.count > 1 || results.hasDrops { lines += [""] + comparison }
        if !results.distributions.isEmpty { lines += [""] + distributions }
        return lines
    }

    private var head: [String] {
        let rule = results.rules[0]
        let extent = results.outcome.extent(of: rule.rule.metric)
        guard extent.days > 0 else { return ["No answers of \(rule.rule.metric)."] }
        var lines = [
            style.shown(
                "\(day(extent.span.lowerBound)) to \(day(extent.span.upperBound - 1)): \(Int(extent.days.rounded())) days, "
                    + "\(extent.answers) answers of \(rule.rule.metric), times in \(results.outcome.set.timeZone)")
        ]
        for (drop, changed) in zip(results.outcome.drops, results.outcome.changed) {
            lines.append(
                style.shown(
                    "planted: \(drop.segment) falls by \(number(drop.points)) points from \(moment(drop.span.lowerBound)) to "
                        + "\(moment(drop.span.upperBound)); \(changed) answers changed"))
        }
        return lines
    }

    // MARK: One rule

    private func section(_ rule: RuleSummary) -> [String] {
        let title =
            "\(rule.rule.name): \(rule.rule.detector) on \(rule.rule.metric), false alarms \(rule.rule.budget), "
            + "smallest dip \(number(rule.rule.smallestDip)) points"
        var lines = [style.painted(style.shown(title), .strong)]
        if rule.neverArmed, let armed = rule.armedFrom {
            lines.append(
                "  \(Int(rule.days.rounded())) days and \(rule.answers) answers: \(rule.rule.name) is armed from \(armed)."
            )
            return lines
        }
        if rule.alerts.isEmpty {
            lines.append("  Nothing to say.")
        } else {
            lines += table(rule.alerts).map { "  " + $0 }
        }
        lines += rule.alerts.compactMap(\.sentence).map { "  " + style.shown($0) }
        for finding in rule.findings { lines.append("  " + style.shown(text(finding))) }
        return lines + ["  " + summary(rule)]
    }

    private func table(_ alerts: [AlertStory]) -> [String] {
        var table = Table([
            .init("onset"), .init("detected"), .init("segment", widthMin: 12), .init("kind"),
            .init("points", .trailing), .init("because", widthMin: 12), .init("ended"),
        ])
        for alert in alerts {
            let cause = alert.blamed
            table.append([
                .init(moment(alert.onset)), .init(moment(alert.detected)), .init("\(alert.segment)"),
                .init(alert.last.kind.rawValue),
                .init(alert.isDip ? "−\(number(alert.drop))" : number(alert.drop), .dip),
                .init("\(cause.segment) \(Int((100 * cause.share).rounded())) %"),
                .init(alert.end.map { "\(alert.ending) \(day($0))" } ?? alert.ending),
            ])
        }
        return table.lines(width: width - 2, style: style)
    }

    private func text(_ finding: DropFinding) -> String {
        let name =
            "\(finding.drop.segment) −\(number(finding.drop.points)) from \(moment(finding.drop.span.lowerBound))"
        guard let found = finding.found, let days = finding.daysToDetection, let error = finding.onsetErrorDays else {
            return "planted \(name): not found"
        }
        let blame = finding.isRightlyBlamed ? "rightly blamed" : "\(found.blamed.segment) was blamed"
        let side = error < 0 ? "before" : "after"
        return
            "planted \(name): found after \(number(days)) days and \(finding.answersToDetection ?? 0) answers, onset "
            + "\(number(abs(error))) days \(side) the true one, \(blame)"
    }

    private func summary(_ rule: RuleSummary) -> String {
        var parts = ["\(rule.dips) alerts", "\(number(rule.dipsPerMonth, 2)) a month"]
        if rule.alerts.count > rule.dips { parts.append("\(rule.alerts.count - rule.dips) notes of other kinds") }
        guard !rule.standings.isEmpty else { return parts.joined(separator: ", ") }
        parts.append("\(rule.segmentDays) segment-days watched")
        parts.append("\(rule.learning) of \(rule.learning + rule.watched) segments still learning")
        parts.append("\(number(rule.promised, 2)) false alarms promised at most")
        return parts.joined(separator: ", ")
    }

    // MARK: Side by side

    private var comparison: [String] {
        var columns: [Table.Column] = [
            .init("rule", widthMin: 12), .init("detector"), .init("alerts", .trailing), .init("a month", .trailing),
        ]
        if results.hasDrops {
            columns += [
                .init("planted found", .trailing), .init("median days", .trailing),
                .init("other alerts a month", .trailing),
            ]
        }
        var table = Table(columns)
        for rule in results.rules {
            var row: [Table.Cell] = [
                .init(rule.rule.name), .init(rule.rule.detector), .init("\(rule.dips)"),
                .init(number(rule.dipsPerMonth, 2)),
            ]
            if results.hasDrops {
                let (planted, days) = results.detection(by: rule.rule.name)
                row += [
                    .init(planted > 0 ? "\(days.count) of \(planted)" : "–"),
                    .init(median(days).map { number($0) } ?? "–"), .init(number(rule.unexplainedPerMonth, 2)),
                ]
            }
            table.append(row)
        }
        return [style.painted("Side by side", .strong)] + table.lines(width: width - 2, style: style).map { "  " + $0 }
    }

    private var distributions: [String] {
        var table = Table([
            .init("rule", widthMin: 12), .init("planted", widthMin: 12), .init("replays", .trailing),
            .init("found", .trailing), .init("median days", .trailing), .init("90 % within", .trailing),
            .init("median onset error", .trailing), .init("rightly blamed", .trailing),
        ])
        for one in results.distributions {
            let share = Int((100 * Double(one.days.count) / Double(one.planted)).rounded())
            table.append([
                .init(one.rule), .init("\(one.segment) −\(number(one.points))"), .init("\(one.planted)"),
                .init("\(share) %"), .init(one.within(0.5).map { number($0) } ?? "never"),
                .init(one.within(0.9).map { number($0) } ?? "never"),
                .init(median(one.onsetErrors).map { "\(number($0)) days" } ?? "–"),
                .init(one.days.isEmpty ? "–" : "\(one.rightlyBlamed) of \(one.days.count)"),
            ])
        }
        return [style.painted("Drops at random moments, one a replay", .strong)]
            + table.lines(width: width - 2, style: style).map { "  " + $0 }
    }

    // MARK: Words

    private func number(_ value: Double, _ digits: Int = 1) -> String { PlainNumber.text(value, digits: digits) }

    private func day(_ moment: Int64) -> String { "\(CivilDate(daysSince1970: zone.day(of: moment)))" }

    private func moment(_ moment: Int64) -> String {
        let local = Timestamp.text(moment + zone.offset(at: moment))
        return "\(local.prefix(10)) \(local.dropFirst(11).prefix(5))"
    }
}
