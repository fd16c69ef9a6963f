import Satisfaction

/// How a mean rating becomes percent; part of the contract, because the two never agree below the highest rating.
enum Normalisation: String, CaseIterable, Sendable {
    /// `mean / highest`: the lowest rating is worth something.
    case ratio
    /// `(mean − lowest) / (highest − lowest)`: the lowest rating is worth nothing.
    case range

    /// - Parameter scale: from 1 on.
    /// - Returns: 0…100 for a mean on the scale.
    func percent(_ mean: Double, on scale: Scale) -> Double {
        switch self {
        case .ratio: 100 * mean / Double(scale.highest)
        case .range: 100 * (mean - Double(scale.lowest)) / Double(scale.highest - scale.lowest)
        }
    }

    /// What one step of the scale is worth, in percent.
    func percentPerStep(on scale: Scale) -> Double {
        switch self {
        case .ratio: 100 / Double(scale.highest)
        case .range: 100 / Double(scale.highest - scale.lowest)
        }
    }
}
