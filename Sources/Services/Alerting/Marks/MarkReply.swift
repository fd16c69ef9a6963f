import JSON
import Messages

/// Orders for marks on the requests port, each answered by one `tideline.markreply.v1`.
enum MarkReply {
    /// - Returns: nil for what is no order, or no event at all.
    static func kind(of request: UnsafeRawBufferPointer, parser: JSONParser) -> MarkOrder.Kind? {
        guard let event = try? parser.parse(request), let type = try? Envelope.type(of: event) else { return nil }
        return MarkOrder.Kind(type)
    }

    static func order(
        _ kind: MarkOrder.Kind, _ request: UnsafeRawBufferPointer, parser: JSONParser
    ) throws(MessageError) -> MarkOrder {
        let event: JSONValue
        do { event = try parser.parse(request) } catch { throw MessageError("the request is not JSON: \(error)") }
        return try MarkOrder(kind, data: try Envelope(event).data)
    }

    static func text(_ decision: MarkDecision, epoch: String) -> [UInt8] {
        Envelope(type: .markreply, source: "/alerting/\(epoch)", data: decision.data).encoded(id: "reply")
    }
}
