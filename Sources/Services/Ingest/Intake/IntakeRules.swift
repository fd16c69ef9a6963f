import JSON
import Messages
import PluginKit
import Settings

/// What a set demands of responses.
package enum IntakeRules {
    /// - Throws: ``MessageError`` when this release does not have one of the set's metrics.
    package static func rules(of set: DefinitionSet) throws(MessageError) -> ResponseRules {
        var metrics: [any Metric] = []
        for definition in set.metrics { metrics.append(try definition.metric()) }
        let names = set.metrics.map(\.name)
        return ResponseRules(metrics: names) { metric, answer in
            do throws(AnswerRefusal) {
                _ = try metrics[metric].step(of: answer)
                return nil
            } catch { return rejection(error, metric: names[metric]) }
        }
    }

    private static func rejection(_ refusal: AnswerRefusal, metric: String) -> Rejection {
        let pointer =
            refusal.member.map { "\(JSONPointer("data", "answers", .name(metric), .name($0)))" }
            ?? "\(JSONPointer("data", "answers", .name(metric)))"
        let reason: Rejection.Reason =
            switch refusal.reason {
            case .wrongType: .wrongType
            case .notWhole: .notWhole
            case .outsideScale: .outsideScale
            case .otherScale: .otherScale
            case .unknownWord: .unknownWord
            }
        return Rejection(reason, at: pointer, refusal.sentence)
    }
}
