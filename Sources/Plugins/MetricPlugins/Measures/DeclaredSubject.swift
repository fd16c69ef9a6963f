import PluginKit

/// What a metric declared without code is made of.
enum DeclaredSubject: Hashable, Sendable {
    /// An answer of responses; nil: the one named as the metric is.
    case answer(String?)
    case measure(String)

    /// Reads `of`: "answer NAME", "measure NAME", or null.
    init(_ configuration: PluginConfiguration) throws(PluginConfigurationError) {
        guard let text = try configuration.optionalString("of") else {
            self = .answer(nil)
            return
        }
        let words = text.split(separator: " ", maxSplits: 1)
        let name = words.count == 2 ? String(words[1]) : ""
        switch words.first {
        case "answer" where !name.isEmpty: self = .answer(name)
        case "measure" where !name.isEmpty: self = .measure(name)
        default:
            throw PluginConfigurationError(
                key: "of", sentence: "is \"\(text)\", but must be \"answer NAME\" or \"measure NAME\"")
        }
    }

    var input: MetricInput {
        switch self {
        case .answer(let name): .answer(name)
        case .measure(let name): .measure(name)
        }
    }
}
