/// Why a message is not taken, for its sender, the operator and the dead letters.
package struct Rejection: Error, Sendable, Equatable {
    package let reason: Reason
    /// JSON Pointer (RFC 6901) into the event; nil when there is no place to point to.
    package let pointer: String?
    /// What stands there and what would be right.
    package let sentence: String

    package init(_ reason: Reason, at pointer: String?, _ sentence: String) {
        self.reason = reason
        self.pointer = pointer
        self.sentence = sentence
    }

    /// The closed set of reasons; the raw value stands in receipts and as a label of the metrics.
    package enum Reason: String, Sendable, CaseIterable {
        case syntax, notObject, duplicateMember, missing, wrongType, empty, tooLong, tooMany
        case badTime, timeTooOld, timeAhead
        case unknownType, unknownVersion, unknownMetric, unknownMeasure
        case notWhole, outsideScale, otherScale, unknownWord
        case wrongSource, tooManyFrames, tooLarge, emptyMessage
    }
}

/// Why a message cannot be decided now; its sender tries again later.
package enum Unavailability: String, Sendable, CaseIterable {
    case diskFull, writeFailed, draining, notReady, overloaded
}
