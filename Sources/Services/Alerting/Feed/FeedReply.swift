import JSON
import Messages

/// Answers `tideline.feedrequest.v1`: what a consumer missed, as JSON lines behind one `tideline.feedreply.v1`.
enum FeedReply {
    /// Messages of one reply; a consumer asks again from the last sequence it got.
    static let messagesMax = 1000

    static func text(
        for request: UnsafeRawBufferPointer, store: TrendStore, machine: inout AlertingMachine, epoch: String,
        parser: JSONParser
    ) -> [UInt8] {
        do throws(MessageError) {
            let event: JSONValue
            do { event = try parser.parse(request) } catch { throw MessageError("the request is not JSON: \(error)") }
            let envelope = try Envelope(event)
            guard envelope.type == .feedrequest else {
                throw MessageError(
                    "/type is \(envelope.type.name), but this entrance takes tideline.feedrequest.v1, "
                        + "tideline.acknowledgement.v1, tideline.silence.v1 and tideline.label.v1")
            }
            let request = try FeedRequest(envelope.data)
            let isScores = request.topic.hasPrefix("\(MessageType.score.name)")
            let epoch = isScores ? machine.scoreEpoch : machine.alertEpoch
            // Sequences of another epoch mean nothing here: everything that is kept is news.
            let after = request.epoch.map { $0 == epoch } ?? true ? request.after : 0
            let messages = try messages(request.topic, after, store, &machine)
            return lines(
                .object([("epoch", .string(epoch)), ("messages", .integer(Int64(messages.count)))]), messages, epoch)
        } catch {
            return lines(
                .object([("epoch", .string(epoch)), ("messages", .integer(0)), ("error", .string(error.description))]),
                [], epoch)
        }
    }

    private static func messages(
        _ topic: String, _ after: Int64, _ store: TrendStore, _ machine: inout AlertingMachine
    ) throws(MessageError) -> [FeedMessage] {
        let scores = "\(MessageType.score.name)."
        if topic.hasPrefix(scores) { return machine.scoreSnapshot(prefix: topic, limit: messagesMax) }
        do { return try store.feed(prefix: topic, after: after, limit: messagesMax) } catch {
            throw MessageError("the trend store cannot be read: \(error)")
        }
    }

    private static func lines(_ data: JSONTree, _ messages: [FeedMessage], _ epoch: String) -> [UInt8] {
        var text = Envelope(type: .feedreply, source: "/alerting/\(epoch)", data: data).encoded(id: "reply")
        for message in messages {
            text.append(UInt8(ascii: "\n"))
            text.append(contentsOf: message.event)
        }
        return text
    }
}
