import Foundation
import JSON
import Messages
import PluginKit
import Satisfaction
import Testing

@testable import Alerting

/// What the alert book makes of assessments, and how an alert is written and read.
@Suite struct AlertBookTests {
    static let contract = ScoreContract(
        kind: "csat", rating: Rating(scale: Scale("1..5")!, satisfied: 4...5), unit: "%")
    static let rule = RuleDefinition(
        name: "csat-dip", metric: "csat", detector: "sr-mixture", configuration: [:], smallestDip: 3,
        budget: .perSegmentDefault)
    static let chat = Segment([Segment.Part(dimension: "channel", value: "chat")])

    static func assessment(
        _ verdict: Assessment.Verdict, _ kind: AlertKind = .dip, segment: Segment = chat, onset: Int32 = 1000,
        drop: Double = 12, members: [Segment] = [], remarks: [String] = []
    ) -> Assessment {
        Assessment(
            segment: segment, verdict: verdict, kind: kind,
            evidence: Evidence(log: 9, threshold: 8, expectedFalseAlarms: 0.5), onset: Bucket(index: onset),
            onsetRange: Bucket(index: onset - 4)...Bucket(index: onset + 8),
            baseline: Level(score: 84, low: 83, high: 85, responses: 5000),
            current: Level(score: 84 - drop, low: 60, high: 80, responses: 300), drop: drop,
            split: Split(within: -drop, mix: 0, entry: 0), isSimpson: true, members: members, remarks: remarks)
    }

    static let telling = AlertTelling(
        metric: MetricWording(metric: "csat", unit: "%", digits: 1, isLowerBetter: false), zone: .utc, calendar: [])

    static func taking(_ assessments: [Assessment]) -> AlertBook {
        var book = AlertBook()
        for (number, assessment) in assessments.enumerated() {
            book.take(assessment, rule: rule, contract: contract, at: 2_000_000_000 + Int64(number), telling: telling)
        }
        return book
    }

    @Test func kindsOfOneSegmentAreAlertsOfTheirOwn() {
        let kinds: [AlertKind] = [.dip, .mix, .volume]
        let book = Self.taking(kinds.map { Self.assessment(.dip, $0) })
        #expect(Set(book.openAlerts.map(\.id)).count == 3)
        #expect(Set(book.openAlerts.map(\.fingerprint)).count == 3)
        #expect(book.changes.map(\.severity) == [.critical, .info, .info])
        let after = Self.taking(kinds.map { Self.assessment(.dip, $0) } + [Self.assessment(.recovered, .volume)])
        #expect(Set(after.openAlerts.map(\.kind)) == [.dip, .mix])
        #expect(after.changes.last?.kind == .volume && after.changes.last?.resolution == .recovered)
    }

    /// Golden values: what consumers have stored must go on meaning the same alert.
    @Test func namesOfDipsStayWhatTheyWere() throws {
        let dip = try #require(Self.taking([Self.assessment(.dip)]).changes.first)
        #expect(dip.id == Digest(of: "csat-dip\nchannel:chat\n1000").text)
        #expect(dip.fingerprint == Digest(of: "csat-dip\nchannel:chat").text)
    }

    @Test func aSuspicionReadsAsOne() throws {
        let book = Self.taking([Self.assessment(.suspected, drop: 40)])
        let pending = try #require(book.changes.first)
        #expect(pending.state == .pending && pending.status == .pending && pending.severity == .info)
        let fired = try #require(Self.taking([Self.assessment(.suspected), Self.assessment(.dip)]).changes.last)
        #expect(fired.state == .firing && fired.status == .firing && fired.severity == .critical)
    }

    @Test func clearingAVolumeSuspicionLeavesTheDipsAlone() {
        let book = Self.taking([
            Self.assessment(.suspected), Self.assessment(.suspected, .volume), Self.assessment(.cleared, .volume),
        ])
        #expect(book.openAlerts.map(\.kind) == [.dip])
        #expect(book.removed.count == 1)
    }

    @Test func informationNeverBecomesAnAlarm() throws {
        let book = Self.taking([Self.assessment(.dip, .mix, drop: 1), Self.assessment(.revised, .mix, drop: 60)])
        #expect(try #require(book.changes.last).severity == .info)
    }

    @Test func whatIsRevisedIsWhatTheDetectorSaysNow() throws {
        let members = [Segment.total, Segment([Segment.Part(dimension: "region", value: "eu")])]
        let book = Self.taking([
            Self.assessment(.dip),
            Self.assessment(.revised, onset: 990, members: members, remarks: ["few answers"]),
            Self.assessment(.withdrawn),
        ])
        #expect(book.changes.map(\.revision) == [1, 2, 3])
        #expect(book.changes[1].members == members && book.changes[1].remarks == ["few answers"])
        #expect(book.changes[1].onsetRange == Bucket(index: 986)...Bucket(index: 998))
        #expect(book.changes[1].id == book.changes[0].id)
        #expect(book.changes[2].state == .withdrawn && book.changes[2].status == .withdrawn)
        #expect(book.openAlerts.isEmpty)
    }

    @Test func anAlertReadsAsItWasWritten() throws {
        let members = [Segment.total, Self.chat]
        for kind in [AlertKind.dip, .mix, .volume] {
            let book = Self.taking([Self.assessment(.dip, kind, members: members, remarks: ["a \"b\"", "c"])])
            let alert = try #require(book.changes.first)
            let read = try AlertRecord(JSONTree.parse(alert.data.text))
            #expect(read.data.text == alert.data.text)
            #expect(read.onsetRange == alert.onsetRange && read.members == members && read.isSimpson)
        }
    }

    @Test func anAlertOfAnOlderReleaseIsRead() throws {
        let alert = try #require(Self.taking([Self.assessment(.dip)]).changes.first)
        let younger: Set<String> = ["onsetRange", "simpson", "members", "remarks"]
        let older = JSONTree.object(try #require(alert.data.object).filter { !younger.contains($0.0) })
        let read = try AlertRecord(older)
        #expect(read.onsetRange == alert.onset...alert.onset)
        #expect(read.members.isEmpty && read.remarks.isEmpty && !read.isSimpson)
        #expect(read.id == alert.id && read.revision == 1)
    }

    @Test(arguments: [
        ("onsetRange", #"["2026-11-19T11:00:00Z"]"#), ("onsetRange", #"["2026-11-19T11:00:00Z","x"]"#),
        ("onsetRange", #"["2026-11-19T11:00:00Z","2026-11-19T10:00:00Z"]"#), ("members", #"["chat"]"#),
        ("remarks", "[1]"), ("kind", #""fall""#),
    ]) func aSpoiltAlertIsRefusedAndDoesNotTrap(member: String, value: String) throws {
        let alert = try #require(Self.taking([Self.assessment(.dip)]).changes.first)
        let spoilt = try JSONTree.parse(value)
        let tree = JSONTree.object(try #require(alert.data.object).map { ($0.0, $0.0 == member ? spoilt : $0.1) })
        #expect(throws: MessageError.self) { try AlertRecord(tree) }
    }
}
