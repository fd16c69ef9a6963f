import JSON

/// The types of messages on the bus; the raw value stands between `tideline.` and `.v1`.
package enum MessageType: String, Sendable, CaseIterable {
    case response, measure, invitation, receipt
    case hello, ready, heartbeat, block, tallied, tally, committed, refused
    case score, alert, followup, advocate, feedrequest, feedreply
    case acknowledgement, silence, label, alertmark, markreply

    package var name: String { "tideline.\(rawValue).v1" }
}

/// CloudEvents 1.0 around the messages of the services themselves.
package struct Envelope {
    package let type: MessageType
    package let source: String
    package let data: JSONTree

    package init(type: MessageType, source: String, data: JSONTree) {
        self.type = type
        self.source = source
        self.data = data
    }

    /// One line of JSON; `id` is unique within `source`.
    package func encoded(id: String) -> [UInt8] {
        let event = JSONTree.object([
            ("specversion", .string("1.0")), ("id", .string(id)), ("source", .string(source)),
            ("type", .string(type.name)), ("data", data),
        ])
        return Array(event.text.utf8)
    }

    /// - Throws: ``MessageError`` when the event is not one of ours.
    package init(_ event: JSONValue) throws(MessageError) {
        type = try Self.type(of: event)
        guard let source = event.member(named: "source")?.string else { throw MessageError("/source is missing") }
        guard let data = event.member(named: "data"), data.object != nil else {
            throw MessageError("/data is missing or not an object")
        }
        self.source = source.text
        self.data = JSONTree(data)
    }

    /// The type of an event, without reading the rest of it.
    package static func type(of event: JSONValue) throws(MessageError) -> MessageType {
        guard event.object != nil else { throw MessageError("an event is a JSON object, not \(event.kind.article)") }
        guard event.member(named: "specversion")?.string.map({ $0 == "1.0" }) == true else {
            throw MessageError("/specversion must be \"1.0\"")
        }
        guard let text = event.member(named: "type")?.string else { throw MessageError("/type is missing") }
        guard let type = MessageType.allCases.first(where: { text.equals(Array($0.name.utf8)) }) else {
            throw MessageError("/type is \"\(text.excerpt)\", which is no message type of Tideline")
        }
        return type
    }
}
