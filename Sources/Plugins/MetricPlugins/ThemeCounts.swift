import JSON
import PluginKit
import Satisfaction
import Synchronization
import Wording

/// What comments speak of: the answers of a rated metric by theme, all of them and the dissatisfied ones.
///
/// A theme is a list of words, matched over their inflected forms in English, Russian and German. Comments are read as
/// they are counted and kept nowhere but in the message files; what is kept here are counts.
///
/// Detectors do not watch it: that people speak of a theme is neither good nor bad.
public struct ThemeCounts: Metric {
    public static let plugin = PluginDescription(
        name: "themes",
        summary:
            "Themes of the comments beside a rated metric's answers: how many speak of what, and how many in anger.",
        defaults: [
            "themes": [:],  // {theme: [word or phrase, …]}, at most 64 themes
            "of": ["name": "csat", "kind": "csat", "configuration": [:]],  // the rated metric
            "displayDigits": 1,  // 0...6 digits shown to people
        ],
        example: ["themes": ["delivery": ["deliver", "delivery", "courier"], "price": ["price", "expensive"]]])

    /// Columns before those of the themes.
    private enum Column {
        static let comments = 0
        static let dissatisfiedComments = 1
        /// Comments in which some theme was found.
        static let themed = 2
        static let firstTheme = 3
    }

    public let contract: ScoreContract
    public let unit = "%"
    public let range = 0.0...100.0
    public let method = IntervalMethod.wilson
    public let inputs: [MetricInput]
    public let width: Int
    /// Themes in the order of the configuration.
    public let names: [String]
    private let rated: any Metric
    private let rating: Rating
    private let reading: Reading

    /// A stemmer belongs to one thread at a time, a metric to any.
    ///
    /// `@unchecked`, because the reader is touched under the lock alone. Nobody waits for it: every thread that counts
    /// has metrics of its own.
    private final class Reading: @unchecked Sendable {
        private let lock = Mutex(())
        private let reader: ThemeReader

        init(_ matcher: ThemeMatcher) throws(PluginConfigurationError) {
            do { reader = try ThemeReader(matcher) } catch {
                throw PluginConfigurationError(key: "themes", sentence: "\(error)")
            }
        }

        func themes(in comment: JSONString, language: Language?) -> ThemeSet {
            lock.withLock { _ in reader.themes(in: comment.bytes, language: language) }
        }
    }

    public init(configuration: PluginConfiguration) throws(PluginConfigurationError) {
        let definitions = try Self.definitions(configuration.tree("themes"))
        let matcher: ThemeMatcher
        do { matcher = try ThemeMatcher(definitions) } catch {
            throw PluginConfigurationError(key: "themes", sentence: "\(error)")
        }
        reading = try Reading(matcher)
        names = definitions.map(\.name)
        width = Column.firstTheme + 2 * names.count
        let of = configuration.tree("of")
        let kind = of["kind"]?.string ?? ""
        guard let type = metricPlugins.first(where: { $0.plugin.name == kind }), type.plugin.name != Self.plugin.name
        else {
            throw PluginConfigurationError(
                key: "of", sentence: "names the kind \"\(kind)\", which is no metric of ratings")
        }
        rated = try type.init(configuration: PluginConfiguration(of["configuration"] ?? .null, for: type.plugin))
        guard let rating = rated.watchedRating else {
            throw PluginConfigurationError(key: "of", sentence: "names \(kind), which has no plain ratings")
        }
        self.rating = rating
        let name = of["name"]?.string ?? kind
        inputs = rated.inputs.map { $0.named(forMetric: name) }
        contract = ScoreContract(
            kind: Self.plugin.name, displayDigits: try configuration.displayDigits(), unit: unit,
            settings: [
                ("of", .string(rated.contract.hash.text)), ("themes", configuration.tree("themes")),
            ])
    }

    /// - Throws: what is wrong with themes, before there is a metric for them.
    public static func check(themes: JSONTree) throws(PluginConfigurationError) {
        do { _ = try ThemeMatcher(try definitions(themes)) } catch let error as PluginConfigurationError {
            throw error
        } catch { throw PluginConfigurationError(key: "themes", sentence: "\(error)") }
    }

    private static func definitions(_ tree: JSONTree) throws(PluginConfigurationError) -> [ThemeDefinition] {
        guard let members = tree.object else {
            throw PluginConfigurationError(
                key: "themes", sentence: "must map themes to their words, such as {delivery: [deliver, courier]}")
        }
        var definitions: [ThemeDefinition] = []
        for (name, words) in members {
            guard let list = words.array, list.allSatisfy({ $0.string != nil }) else {
                throw PluginConfigurationError(key: "themes", sentence: "must give \(name) a list of words")
            }
            definitions.append(ThemeDefinition(name: name, words: list.compactMap(\.string)))
        }
        return definitions
    }

    public var answerSchema: JSONTree { ["type": "string", "description": "the response's comment"] }

    public func count(
        _ value: JSONValue, input: Int, of event: MetricEvent, into sums: inout Contributions
    ) throws(AnswerRefusal) {
        guard let comment = event.comment, comment.count > 0 else { return }
        try rated.count(value, input: input, of: event, into: &sums)
        guard let step = sums.entries.last?.column else { return }
        sums.removeAll()
        let isDissatisfied = isDissatisfied(step: Int(step))
        sums.add(at: Column.comments)
        if isDissatisfied { sums.add(at: Column.dissatisfiedComments) }
        let language = event.data.member(named: "language")?.string.flatMap { Language(tag: $0.text) }
        let found = reading.themes(in: comment, language: language)
        if !found.isEmpty { sums.add(at: Column.themed) }
        for theme in found {
            sums.add(at: Column.firstTheme + 2 * theme)
            if isDissatisfied { sums.add(at: Column.firstTheme + 2 * theme + 1) }
        }
    }

    private func isDissatisfied(step: Int) -> Bool {
        var one = AnswerCounts(steps: rating.scale.steps)
        one.add(1, at: step)
        return RatingShares(one, rating).dissatisfied == 1
    }

    public func score(_ tally: Tally) -> Score? {
        .share(tally[Column.themed], of: tally[Column.comments])
    }

    /// A theme's part of a window.
    public struct Count: Sendable {
        public let theme: String
        /// Answers whose comment speaks of it.
        public let answers: Int64
        /// Dissatisfied ones among them.
        public let dissatisfied: Int64
    }

    /// The themes of a tally, in the order of the configuration.
    public func counts(_ tally: Tally) -> [Count] {
        names.indices.map {
            Count(
                theme: names[$0], answers: tally[Column.firstTheme + 2 * $0],
                dissatisfied: tally[Column.firstTheme + 2 * $0 + 1])
        }
    }

    public func comments(_ tally: Tally) -> Int64 { tally[Column.comments] }
    public func dissatisfiedComments(_ tally: Tally) -> Int64 { tally[Column.dissatisfiedComments] }
}
