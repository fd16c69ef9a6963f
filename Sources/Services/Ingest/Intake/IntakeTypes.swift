import Messages

/// Which door a message came through.
package enum Entrance: String, Sendable, CaseIterable {
    /// ROUTER: every event gets a receipt.
    case receipts
    /// PULL: nobody to answer.
    case responses
}

/// Limits of what is taken; units and bounds stand in the configuration's schema.
package struct IntakeLimits: Sendable {
    package var blockEventsMax = 4096
    package var blockBytesMax = 1 << 20
    package var eventBytesMax = 256 << 10
    package var eventsPerMessageMax = 10_000
    package var sources: [String] = []
    package init() {}
}

/// A rejection on its way to the dead letters; the text is valid during the call that hands it over.
package typealias DeadLetterSink = (_ rejection: Rejection, _ text: UnsafeRawBufferPointer, _ entrance: Entrance) ->
    Void

/// What came in since the start, for the metrics.
package struct IntakeStatistics: Sendable {
    package var accepted: UInt64 = 0
    /// Accepted, and their respondents over-surveyed.
    package var overSurveyed: UInt64 = 0
    /// Respondents forgotten because there were too many to remember.
    package var respondentsForgotten: UInt64 = 0
    package var duplicates: UInt64 = 0
    package var unavailable: UInt64 = 0
    package var blocks: UInt64 = 0
    package var rejected: [Rejection.Reason: UInt64] = [:]
}

extension UnsafeRawBufferPointer {
    /// Without white space at both ends.
    var trimmed: UnsafeRawBufferPointer {
        var first = startIndex
        var last = endIndex
        while first < last, Self.isSpace(self[first]) { first += 1 }
        while last > first, Self.isSpace(self[last - 1]) { last -= 1 }
        return UnsafeRawBufferPointer(rebasing: self[first..<last])
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }
}
