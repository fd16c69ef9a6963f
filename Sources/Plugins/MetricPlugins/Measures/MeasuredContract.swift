import JSON
import PluginKit
import Satisfaction

extension ScoreContract {
    /// The contract of a metric whose `bands`, `minimumSample` and `displayDigits` stand in its configuration.
    ///
    /// - Parameters:
    ///   - usual: the bands taken where none are set.
    ///   - keys: the settings in force that decide what is computed; those that are null are left out, so that a
    ///     setting added later keeps the contracts there are.
    init(
        _ plugin: PluginDescription, _ configuration: PluginConfiguration, polarity: Polarity = .higherIsBetter,
        rating: Rating? = nil, unit: String, usual: (name: String, bands: Bands)? = nil, keys: [String],
        settings: [(String, JSONTree)] = []
    ) throws(PluginConfigurationError) {
        self.init(
            kind: plugin.name, rating: rating, polarity: polarity, displayDigits: try configuration.displayDigits(),
            bands: try configuration.bands(named: usual.map { [$0] } ?? []),
            minimumSample: try configuration.minimumSample(), unit: unit,
            settings: keys.map { ($0, configuration.tree($0)) }.filter { $0.1 != .null } + settings)
    }
}

/// Bands whose middle is what is usually seen.
enum ReferenceBands {
    /// - Parameter range: what is usual, both ends included, in percent.
    static func around(_ range: ClosedRange<Double>, note: String) -> Bands {
        Bands([
            Band("above", .above(range.upperBound)), Band("usual", .from(range.lowerBound), note: note),
            Band("below", .rest),
        ])!
    }
}
