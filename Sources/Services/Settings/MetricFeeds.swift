import Messages
import PluginKit
import Satisfaction

/// A set's metrics as plugins, and which of them every kind of input feeds.
package struct MetricFeeds: Sendable {
    /// A metric's input, by their places.
    package struct Feed: Sendable, Equatable {
        package let metric: Int
        package let input: Int
    }

    /// An answer or measure by name, with all it feeds.
    package struct Named: Sendable {
        package let name: String
        package let bytes: [UInt8]
        package fileprivate(set) var feeds: [Feed]
    }

    package let metrics: [any Metric]
    package private(set) var answers: [Named] = []
    package private(set) var measures: [Named] = []
    package private(set) var invitations: [Feed] = []
    package private(set) var responses: [Feed] = []

    /// - Throws: ``MessageError`` when this release does not have what the set names.
    package init(_ set: DefinitionSet) throws(MessageError) {
        var metrics: [any Metric] = []
        for definition in set.metrics { metrics.append(try definition.metric()) }
        self.metrics = metrics
        for (place, metric) in metrics.enumerated() {
            for (number, input) in metric.inputs.enumerated() {
                let feed = Feed(metric: place, input: number)
                switch input {
                case .answer(let name):
                    Self.add(feed, name ?? MetricInput.answerName(ofMetric: set.metrics[place].name), to: &answers)
                case .measure(let name): Self.add(feed, name, to: &measures)
                case .invitation: invitations.append(feed)
                case .response: responses.append(feed)
                }
            }
        }
    }

    private static func add(_ feed: Feed, _ name: String, to named: inout [Named]) {
        if let place = named.firstIndex(where: { $0.name == name }) {
            named[place].feeds.append(feed)
        } else {
            named.append(Named(name: name, bytes: Array(name.utf8), feeds: [feed]))
        }
    }
}
