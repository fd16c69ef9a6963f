/// Walks through a sample's time in small slots, draws the answers of each, and hands out what has arrived.
package struct DemoIterator: IteratorProtocol {
    /// Milliseconds of one slot; short enough that a usual sample has less than one answer in it.
    private static let slot: Int64 = 10_000
    private static let lateShare = 0.04
    private static let redeliveredShare = 0.003
    private static let flawedShare = 0.002

    private let sample: DemoSample
    private var random: SplitMix64
    private var writer: DemoWriter
    private var arrivals = ArrivalQueue()
    /// Milliseconds since 1970 at which the next slot begins.
    private var now: Int64
    private var drawn = 0
    /// Shares of the regions in the half hour `now` lies in, and the answers expected from all of them in one slot.
    private var halfHour = -1
    private var shares: [Double] = []
    private var expected = 0.0

    init(_ sample: DemoSample) {
        self.sample = sample
        random = SplitMix64(seed: sample.seed)
        writer = DemoWriter(seed: sample.seed)
        now = sample.start
    }

    /// Answers given and not yet arrived.
    var onTheirWay: Int { arrivals.count }

    package mutating func next() -> DemoLine? {
        while true {
            if let first = arrivals.first, first.moment < now || now >= sample.end {
                guard first.moment < sample.end else { return nil }
                let arrival = arrivals.removeFirst()
                return DemoLine(
                    bytes: writer.bytes(of: arrival.answer, arrival.kind, at: arrival.moment), kind: arrival.kind,
                    arrival: arrival.moment)
            }
            guard now < sample.end else { return nil }
            drawSlot()
        }
    }

    private mutating func drawSlot() {
        // 1970 began on a Thursday, the week of the table begins on Monday.
        let halfHour = Int((now / DemoSample.halfHour + 3 * 48) % Int64(DemoCompany.halfHoursPerWeek))
        if halfHour != self.halfHour {
            self.halfHour = halfHour
            shares = DemoCompany.weekShares[halfHour]
            expected =
                shares.reduce(0, +) * Double(sample.perDay) * 7 / Double(DemoSample.halfHour / Self.slot)
        }
        let sure = expected.rounded(.down)
        let count = Int(sure) + (random.happens(expected - sure) ? 1 : 0)
        for _ in 0..<count {
            let answer = draw(region: random.index(weighted: shares))
            send(answer)
        }
        now += Self.slot
    }

    private mutating func draw(region: Int) -> DemoAnswer {
        let time = now + Int64(random.below(Int(Self.slot)))
        let channel = random.index(weighted: DemoCompany.channels.map(\.share))
        let product = random.index(weighted: DemoCompany.products.map(\.share))
        let agent = random.below(DemoCompany.agentsPerRegion)
        var satisfied =
            DemoCompany.satisfiedShare + DemoCompany.regions[region].effect + DemoCompany.channels[channel].effect
            + DemoCompany.products[product].effect + DemoCompany.agentEffects[agent]
        var duringDip = false
        if let truth = sample.truth, time >= truth.onset, region == DemoSample.dipRegion,
            channel == DemoSample.dipChannel
        {
            duringDip = true
            satisfied -= truth.drop / 100
        }
        let score =
            random.happens(satisfied)
            ? (random.happens(0.6) ? 5 : 4) : [3, 2, 1][random.index(weighted: [0.40, 0.25, 0.35])]
        drawn += 1
        return DemoAnswer(
            number: drawn, time: time, region: region, channel: channel, product: product, agent: agent, score: score,
            comment: comment(region, score, duringDip))
    }

    /// One in five writes something, and two in five of those who are not content.
    private mutating func comment(_ region: Int, _ score: Int, _ duringDip: Bool) -> String? {
        guard random.happens(score >= 4 ? 0.2 : 0.4) else { return nil }
        let isGerman = DemoCompany.regions[region].name == "eu-central" && random.happens(0.6)
        let texts = isGerman ? DemoComments.german : DemoComments.english
        let fitting = texts[DemoComments.mood(score: score, duringDip: duringDip)]!
        return fitting[random.below(fitting.count)]
    }

    private mutating func send(_ answer: DemoAnswer) {
        let arrival = answer.time + delay()
        arrivals.insert(answer, .response, at: arrival)
        if random.happens(Self.redeliveredShare) {
            arrivals.insert(answer, .redelivery, at: arrival + 2000 + Int64(random.below(600_000)))
        }
        if random.happens(Self.flawedShare) {
            let flaw = DemoFlaw.allCases[random.below(DemoFlaw.allCases.count)]
            arrivals.insert(answer, .flawed(flaw), at: arrival + 50)
        }
    }

    /// Seconds for most; for the late ones three minutes to two days, each doubling as likely as the next.
    private mutating func delay() -> Int64 {
        guard random.happens(Self.lateShare) else { return 200 + Int64(random.below(4000)) }
        let base = Int64(168_750) << Int64(random.below(10))
        return base + Int64(random.below(Int(base)))
    }
}
