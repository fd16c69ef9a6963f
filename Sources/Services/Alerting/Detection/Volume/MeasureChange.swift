import Satisfaction

/// In what two contracts of one metric differ, as people would say it.
enum MeasureChange {
    static func sentence(from former: ScoreContract, to next: ScoreContract) -> String {
        if former.kind != next.kind { return "\(former.kind) → \(next.kind)" }
        guard let old = former.rating, let new = next.rating else { return "its definition changed" }
        if old.scale != new.scale { return "scale \(text(old.scale)) → \(text(new.scale))" }
        if old.satisfied != new.satisfied { return "satisfied \(text(old.satisfied)) → \(text(new.satisfied))" }
        if old.neutral != new.neutral { return "neutral answers \(old.neutral.rawValue) → \(new.neutral.rawValue)" }
        if former.polarity != next.polarity { return "\(former.polarity.rawValue) → \(next.polarity.rawValue)" }
        return "its definition changed"
    }

    private static func text(_ scale: Scale) -> String { "\(scale.lowest)..\(scale.highest)" }

    private static func text(_ answers: ClosedRange<Int>) -> String { "\(answers.lowerBound)..\(answers.upperBound)" }
}
