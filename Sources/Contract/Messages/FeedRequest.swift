import JSON

/// A consumer asks for what it missed.
package struct FeedRequest: Sendable, Equatable {
    /// Prefix of the topics asked for, such as `tideline.alert.v1`.
    package let topic: String
    /// Messages after this sequence only; 0 for all that are kept.
    package let after: Int64
    /// The epoch the sequence counts in; nil when the consumer has none.
    package let epoch: String?

    package init(_ data: JSONTree) throws(MessageError) {
        let reader = TreeReader(data, place: "/data")
        topic = try reader.string("topic")
        after = reader.optional("after") == nil ? 0 : try reader.integer("after")
        guard after >= 0 else { throw MessageError("/data/after must not be negative") }
        epoch = reader.optional("epoch") == nil ? nil : try reader.string("epoch")
    }
}
