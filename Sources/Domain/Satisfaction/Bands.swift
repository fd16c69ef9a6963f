/// A named stretch of scores, such as "good".
public struct Band: Hashable, Sendable {
    public enum Edge: Hashable, Sendable {
        /// The band begins at this value and holds it.
        case from(Double)
        /// The band begins right above this value.
        case above(Double)
        /// Everything that no higher band holds.
        case rest
    }

    public let label: String
    public let edge: Edge
    /// What goes with the band, for people, such as "repurchase 20–40 %".
    public let note: String?

    public init(_ label: String, _ edge: Edge, note: String? = nil) {
        self.label = label
        self.edge = edge
        self.note = note
    }

    func holds(_ value: Double) -> Bool {
        switch edge {
        case .from(let edge): value >= edge
        case .above(let edge): value > edge
        case .rest: true
        }
    }

    /// Orders edges: right above a value lies higher than the value itself.
    fileprivate var position: (Double, Int) {
        switch edge {
        case .from(let value): (value, 0)
        case .above(let value): (value, 1)
        case .rest: (-.infinity, 0)
        }
    }
}

/// The bands of a metric, highest first; every value lies in exactly one.
public struct Bands: Hashable, Sendable {
    /// Empty, or ended by a band that takes the rest.
    public let bands: [Band]

    public static let none = Bands(unchecked: [])

    private init(unchecked bands: [Band]) { self.bands = bands }

    /// - Parameter bands: highest first; the last must be `.rest`.
    /// - Returns: nil when an edge does not lie below the one before, a label repeats, or the rest is not last.
    public init?(_ bands: [Band]) {
        guard Set(bands.map(\.label)).count == bands.count else { return nil }
        guard bands.isEmpty || bands.last?.edge == .rest else { return nil }
        for (higher, lower) in zip(bands, bands.dropFirst()) where !(lower.position < higher.position) { return nil }
        for band in bands where band.position.0.isNaN || band.label.isEmpty { return nil }
        self.bands = bands
    }

    /// The band a value lies in; nil only where there are no bands, or for what is not a number.
    public func band(of value: Double) -> Band? {
        value.isNaN ? nil : bands.first { $0.holds(value) }
    }
}
