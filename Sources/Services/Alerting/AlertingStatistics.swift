/// What alerting has done since it started, for its metrics.
package struct AlertingStatistics: Sendable {
    package struct Tallies: Sendable {
        package var applied: UInt64 = 0
        package var ahead: UInt64 = 0
        package var repeated: UInt64 = 0
        package var bad: UInt64 = 0
    }

    package var tallies = Tallies()
    package var responses: UInt64 = 0
    package var stepsClosed: UInt64 = 0
    package var lastStepClosed: Int64 = 0
    /// Arrival clock of the last applied block, ms since 1970.
    package var clock: Int64 = 0
    /// Told alert revisions by status.
    package var alerts: [String: UInt64] = [:]

    mutating func count(_ alert: AlertRecord) { alerts[alert.status.rawValue, default: 0] += 1 }
}
