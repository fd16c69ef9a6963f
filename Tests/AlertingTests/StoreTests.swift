import Foundation
import JSON
import JournalTestKit
import MachineTestKit
import Messages
import PluginKit
import Satisfaction
import Testing

@testable import Alerting

/// What is committed is what is read.
@Suite struct StoreTests {
    @Test func aFileHoldsEverythingWhenItIsOpenedAgain() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "trends-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = "\(folder)/deep/trends.sqlite"
        var bench = try AlertingMachineTests.Bench(Definitions.csat())
        let hostile = [
            "\u{301}x", "a,b", "\\", "a:b,c\\", "e\u{301}", "é", "total", "\u{1F468}\u{200D}\u{1F469}", "x\0y",
        ]
        let tallies = try hostile.enumerated().map {
            try bench.tally([Responses.event("\($0)", segments: [("region", $1), ("channel", "chat")])])
        }
        let first: String
        do {
            let store = try TrendStore(path: path)
            var machine = try AlertingMachine(contents: try store.contents(), chunks: store, start: "a")
            for tally in tallies.dropLast() { #expect(machine.take(tally) == .applied) }
            try machine.commit(to: store)
            first = try text(of: store)
        }
        let store = try TrendStore(path: path)
        #expect(try text(of: store) == first)
        let lines = try store.contents().series.filter { $0.segment.parts.first?.dimension == "region" }
        #expect(lines.map { Array($0.segment.parts[0].value.utf8) } == hostile.dropLast().map { Array($0.utf8) })
        #expect(lines.allSatisfy { ((try? store.series(metric: "csat", segment: $0.segment)) ?? []).contains($0) })
        var machine = try AlertingMachine(contents: try store.contents(), chunks: store, start: "b")
        #expect(machine.take(tallies[tallies.count - 1]) == .applied)
        try machine.commit(to: store)
        let undisturbed = try TrendStore(path: nil)
        var other = try AlertingMachine(contents: try undisturbed.contents(), chunks: undisturbed, start: "c")
        for tally in tallies { _ = other.take(tally) }
        try other.commit(to: undisturbed)
        #expect(try text(of: store) == text(of: undisturbed))
    }

    @Test func aFolderThatCannotBeMadeIsSaid() {
        #expect(throws: TrendStoreError.self) { _ = try TrendStore(path: "/dev/null/trends.sqlite") }
    }

    @Test func anAlertReadsAsItWasWritten() throws {
        let store = try TrendStore(path: nil)
        var machine = try AlertingMachine(contents: try store.contents(), chunks: store, start: "a")
        for tally in Story.dip.tallies[0] { _ = machine.take(tally) }
        try machine.commit(to: store)
        let stored = try store.alerts(state: .firing, limit: 10)
        #expect(!stored.isEmpty)
        for data in stored {
            let alert = try AlertRecord(data)
            #expect(alert.data.text == data.text)
            #expect(alert.revision >= 1)
            #expect(abs(alert.split.total - (alert.current.score - alert.baseline.score)) < 1e-6)
            #expect(alert.trend.count == 28)
            #expect(alert.onset.start <= alert.detected)
        }
        #expect(try store.contents().openAlerts.count >= stored.count)
        #expect(try store.alerts(state: .withdrawn, limit: 10).isEmpty)
    }

    /// Sequences of a topic have no gaps, and what is asked for again comes in their order.
    @Test func theFeedCanBeAskedForAgain() throws {
        let store = try TrendStore(path: nil)
        var machine = try AlertingMachine(contents: try store.contents(), chunks: store, start: "a")
        for (place, tally) in Story.dip.tallies[0].enumerated() {
            _ = machine.take(tally)
            if place % 50 == 0 { try machine.commit(to: store) }
        }
        try machine.commit(to: store)
        let messages = try store.feed(prefix: "tideline.alert.v1", after: 0, limit: 1000)
        #expect(!messages.isEmpty)
        for (topic, ofTopic) in Dictionary(grouping: messages, by: \.topic) {
            #expect(ofTopic.map(\.sequence) == Array(1...Int64(ofTopic.count)))
            #expect(
                try store.feed(prefix: topic, after: 1, limit: 1000).filter { $0.topic == topic }.count == ofTopic.count
                    - 1)
            for message in ofTopic {
                let event = try JSONTree.parse(String(decoding: message.event, as: UTF8.self))
                #expect(event["previous"] == .integer(message.sequence - 1))
                #expect(event["data"]?["revision"] != nil)
            }
        }
        #expect(try store.feed(prefix: "tideline.alert.v1.nps", after: 0, limit: 10).isEmpty)
    }

    @Test func scoresOfToday() throws {
        var bench = try AlertingMachineTests.Bench()
        _ = bench.machine.take(
            try bench.tally([
                Responses.event("a", csat: 5, segments: [("region", "eu")]), Responses.event("b", csat: 1),
                Responses.event("c", at: Responses.moment - 86_400_000),
            ]))
        try bench.machine.commit(to: bench.store)
        let messages = bench.machine.scoreMessages(isWanted: { $0.hasSuffix("total") }, isDue: { _ in true })
        #expect(messages.map(\.topic) == ["tideline.score.v1.csat.total", "tideline.score.v1.csat.total"])
        // The day before is complete by now: its late answer makes a final score.
        let yesterday = try JSONTree.parse(String(decoding: messages[0].event, as: UTF8.self))["data"]
        #expect(yesterday?["provisional"] == false && yesterday?["responses"] == 1 && yesterday?["revision"] == 1)
        let data = try JSONTree.parse(String(decoding: messages[1].event, as: UTF8.self))["data"]
        #expect(data?["score"] == 50)
        #expect(data?["responses"] == 2)
        #expect(data?["counts"] == ["1": 1, "2": 0, "3": 0, "4": 0, "5": 1])
        #expect(data?["provisional"] == true)
        #expect(bench.machine.scoreMessages(isWanted: { _ in true }, isDue: { _ in true }).isEmpty)
        #expect(bench.machine.scoreSnapshot(prefix: "tideline.score.v1.csat", limit: 10).count == 2)
    }

    @Test func aSnapshotAfterARestart() throws {
        var bench = try AlertingMachineTests.Bench()
        _ = bench.machine.take(try bench.tally([Responses.event("a")]))
        try bench.machine.commit(to: bench.store)
        try bench.restart()
        #expect(bench.machine.scoreSnapshot(prefix: "", limit: 10).count == 1)
    }
}

/// The open step and the subscriptions, each alone.
@Suite struct OpenStepTests {
    private static func watched(_ steps: Int) -> WatchedAnswers {
        .share(of: steps...steps, on: Scale(lowest: 1, highest: steps)!)
    }

    @Test func countsOfAnOlderStoreAreTakenUp() throws {
        var open = OpenStep(watched: Self.watched(3), dimensions: 1)
        try open.restore(
            try JSONTree.parse(#"[{"cell":["eu"],"day":7,"first":672,"last":680,"counts":[2,0,5]}]"#))
        let arrival = try #require(open.close().first)
        #expect(arrival.cell == ["eu"] && arrival.day == 7 && arrival.answers == 7 && arrival.harms == [2, 4])
        #expect(arrival.firstBucket.index == 672 && arrival.lastBucket.index == 680)
    }

    @Test func itGoesOnWhereItWas() throws {
        var open = OpenStep(watched: Self.watched(5), dimensions: 2)
        var generator = SeededGenerator(seed: 3)
        var restored = OpenStep(watched: Self.watched(5), dimensions: 2)
        let parser = JSONParser()
        for round in 0..<40 {
            let cell = "[\"r\(Int.random(in: 0..<3, using: &generator))\",\"\(round % 2 == 0 ? "" : "chat")\"]"
            let day = Int32.random(in: 100...102, using: &generator)
            let step = Int.random(in: 0..<5, using: &generator)
            for which in 0..<2 {
                let values = try #require(try parser.parse(Array(cell.utf8)).array)
                let number = try which == 0 ? open.cell(values) : restored.cell(values)
                if which == 0 {
                    open.add(
                        1, column: step, cell: number, day: day, firstBucket: day * 96 + 3, lastBucket: day * 96 + 9)
                } else {
                    restored.add(
                        1, column: step, cell: number, day: day, firstBucket: day * 96 + 3, lastBucket: day * 96 + 9)
                }
            }
            let bytes = restored.encoded
            restored = OpenStep(watched: Self.watched(5), dimensions: 2)
            try restored.restore(bytes)
        }
        let arrivals = open.close()
        #expect(restored.close() == arrivals)
        #expect(arrivals.reduce(0) { $0 + $1.answers } == 40)
        #expect(open.isEmpty && open.close().isEmpty)
        for (left, right) in zip(arrivals, arrivals.dropFirst()) {
            #expect(left.cell == right.cell ? left.day < right.day : left.cell.lexicographicallyPrecedes(right.cell))
        }
    }

    @Test func aCellsSpanIsThatOfAllItsAnswers() throws {
        var open = OpenStep(watched: Self.watched(3), dimensions: 0)
        let parser = JSONParser()
        let cell = try open.cell(try #require(try parser.parse(Array("[]".utf8)).array))
        for (first, last) in [(20, 22), (25, 30), (18, 18)] as [(Int32, Int32)] {
            open.add(2, column: 1, cell: cell, day: 0, firstBucket: first, lastBucket: last)
        }
        let arrival = try #require(open.close().first)
        #expect(arrival.firstBucket.index == 18 && arrival.lastBucket.index == 30)
        #expect(arrival.answers == 6 && arrival.harms == [6, 6] && arrival.cell.isEmpty)
    }

    @Test func cellsBeyondTheLimitAreOther() throws {
        var open = OpenStep(watched: Self.watched(2), dimensions: 1)
        let parser = JSONParser()
        for number in 0..<OpenStep.cellsMax + 10 {
            let cell = try open.cell(try #require(try parser.parse(Array("[\"v\(number)\"]".utf8)).array))
            open.add(1, column: 0, cell: cell, day: 1, firstBucket: 96, lastBucket: 96)
        }
        let arrivals = open.close()
        #expect(arrivals.count == OpenStep.cellsMax)
        #expect(arrivals.first { $0.cell == ["other"] }?.answers == 11)
    }

    @Test func aCellOfAnotherShapeIsRefused() throws {
        var open = OpenStep(watched: Self.watched(2), dimensions: 2)
        let parser = JSONParser()
        for text in ["[]", "[\"a\"]", "[\"a\",\"b\",\"c\"]", "[\"a\",1]"] {
            let values = try #require(try parser.parse(Array(text.utf8)).array)
            #expect(throws: MessageError.self) { try open.cell(values) }
        }
    }
}

@Suite struct SubscriptionsTests {
    private func take(_ bytes: [UInt8], into subscriptions: inout Subscriptions) {
        bytes.withUnsafeBytes { subscriptions.take($0) }
    }

    @Test func prefixesComeAndGo() {
        var subscriptions = Subscriptions()
        #expect(subscriptions.isEmpty)
        take([], into: &subscriptions)
        take([2, 65], into: &subscriptions)
        #expect(subscriptions.isEmpty)
        take([1] + Array("tideline.score".utf8), into: &subscriptions)
        #expect(subscriptions.contains("tideline.score.v1.csat.total"))
        #expect(!subscriptions.contains("tideline.alert.v1.csat.total"))
        take([1], into: &subscriptions)
        #expect(subscriptions.contains("anything"))
        take([0], into: &subscriptions)
        take([0] + Array("tideline.score".utf8), into: &subscriptions)
        #expect(subscriptions.isEmpty)
    }

    @Test func tooManyPrefixesAreAllTopics() {
        var subscriptions = Subscriptions()
        for number in 0...Subscriptions.prefixesMax { take([1] + Array("p\(number)".utf8), into: &subscriptions) }
        #expect(subscriptions.contains("q"))
    }
}
