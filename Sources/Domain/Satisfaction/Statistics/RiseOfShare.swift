import Foundation

/// Whether a share is higher than before: Fisher's exact test of two proportions, one side.
///
/// R. A. Fisher, "On the interpretation of χ² from contingency tables, and the calculation of P", JRSS 85 (1922). Exact for
/// any counts, small ones included, which is what comments on a theme are.
public struct RiseOfShare: Sendable {
    public let part: Int64
    public let whole: Int64
    public let partBefore: Int64
    public let wholeBefore: Int64

    /// Counts outside `0 ... whole` are moved to its ends: corrections may leave a part larger than its whole.
    public init(part: Int64, of whole: Int64, before partBefore: Int64, of wholeBefore: Int64) {
        self.whole = whole.clamped(to: 0...Self.countMax)
        self.wholeBefore = wholeBefore.clamped(to: 0...Self.countMax)
        self.part = part.clamped(to: 0...self.whole)
        self.partBefore = partBefore.clamped(to: 0...self.wholeBefore)
    }

    /// Far more than anybody has, and exact as a floating-point number.
    private static let countMax: Int64 = 1 << 40
    /// Terms smaller than this part of the sum change no digit of it.
    private static let termMin = 1e-17

    /// The probability of a part this large or larger, given both wholes and the sum of the parts, if nothing has changed.
    /// 1 where there is nothing to compare.
    public var probability: Double {
        guard whole > 0, wholeBefore > 0, part > 0 else { return 1 }
        let named = part + partBefore
        let largest = min(named, whole)
        let smallest = max(0, named - wholeBefore)
        guard part > smallest else { return 1 }
        var term = Self.logChoose(whole, part) + Self.logChoose(wholeBefore, partBefore)
        term = exp(term - Self.logChoose(whole + wholeBefore, named))
        // So far out that the sum cannot begin: on one side nothing is left of it, on the other all.
        guard term > 0 else {
            return Double(part) * Double(wholeBefore) > Double(partBefore) * Double(whole) ? 0 : 1
        }
        var sum = term
        var count = part
        // From one count to the next the hypergeometric probability changes by a ratio of four factors.
        while count < largest {
            let up = Double(whole - count) * Double(named - count)
            let down = Double(count + 1) * Double(wholeBefore - named + count + 1)
            term *= up / down
            sum += term
            count += 1
            // Below the mode terms grow; only a falling tail may be cut.
            if up < down, term < sum * Self.termMin { break }
        }
        return min(1, sum)
    }

    private static func logChoose(_ whole: Int64, _ part: Int64) -> Double {
        logFactorial(whole) - logFactorial(part) - logFactorial(whole - part)
    }

    private static func logFactorial(_ number: Int64) -> Double { lgamma(Double(number) + 1) }
}
