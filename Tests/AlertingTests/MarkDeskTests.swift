import Foundation
import GRDB
import JSON
import Messages
import PluginKit
import Satisfaction
import Testing

@testable import Alerting

/// Acknowledgements, silences and labels: what they need, what they leave alone, and that they last.
@Suite struct MarkDeskTests {
    static let now: Int64 = 1_800_000_000_000
    static let hour: Int64 = 3_600_000

    /// A store with alerts in it, and the desk at which they are marked.
    struct Bench {
        var store: TrendStore
        var book = AlertBook()
        var desk: MarkDesk
        private let path: String?

        init(path: String? = nil) throws {
            self.path = path
            store = try TrendStore(path: path)
            desk = try MarkDesk(store: store, contents: try store.contents())
        }

        /// Everything a process knows is gone; the file stays.
        mutating func restart() throws {
            store = try TrendStore(path: path)
            desk = try MarkDesk(store: store, contents: try store.contents())
        }

        mutating func tell(_ assessment: Assessment, at moment: Int64 = 2_000_000_000) throws {
            book.take(
                assessment, rule: AlertBookTests.rule, contract: AlertBookTests.contract, at: moment,
                telling: AlertBookTests.telling)
            var changes = StoreChanges()
            changes.alerts = book.changes
            changes.alertsRemoved = book.removed
            try store.commit(changes)
            book.markStored()
        }

        /// Answers with the changes made, or the reason why there are none.
        @discardableResult
        mutating func take(_ order: MarkOrder, at moment: Int64 = MarkDeskTests.now) -> [String] {
            let (decision, messages) = desk.take(order, now: moment, clock: 2_000_000_000)
            switch decision {
            case .done(let marks, _):
                #expect(messages.count == marks.count)
                return marks.map(\.change)
            case .refused(let reason, let sentence):
                #expect(messages.isEmpty && sentence.count > 10)
                return [reason.rawValue]
            }
        }

        func shown(_ id: String, at moment: Int64 = MarkDeskTests.now) throws -> JSONTree {
            try store.presentMarks(of: id).shown(try #require(try store.alert(id)).data, at: moment)
        }
    }

    static func bench(path: String? = nil) throws -> (Bench, id: String) {
        var bench = try Bench(path: path)
        try bench.tell(AlertBookTests.assessment(.dip))
        return (bench, try #require(bench.book.openAlerts.first).id)
    }

    @Test func aMarkIsReadAndTheAlertStaysAsItWas() throws {
        var (bench, id) = try Self.bench()
        let before = try #require(try bench.store.alert(id)).data.text
        #expect(
            bench.take(MarkOrder(kind: .acknowledgement, target: .alert(id), by: "ana", note: "on it"))
                == ["acknowledged"])
        let shown = try bench.shown(id)
        #expect(shown["state"] == "acknowledged" && shown["revision"] == 1)
        #expect(shown["mark"]?["by"] == "ana" && shown["mark"]?["note"] == "on it")
        #expect(shown["mark"]?["state"] == "acknowledged")
        #expect(try #require(try bench.store.alert(id)).data.text == before)
        #expect(bench.take(MarkOrder(kind: .acknowledgement, target: .alert(id), isUndo: true)) == ["unacknowledged"])
        #expect(try bench.shown(id)["state"] == "firing")
        #expect(try bench.shown(id)["mark"] == nil)
        #expect(try bench.store.marks(of: id).map(\.counter) == [1, 2])
    }

    @Test func aSilenceEndsByItself() throws {
        var (bench, id) = try Self.bench()
        let until = Self.now + Self.hour
        bench.take(MarkOrder(kind: .acknowledgement, target: .alert(id)))
        #expect(bench.take(MarkOrder(kind: .silence, target: .alert(id), until: until)) == ["silenced"])
        #expect(try bench.shown(id, at: until - 1)["state"] == "silenced")
        // What somebody looks after is still looked after.
        #expect(try bench.shown(id, at: until)["state"] == "acknowledged")
        #expect(
            bench.take(MarkOrder(kind: .silence, target: .alert(id), isUndo: true), at: until) == ["nothingToUndo"])
    }

    @Test func whatCannotBeMarkedIsRefused() throws {
        var (bench, id) = try Self.bench()
        let unknown = String(repeating: "0", count: 32)
        for kind in MarkOrder.Kind.allCases {
            let order = MarkOrder(kind: kind, target: .alert(unknown), until: Self.now + 1, label: true)
            #expect(bench.take(order) == ["unknownAlert"])
            #expect(bench.take(MarkOrder(kind: kind, target: .alert(id), isUndo: true)) == ["nothingToUndo"])
        }
        for until in [Self.now, Self.now - Self.hour, Self.now + MarkDesk.silenceMillisecondsMax + 1] {
            #expect(bench.take(MarkOrder(kind: .silence, target: .alert(id), until: until)) == ["badUntil"])
        }
        #expect(bench.take(MarkOrder(kind: .silence, target: .silence(unknown), isUndo: true)) == ["unknownSilence"])
        try bench.tell(AlertBookTests.assessment(.suspected, .volume))
        let pending = try #require(bench.book.openAlerts.first { $0.state == .pending }).id
        #expect(bench.take(MarkOrder(kind: .label, target: .alert(pending), label: true)) == ["notFiring"])
        try bench.tell(AlertBookTests.assessment(.recovered))
        #expect(bench.take(MarkOrder(kind: .acknowledgement, target: .alert(id))) == ["notFiring"])
        #expect(bench.take(MarkOrder(kind: .silence, target: .alert(id), until: Self.now + 1)) == ["notFiring"])
        // Whether it was right is known best when it is over.
        #expect(bench.take(MarkOrder(kind: .label, target: .alert(id), label: false)) == ["labelledFalse"])
        #expect(try bench.shown(id)["label"]?["true"] == false)
        #expect(try bench.shown(id)["state"] == "resolved")
    }

    @Test func anAlertThatComesAgainIsNotAcknowledgedAnyMore() throws {
        var (bench, id) = try Self.bench()
        bench.take(MarkOrder(kind: .acknowledgement, target: .alert(id)))
        bench.take(MarkOrder(kind: .label, target: .alert(id), label: true))
        try bench.tell(AlertBookTests.assessment(.revised))
        #expect(try bench.shown(id)["state"] == "acknowledged")
        try bench.tell(AlertBookTests.assessment(.recovered))
        #expect(try bench.shown(id)["state"] == "resolved")
        try bench.tell(AlertBookTests.assessment(.dip))
        #expect(try bench.shown(id)["state"] == "firing")
        #expect(try bench.shown(id)["label"]?["true"] == true)
    }

    @Test func marksOutliveTheProcess() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "marks-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var (bench, id) = try Self.bench(path: "\(folder)/trends.sqlite")
        bench.take(MarkOrder(kind: .silence, target: .alert(id), until: Self.now + Self.hour, by: "ana"))
        bench.take(MarkOrder(kind: .label, target: .alert(id), label: true))
        let shown = try bench.shown(id).text
        try bench.restart()
        #expect(try bench.shown(id).text == shown)
        #expect(
            bench.take(MarkOrder(kind: .label, target: .alert(id), isUndo: true)) == ["unlabelled"])
        let messages = try bench.store.feed(prefix: "tideline.alertmark.v1.", after: 0, limit: 10)
        #expect(messages.map(\.sequence) == [1, 2, 3])
        #expect(Set(messages.map(\.topic)) == ["tideline.alertmark.v1.csat.channel:chat"])
        let last = try JSONTree.parse(String(decoding: messages[2].event, as: UTF8.self))
        #expect(last["previous"] == 2 && last["data"]?["change"] == "unlabelled" && last["data"]?["counter"] == 3)
        // The event is of the wall clock, though the feed forgets by the arrival clock.
        #expect(last["time"] == .string(Timestamp.text(Self.now)) && messages[2].at == 2_000_000_000)
    }

    @Test func aSilenceOfSeveralCoversThoseThatComeAndEndsForAll() throws {
        var (bench, id) = try Self.bench()
        let matcher = AlertMatcher(rule: "csat-dip", segment: AlertBookTests.chat)
        let order = MarkOrder(kind: .silence, target: .matching(matcher), until: Self.now + Self.hour)
        #expect(bench.take(order) == ["silenced"])
        let silence = try #require(try bench.store.silences().first)
        let parts = [("region", "eu"), ("channel", "chat")].map { Segment.Part(dimension: $0.0, value: $0.1) }
        let narrower = Segment(parts)
        let other = Segment(dimension: "channel", value: "mail")
        for segment in [narrower, other] { try bench.tell(AlertBookTests.assessment(.dip, segment: segment)) }
        let firing = bench.book.openAlerts
        let messages = try bench.desk.cover(firing, now: Self.now, clock: 2_000_000_000)
        #expect(messages.map(\.topic) == ["tideline.alertmark.v1.csat.\(narrower)"])
        // Said once, however often the alert is revised or the process starts.
        #expect(try bench.desk.cover(firing, now: Self.now, clock: 2_000_000_000).isEmpty)
        let states = try firing.map { try bench.shown($0.id)["state"]?.string }
        #expect(zip(firing, states).allSatisfy { ($0.segment == other) == ($1 == "firing") })
        // Somebody wants to hear of one of them after all.
        #expect(bench.take(MarkOrder(kind: .silence, target: .alert(id), isUndo: true)) == ["unsilenced"])
        #expect(try bench.desk.cover(firing, now: Self.now, clock: 2_000_000_000).isEmpty)
        #expect(
            bench.take(MarkOrder(kind: .silence, target: .silence(silence.id), isUndo: true)) == ["unsilenced"])
        #expect(try firing.allSatisfy { try bench.shown($0.id)["state"] == "firing" })
        #expect(
            bench.take(MarkOrder(kind: .silence, target: .silence(silence.id), isUndo: true)) == ["nothingToUndo"])
    }

    @Test func silencesAreBounded() throws {
        var (bench, _) = try Self.bench()
        let order = MarkOrder(
            kind: .silence, target: .matching(AlertMatcher(rule: "other")), until: Self.now + Self.hour)
        for _ in 0..<TrendStore.silencesMax { #expect(bench.take(order) == []) }
        #expect(bench.take(order) == ["tooManySilences"])
        // They end by themselves, and make room.
        let later = MarkOrder(
            kind: .silence, target: .matching(AlertMatcher(rule: "other")), until: Self.now + 3 * Self.hour)
        #expect(bench.take(later, at: Self.now + Self.hour) == [])
    }

    @Test func oldMarksMakeRoomAndTheCounterGoesOn() throws {
        var (bench, id) = try Self.bench()
        bench.take(MarkOrder(kind: .label, target: .alert(id), label: true))
        let count = TrendStore.marksPerKindMax + 10
        for _ in 0..<count { bench.take(MarkOrder(kind: .acknowledgement, target: .alert(id))) }
        let marks = try bench.store.marks(of: id)
        #expect(marks.count == TrendStore.marksPerKindMax + 1)
        #expect(marks.first?.kind == .label && marks.last?.counter == Int64(count + 1))
        #expect(try bench.shown(id)["label"]?["true"] == true)
    }

    /// Other transactions of the store stay as quick as they were.
    @Test func onlyMarksWaitForTheDisk() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "marks-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var (bench, id) = try Self.bench(path: "\(folder)/trends.sqlite")
        bench.take(MarkOrder(kind: .acknowledgement, target: .alert(id)))
        let normal = try bench.store.database.writeWithoutTransaction {
            try Int.fetchOne($0, sql: "PRAGMA synchronous")
        }
        #expect(normal == 1)
    }

    @Test func revisionsAreKeptForAMonth() throws {
        var (bench, id) = try Self.bench()
        let start: Int64 = 2_000_000_000
        try bench.tell(AlertBookTests.assessment(.revised, drop: 14), at: start + 1)
        #expect(try bench.store.revisions(of: id).map { $0["revision"] } == [1, 2])
        try bench.tell(AlertBookTests.assessment(.revised, drop: 15), at: start + 1 + Feed.keptMilliseconds)
        #expect(try bench.store.revisions(of: id).map { $0["revision"] } == [2, 3])
        #expect(try bench.store.revisions(of: id).map { $0["drop"] } == [14, 15])
    }

    /// A store of an older release: its alerts have a revision each, and suspicions that read as if they fired.
    @Test func anOlderStoreIsTakenUp() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "marks-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = "\(folder)/trends.sqlite"
        do {
            var (bench, _) = try Self.bench(path: path)
            try bench.tell(AlertBookTests.assessment(.suspected, .volume))
            try bench.store.database.write { database in
                try database.execute(
                    sql: """
                        DROP TABLE marks; DROP TABLE silences; DROP TABLE revisions;
                        ALTER TABLE detectors DROP COLUMN began;
                        INSERT INTO detectors VALUES ('csat-dip', 'f', x'01');
                        UPDATE alerts SET data = json_set(data, '$.status', 'firing', '$.severity', 'critical')
                            WHERE state = 'pending';
                        DELETE FROM grdb_migrations WHERE identifier = 'marks';
                        """)
            }
        }
        let store = try TrendStore(path: path)
        let firing = try #require(try store.firingAlerts().first)
        #expect(try store.revisions(of: firing.id).map(\.text) == [firing.data.text])
        let pending = try store.alerts(state: .pending, limit: 10)
        #expect(pending.map { $0["status"] } == ["pending"] && pending.map { $0["severity"] } == ["info"])
        #expect(try store.contents().openAlerts.count == 2)
        #expect(try store.contents().detectors["csat-dip"]?.began == 0)
    }
}
