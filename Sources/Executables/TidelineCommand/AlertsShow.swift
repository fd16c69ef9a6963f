import ArgumentParser
import Drawing
import JSON
import Satisfaction

struct AlertsShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows one alert with its revisions and what people said of it.")

    @Argument(help: "Id of the alert, or its beginning.") var id: String
    @Flag(help: "Print everything as JSON.") var json = false
    @OptionGroup var settings: SettingsOptions

    func run() throws {
        let client = TrendClient(address: try settings.load().configuration.string("alerting.http"))
        let answer = try client.answer("/api/v1/alerts/\(try client.alertID(id))", [])
        if json {
            Console.say(answer.text)
            return
        }
        Console.say(AlertPage(answer).lines)
    }
}

/// One alert on the terminal.
struct AlertPage {
    private let alert: JSONTree
    private let revisions: [JSONTree]
    private let marks: [JSONTree]

    /// - Parameter answer: of `/api/v1/alerts/{id}`.
    init(_ answer: JSONTree) {
        alert = answer["alert"] ?? .null
        revisions = answer["revisions"]?.array ?? []
        marks = answer["marks"]?.array ?? []
    }

    var lines: [String] {
        var lines = [
            "\(text("rule")): \(text("metric")) of \(AlertText.segment(alert)), \(text("kind")), \(state)"
        ]
        if let sentence = alert["sentence"]?.string { lines.append(sentence) }
        lines.append("")
        for (name, value) in rows where !value.isEmpty {
            lines.append("  " + name.padded(to: 12) + value)
        }
        for remark in alert["remarks"]?.array ?? [] {
            lines.append("  " + "remark".padded(to: 12) + (remark.string ?? ""))
        }
        lines += ["", "revisions"] + revisions.map(Self.revision)
        if !marks.isEmpty { lines += ["", "marks"] + marks.map(Self.mark) }
        return lines
    }

    private func text(_ name: String) -> String { alert[name]?.string ?? "" }

    private var state: String {
        let resolution = text("resolution").isEmpty ? "" : " (\(text("resolution")))"
        let said = AlertText.said(alert)
        return text("state") + resolution + (said.isEmpty ? "" : ", \(said)")
    }

    private var rows: [(String, String)] {
        let range = (alert["onsetRange"]?.array ?? []).map { AlertText.minute($0) }
        return [
            ("id", text("id")), ("severity", text("severity")),
            ("was", Self.level(alert["baseline"])), ("is", Self.level(alert["current"])),
            ("drop", number("drop")),
            (
                "since",
                AlertText.minute(alert["onset"])
                    + (range.count == 2 ? ", between \(range[0]) and \(range[1]) with 95 % confidence" : "")
            ),
            ("detected", AlertText.minute(alert["detected"])), ("evidence", evidence), ("because", causes),
            ("split", split), ("with it", segments(alert["members"])),
        ]
    }

    private func number(_ name: String) -> String { alert[name]?.double.map(TrendPicture.rounded) ?? "" }

    private var evidence: String {
        guard let log = alert["evidence"]?["log"]?.double, let threshold = alert["evidence"]?["threshold"]?.double
        else { return "" }
        return "\(TrendPicture.rounded(log)), an alert needs \(TrendPicture.rounded(threshold)) (logarithms)"
    }

    private var causes: String {
        (alert["causes"]?.array ?? []).compactMap { cause in
            guard let segment = try? Segment(apiTree: cause["segment"] ?? .null) else { return nil }
            return "\(segment.title) \(Int(exactly: ((cause["share"]?.double ?? 0) * 100).rounded()) ?? 0) %"
        }.joined(separator: ", ")
    }

    private var split: String {
        guard let split = alert["split"] else { return "" }
        func part(_ name: String) -> String { split[name]?.double.map(TrendPicture.rounded) ?? "" }
        let whole = "within segments \(part("within")), mix \(part("mix")), new and gone \(part("entry"))"
        return alert["simpson"]?.bool == true ? whole + "; the segments moved the other way than the whole" : whole
    }

    private func segments(_ trees: JSONTree?) -> String {
        (trees?.array ?? []).compactMap { try? Segment(apiTree: $0).title }.joined(separator: ", ")
    }

    private static func level(_ level: JSONTree?) -> String {
        guard let score = level?["score"]?.double else { return "withheld: too few answers" }
        let bounds = level?["interval"]?.array?.compactMap { $0.double.map(TrendPicture.rounded) } ?? []
        return
            "\(TrendPicture.rounded(score)) [\(bounds.joined(separator: ", "))], \(level?["responses"]?.int64 ?? 0) answers"
    }

    private static func revision(_ revision: JSONTree) -> String {
        let number = revision["revision"]?.int64 ?? 0
        let drop = revision["drop"]?.double.map(TrendPicture.rounded) ?? ""
        return "  \(number)  \(AlertText.minute(revision["changed"]))  "
            + (revision["status"]?.string ?? "").padded(to: 10) + "drop \(drop)"
    }

    private static func mark(_ mark: JSONTree) -> String {
        var text =
            "  \(mark["counter"]?.int64 ?? 0)  \(AlertText.minute(mark["at"]))  \(mark["change"]?.string ?? "")"
        if let by = mark["by"]?.string { text += " by \(by)" }
        if let until = mark["until"] { text += " until \(AlertText.minute(until))" }
        if let note = mark["note"]?.string { text += ": \(note)" }
        return text
    }
}

extension String {
    /// With spaces up to a width, and at least one.
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}
