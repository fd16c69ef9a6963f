/// The company whose customers answer: who they are, when they write, and how content each part of it leaves them.
///
/// Effects are shares of satisfied customers to add; weighted by the shares of answers they sum to about nothing, so
/// the whole stays at ``satisfiedShare``.
enum DemoCompany {
    struct Part: Sendable {
        let name: String
        /// Share of all answers.
        let share: Double
        /// Added to the share of satisfied customers.
        let effect: Double
    }

    /// Satisfied customers (a 4 or a 5) when nothing is wrong.
    static let satisfiedShare = 0.855

    static let regions = [
        Part(name: "eu-west", share: 0.35, effect: 0.010),
        Part(name: "eu-central", share: 0.25, effect: 0.000),
        Part(name: "us-east", share: 0.25, effect: -0.005),
        Part(name: "ap-south", share: 0.15, effect: -0.015),
    ]
    /// Minutes to add to UTC for the clock on the customers' wall; whole half hours.
    static let regionOffsets = [0, 60, -300, 330]

    static let channels = [
        Part(name: "chat", share: 0.40, effect: 0.010),
        Part(name: "email", share: 0.30, effect: -0.010),
        Part(name: "phone", share: 0.20, effect: 0.015),
        Part(name: "web", share: 0.10, effect: -0.040),
    ]

    static let products = [
        Part(name: "checking", share: 0.24, effect: 0.010), Part(name: "cards", share: 0.20, effect: 0.000),
        Part(name: "savings", share: 0.14, effect: 0.015), Part(name: "transfers", share: 0.14, effect: -0.010),
        Part(name: "app", share: 0.12, effect: -0.015), Part(name: "loans", share: 0.08, effect: -0.010),
        Part(name: "insurance", share: 0.05, effect: 0.005), Part(name: "brokerage", share: 0.03, effect: -0.015),
    ]

    /// Agents of one region; their names count through the regions, a-101 … a-120.
    static let agentsPerRegion = 5
    static let agentEffects = [0.020, 0.010, 0.000, -0.010, -0.020]

    static func agentName(region: Int, agent: Int) -> String { "a-\(101 + region * agentsPerRegion + agent)" }

    /// Answers by hour of the customers' clock: little at night, a peak before noon, a smaller one in the evening.
    private static let hourWeights: [Double] = [
        5, 3, 2, 2, 3, 6, 14, 28, 52, 74, 82, 78, 64, 62, 70, 72, 68, 62, 58, 56, 48, 36, 22, 11,
    ]
    /// Monday first.
    private static let weekdayWeights: [Double] = [118, 112, 108, 106, 102, 82, 72]

    static let halfHoursPerWeek = 7 * 48

    /// For each half hour of a week of UTC that begins on Monday: the share of a week's answers from each region.
    static let weekShares: [[Double]] = {
        let weekTotal = 2 * hourWeights.reduce(0, +) * weekdayWeights.reduce(0, +)
        return (0..<halfHoursPerWeek).map { halfHour in
            regions.indices.map { region in
                let local = (halfHour + regionOffsets[region] / 30 + halfHoursPerWeek) % halfHoursPerWeek
                return regions[region].share * weekdayWeights[local / 48] * hourWeights[local % 48 / 2] / weekTotal
            }
        }
    }()
}
