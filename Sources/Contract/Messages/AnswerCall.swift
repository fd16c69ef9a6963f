import JSON
import Satisfaction

/// An answer at or beyond a threshold of its metric: somebody is to follow up, or has found an advocate.
///
/// Travels in the tally message of its block and is published on the feed once the block is applied: once per response
/// and metric, under an id made of them, so that a consumer that gets it twice knows it.
package struct AnswerCall: Sendable {
    /// `followup` or `advocate`.
    package let type: MessageType
    package let metric: String
    /// Same for every delivery: digest of the response's source and id and the metric's name.
    package let key: String
    /// What the message on the feed says; never the comment.
    package let data: JSONTree

    /// The call without respondent and segments, where segments of few answers are not shown: it names one response, which
    /// only its sender can tell whose it is.
    package var withoutPerson: JSONTree {
        .object(
            (data.object ?? []).map { $0.0 == "segments" ? ($0.0, .object([])) : $0 }.filter { $0.0 != "respondent" })
    }

    package init(_ call: JSONValue) throws(MessageError) {
        guard let name = call.member(named: "type")?.string?.text, let type = MessageType(rawValue: name),
            type == .followup || type == .advocate
        else { throw MessageError("/data/calls must hold objects of type followup or advocate") }
        guard let metric = call.member(named: "metric")?.string,
            let response = call.member(named: "response"), response.object != nil,
            let source = response.member(named: "source")?.string, let id = response.member(named: "id")?.string,
            call.member(named: "answer")?.double != nil, call.member(named: "threshold")?.double != nil
        else { throw MessageError("/data/calls must name metric, answer, threshold and response") }
        self.type = type
        self.metric = metric.text
        key = Digest(of: "\(type.rawValue)\n\(source.text)\n\(id.text)\n\(metric.text)").text
        data = .object((JSONTree(call).object ?? []).filter { $0.0 != "type" })
    }
}
