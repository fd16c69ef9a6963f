import JSON
import Satisfaction

/// A metric's contract as a sentence, for whoever has to defend a number in a meeting.
struct ContractSentence {
    let metric: MetricFacts
    let length: WindowLength
    let zoneName: String

    /// "csat: share of 4..5 on 1..5 among those who answered, in %; 95 % Wilson interval; ISO weeks of Europe/Berlin;
    /// contract 1a2b…"
    var text: String {
        var unit = metric.unit.isEmpty ? "" : ", in \(metric.unit)"
        if formula.hasSuffix(metric.unit) { unit = "" }
        return "\(metric.name): \(formula)\(unit); \(Self.text(metric.method)); \(Self.text(length)) of \(zoneName); "
            + "contract \(metric.contract)"
    }

    /// What is computed of what.
    private var formula: String {
        let scale = metric.definition["scale"]?.string ?? ""
        let satisfied = Self.answers(metric.definition["satisfied"]?.string ?? "")
        let settings = metric.definition["settings"]
        let neutral =
            metric.definition["neutral"]?.string == "dissatisfied" ? ", neutral answers counted as dissatisfied" : ""
        switch metric.kind {
        case "csat", "csat.topbox": return "share of \(satisfied) on \(scale) among those who answered"
        case "csat.net": return "share of \(satisfied) less share of the dissatisfied on \(scale)\(neutral)"
        case "csat.mean": return "mean of the answers on \(scale)"
        case "nps":
            return
                "share of \(satisfied) less share of \(settings?["detractors"]?.string ?? "the detractors") on \(scale)"
        case "ces":
            let isEase = metric.definition["polarity"]?.string == Polarity.higherIsBetter.rawValue
            return "mean \(isEase ? "ease (high is good)" : "effort (high is bad)") on \(scale)"
        default: return Self.clause(metric.summary)
        }
    }

    /// "5..5" is one answer.
    private static func answers(_ range: String) -> String {
        let ends = range.split(separator: "..")
        return ends.count == 2 && ends[0] == ends[1] ? String(ends[0]) : range
    }

    /// A summary as a part of a sentence: what stands behind the name, without the full stop.
    private static func clause(_ summary: String) -> String {
        var text = summary.hasSuffix(".") ? String(summary.dropLast()) : summary
        if let colon = text.firstIndex(of: ":") { text = String(text[text.index(after: colon)...].drop { $0 == " " }) }
        return text
    }

    /// How sure a score is.
    static func text(_ method: IntervalMethod) -> String {
        switch method {
        case .wilson: "95 % Wilson interval"
        case .multinomial: "95 % interval of a difference of two shares of one sample"
        case .t: "95 % interval by Student's t"
        case .sketch: "95 % interval by order statistics, widened by the sketch's own error"
        case .conservative: "95 % interval, conservative: never narrower than the truth"
        case .poisson: "95 % Poisson interval"
        case .none: "no interval: everything was counted"
        }
    }

    static func text(_ length: WindowLength) -> String {
        switch length {
        case .quarterHour: "quarters of an hour"
        case .hour: "hours"
        case .day: "days"
        case .week: "ISO weeks"
        case .month: "months"
        case .quarter: "quarters"
        case .year: "years"
        case .all: "the whole time"
        case .rolling(let days): "the last \(days) days"
        }
    }

    /// Bands, target and smallest sample: what else decides how a score is read; empty where there is nothing to say.
    var reading: String {
        var parts: [String] = []
        let bands = Self.text(bands: metric.definition["bands"]?.array ?? [])
        if !bands.isEmpty { parts.append(bands) }
        if let target = metric.target { parts.append("target \(Self.text(target: target))") }
        if let least = metric.definition["minimumSample"]?.int64, least > 0 {
            parts.append("small below \(least) answers")
        }
        return parts.joined(separator: "; ")
    }

    /// "excellent above 80, good from 70, critical below".
    static func text(bands: [JSONTree]) -> String {
        bands.map { band in
            let label = band["label"]?.string ?? ""
            if let from = band["from"] { return "\(label) from \(from.text)" }
            if let above = band["above"] { return "\(label) above \(above.text)" }
            return bands.count == 1 ? label : "\(label) below"
        }.joined(separator: ", ")
    }

    private static func text(target: JSONTree) -> String {
        target.object.map { years in years.map { "\($0.1.text) in \($0.0)" }.joined(separator: ", ") } ?? target.text
    }
}
