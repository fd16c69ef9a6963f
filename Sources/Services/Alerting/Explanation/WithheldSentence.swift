import JSON
import Satisfaction

/// What is said of an alert whose numbers must not be shown.
enum WithheldSentence {
    /// - Parameter alert: the `data` of an alert message.
    static func text(_ alert: JSONTree) -> String {
        let metric = MetricWording(metric: alert["metric"]?.string ?? "", unit: "", digits: 0, isLowerBetter: false)
        let segment = (try? Segment(tree: alert["segment"] ?? .null)) ?? .total
        let subject = metric.nameAtStart + (segment.parts.isEmpty ? "" : " in \(segment.words)")
        let what =
            switch (alert["state"]?.string, alert["resolution"]?.string, alert["kind"]?.string) {
            case ("withdrawn", _, _): "was said to have changed, which is taken back"
            case ("resolved", "newNormal", _): "has stayed changed, which is taken as the new normal"
            case ("resolved", _, _): "is as it was before"
            case (_, _, "mix"): "has changed because other customers answer"
            case (_, _, "volume"): "has other numbers of answers than usual"
            default: "has become worse"
            }
        return "\(subject) \(what); its numbers stand on few answers and are withheld."
    }
}
