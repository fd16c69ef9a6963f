import Satisfaction

/// Why a line of the sample is to be rejected; the raw value is the reason the receipt should give.
package enum DemoFlaw: String, Sendable, CaseIterable {
    /// The sender's connection broke in the middle of the event.
    case cutOff = "syntax"
    /// A 7 where the scale is 1..5.
    case outsideScale
    /// "4" in quotes.
    case numberAsText = "wrongType"
    /// No id.
    case withoutIdentity = "missing"
    /// A metric nobody has configured.
    case unknownMetric
    /// "yesterday".
    case badTime
}

/// One line of the sample, in the order of arrival.
package struct DemoLine: Sendable {
    package enum Kind: Hashable, Sendable {
        /// A response seen for the first time: to be accepted.
        case response
        /// A response its sender sends once more under the same id: to be answered as a duplicate.
        case redelivery
        /// To be rejected, and for which reason.
        case flawed(DemoFlaw)
    }

    /// One event as JSON, without a line break.
    package let bytes: [UInt8]
    package let kind: Kind
    /// Milliseconds since 1970 at which the line reaches the bus; never falls from one line to the next.
    package let arrival: Int64
}

/// What the sample hides, for comparing with what was found.
package struct DemoTruth: Hashable, Sendable {
    package let segment: Segment
    /// Milliseconds since 1970; the dip lasts from here to the end of the sample.
    package let onset: Int64
    /// Points of CSAT by which the segment's expected score falls.
    package let drop: Double
}
