import JSON
import Satisfaction

extension ScoreContract {
    /// Makes a plugin's contract.
    ///
    /// - Parameters:
    ///   - settings: everything else that changes a printed digit of the score: normalisation, weights, targets of a
    ///     measure, conversions and words, by the names the plugin's configuration gives them.
    ///   - unit: unit of the score.
    public init(
        kind: String, formulaVersion: Int = 1, rating: Rating? = nil, polarity: Polarity = .higherIsBetter,
        displayDigits: Int = 1, bands: Bands = .none, minimumSample: Int64 = 0, unit: String,
        settings: [(String, JSONTree)] = []
    ) {
        var members: [(String, JSONTree)] = [
            ("bands", .array(bands.bands.map(Self.tree(of:)))), ("displayDigits", .integer(Int64(displayDigits))),
            ("formulaVersion", .integer(Int64(formulaVersion))), ("kind", .string(kind)),
            ("minimumSample", .integer(minimumSample)), ("missing", "no-score"),
            ("polarity", .string(polarity.rawValue)),
            ("unit", .string(unit)),
        ]
        if let rating {
            members += [
                ("neutral", .string(rating.neutral.rawValue)),
                ("satisfied", .string("\(rating.satisfied.lowerBound)..\(rating.satisfied.upperBound)")),
                ("scale", .string("\(rating.scale)")),
            ]
        }
        if !settings.isEmpty { members.append(("settings", .object(settings))) }
        self.init(
            kind: kind, formulaVersion: formulaVersion, rating: rating, polarity: polarity,
            displayDigits: displayDigits, bands: bands, minimumSample: minimumSample,
            canonicalText: String(decoding: JSONTree.object(members).canonical, as: UTF8.self))
    }

    private static func tree(of band: Band) -> JSONTree {
        var members: [(String, JSONTree)] = [("label", .string(band.label))]
        switch band.edge {
        case .from(let value): members.append(("from", .number(value)))
        case .above(let value): members.append(("above", .number(value)))
        case .rest: break
        }
        if let note = band.note { members.append(("note", .string(note))) }
        return .object(members)
    }
}

extension PluginConfiguration {
    /// Bands, highest first, as a list of `{label, from | above, note}`; the last has neither edge. A text names one of
    /// `named`, null is the first of those.
    public func bands(
        _ key: String = "bands", named: [(name: String, bands: Bands)] = []
    ) throws(PluginConfigurationError) -> Bands {
        let tree = tree(key)
        if tree == .null { return named.first?.bands ?? .none }
        if let name = tree.string {
            guard let found = named.first(where: { $0.name == name }) else {
                let known = named.map(\.name).joined(separator: ", ")
                throw PluginConfigurationError(
                    key: key,
                    sentence: named.isEmpty
                        ? "is \"\(name)\", but must be a list of bands"
                        : "is \"\(name)\", but the bands there are: \(known); or give a list of bands")
            }
            return found.bands
        }
        guard let list = tree.array else {
            throw PluginConfigurationError(
                key: key, sentence: "must be a list of bands such as [{label: good, from: 70}, {label: poor}]")
        }
        var bands: [Band] = []
        for element in list { bands.append(try band(element, key)) }
        guard let checked = Bands(bands) else {
            throw PluginConfigurationError(
                key: key,
                sentence:
                    "must list bands from the highest to the lowest with different labels and falling edges; only the "
                    + "last has no edge")
        }
        return checked
    }

    private func band(_ tree: JSONTree, _ key: String) throws(PluginConfigurationError) -> Band {
        guard let members = tree.object, let label = tree["label"]?.string, !label.isEmpty else {
            throw PluginConfigurationError(key: key, sentence: "has a band without a label")
        }
        for (name, _) in members where !["label", "from", "above", "note"].contains(name) {
            throw PluginConfigurationError(
                key: key, sentence: "has a band with \"\(name)\"; a band has: label, from or above, note")
        }
        let note = tree["note"]?.string
        switch (tree["from"], tree["above"]) {
        case (nil, nil): return Band(label, .rest, note: note)
        case (let edge?, nil):
            if let value = edge.double, value.isFinite { return Band(label, .from(value), note: note) }
        case (nil, let edge?):
            if let value = edge.double, value.isFinite { return Band(label, .above(value), note: note) }
        default: break
        }
        throw PluginConfigurationError(
            key: key,
            sentence: "band \(label) must have one edge, a number: from (held by the band) or above (not held)")
    }

    /// The answer a metric is made of, for its contract: another question is another metric. Nothing where the
    /// configuration does not name it, which the services' settings always do.
    public var namedAnswer: [(String, JSONTree)] {
        effective["answer"].map { $0 == .null ? [] : [("answer", $0)] } ?? []
    }

    public func displayDigits() throws(PluginConfigurationError) -> Int { try integer("displayDigits", in: 0...6) }

    public func minimumSample() throws(PluginConfigurationError) -> Int64 {
        Int64(try integer("minimumSample", in: 0...1_000_000_000))
    }
}
