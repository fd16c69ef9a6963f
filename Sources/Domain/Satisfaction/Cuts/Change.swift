/// A score then and now.
///
/// A fall from 75 % to 60 % is a fall of 15 points, and of 20 percent: the two are told apart by name.
public struct Change: Hashable, Sendable {
    public let from: Double
    public let to: Double

    public init(from: Double, to: Double) {
        self.from = from
        self.to = to
    }

    /// In the metric's own unit; negative where the score fell.
    public var points: Double { to - from }

    /// Points in percent of where it came from, with the sign of ``points``; nil from 0, of which nothing is a share.
    public var percent: Double? { from == 0 ? nil : 100 * (to - from) / from.magnitude }
}
