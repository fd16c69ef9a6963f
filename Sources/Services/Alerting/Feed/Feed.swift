import JSON
import Messages
import Satisfaction

/// Numbers the messages of every topic and renders them.
///
/// A consumer that sees a `previous` it does not know has missed something and asks for it again.
package struct Feed {
    /// How long alerts can be asked for again.
    package static let keptMilliseconds: Int64 = 30 * 86_400_000

    let epoch: String
    private let source: String
    private var sequences: [String: Int64]
    private var changed: Set<String> = []

    package init(epoch: String, sequences: [String: Int64]) {
        self.epoch = epoch
        self.sequences = sequences
        source = "/alerting/\(epoch)"
    }

    package static func topic(_ type: MessageType, metric: String, segment: Segment) -> String {
        "\(type.name).\(metric).\(segment)"
    }

    /// Numbers and renders one message.
    /// - Parameters:
    ///   - key: what makes the message's id: an alert's id and revision, or a score's window; deliveries of one key may repeat.
    ///   - at: arrival clock, ms since 1970.
    ///   - time: what the event says, where it is of another clock.
    package mutating func message(
        _ type: MessageType, metric: String, segment: Segment, key: String, at: Int64, time: Int64? = nil,
        data: JSONTree
    ) -> FeedMessage {
        let topic = Self.topic(type, metric: metric, segment: segment)
        let previous = sequences[topic] ?? 0
        sequences[topic] = previous + 1
        changed.insert(topic)
        return rendered(
            type, topic: topic, key: key, at: at, time: time ?? at, sequence: previous + 1, previous: previous,
            data: data)
    }

    /// Renders a message beside the numbering: it carries the sequence the topic has, 0 where nothing was published yet.
    func snapshot(
        _ type: MessageType, metric: String, segment: Segment, key: String, at: Int64, data: JSONTree
    ) -> FeedMessage {
        let topic = Self.topic(type, metric: metric, segment: segment)
        let sequence = sequences[topic] ?? 0
        return rendered(
            type, topic: topic, key: key, at: at, time: at, sequence: sequence, previous: max(0, sequence - 1),
            data: data)
    }

    private func rendered(
        _ type: MessageType, topic: String, key: String, at: Int64, time: Int64, sequence: Int64, previous: Int64,
        data: JSONTree
    ) -> FeedMessage {
        let event = JSONTree.object([
            ("specversion", .string("1.0")), ("id", .string(key)), ("source", .string(source)),
            ("type", .string(type.name)), ("time", .string(Timestamp.text(time))), ("epoch", .string(epoch)),
            ("sequence", .integer(sequence)), ("previous", .integer(previous)), ("data", data),
        ])
        return FeedMessage(topic: topic, sequence: sequence, at: at, event: Array(event.text.utf8))
    }

    /// Sequences changed since the last call, for the store.
    mutating func takeChangedSequences() -> [String: Int64] {
        defer { changed.removeAll() }
        return sequences.filter { changed.contains($0.key) }
    }
}
