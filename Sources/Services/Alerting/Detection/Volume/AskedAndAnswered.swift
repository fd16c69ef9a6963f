import Foundation
import Satisfaction

/// Tells "fewer are asked" from "fewer answer", where invitations are counted.
struct AskedAndAnswered {
    /// A day, before the fall and since.
    let askedBefore: Double
    let asked: Double
    let answeredBefore: Double
    let answered: Double

    /// Invitations a day below which their number says nothing.
    static let askedMin = 3.0

    /// - Returns: nil where too few were asked to say anything.
    var sentence: String? {
        guard askedBefore >= Self.askedMin, answeredBefore > 0 else { return nil }
        let askedChange = log((asked + 0.5) / (askedBefore + 0.5))
        let answeredChange = log((answered + 0.5) / (answeredBefore + 0.5))
        guard answeredChange < 0 else { return nil }
        let rates = "\(Self.percent(answeredBefore / askedBefore)) → \(Self.percent(answered / max(asked, 0.5)))"
        let asking = "\(Self.amount(askedBefore)) → \(Self.amount(asked)) a day"
        return askedChange / answeredChange >= 0.5
            ? "fewer are asked: invitations \(asking), response rate \(rates)"
            : "fewer answer: response rate \(rates), invitations \(asking)"
    }

    private static func percent(_ share: Double) -> String { "\(Int((100 * share).rounded())) %" }
    private static func amount(_ value: Double) -> String {
        value < 10 ? String((value * 10).rounded() / 10) : String(Int(value.rounded()))
    }
}
