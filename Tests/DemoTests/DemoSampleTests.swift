import JSON
import Satisfaction
import Testing

@testable import Demo

/// One line of the sample as a test looks at it.
private struct Answer {
    let id: String
    let time: String
    let arrival: Int64
    let region: String
    let channel: String
    let agent: String
    let product: String
    let score: Int
    let comment: String?

    init(_ line: DemoLine) throws {
        let event = try JSONTree.parse(String(decoding: line.bytes, as: UTF8.self))
        let data = try #require(event["data"])
        id = try #require(event["id"]?.string)
        time = try #require(event["time"]?.string)
        arrival = line.arrival
        region = try #require(data["segments"]?["region"]?.string)
        channel = try #require(data["segments"]?["channel"]?.string)
        agent = try #require(data["segments"]?["agent"]?.string)
        product = try #require(data["segments"]?["product"]?.string)
        score = Int(try #require(data["answers"]?["csat"]?.int64))
        comment = data["comment"]?.string
    }
}

/// The usual sample, read once for all tests of it.
private let usual = DemoSample(seed: 7)
private let lines = Array(usual)
private let answers: [Answer] = lines.compactMap { $0.kind == .response ? try! Answer($0) : nil }

private func satisfied(_ answers: some Collection<Answer>) -> Double {
    100 * Double(answers.count { $0.score >= 4 }) / Double(answers.count)
}

private func digest(_ sample: DemoSample) -> String {
    Digest(ofBytes: sample.flatMap { $0.bytes + [10] }).text
}

@Suite struct DemoSampleTests {
    @Test func theSameSeedGivesTheSameBytesInEveryRelease() {
        #expect(Digest(ofBytes: lines.flatMap { $0.bytes + [10] }).text == "0f5deee19ed5b01e401903658260d6c2")
        #expect(digest(DemoSample(seed: 1, days: 3)) == digest(DemoSample(seed: 1, days: 3)))
        #expect(digest(DemoSample(seed: 1, days: 3)) != digest(DemoSample(seed: 2, days: 3)))
    }

    @Test func aLineReadsAsTheBusWantsIt() {
        let first = String(decoding: lines[0].bytes, as: UTF8.self)
        #expect(
            first == """
                {"specversion":"1.0","id":"7-1","source":"/demo/helpdesk/us-east","type":"tideline.response.v1",\
                "time":"2025-09-01T00:00:15.829Z","recordedtime":"2025-09-01T00:00:19.868Z",\
                "datacontenttype":"application/json","data":{"survey":"after-contact","answers":{"csat":5},\
                "segments":{"region":"us-east","channel":"email","agent":"a-113","product":"cards"}}}
                """)
    }

    @Test func linesArriveInOrderAndSayWhen() throws {
        var last = usual.start
        for line in lines {
            #expect(line.arrival >= last)
            last = line.arrival
        }
        #expect(last < usual.end)
        for line in lines.prefix(2000) where line.kind == .response {
            let event = try JSONTree.parse(String(decoding: line.bytes, as: UTF8.self))
            let time = try #require(event["time"]?.string)
            let recorded = try #require(event["recordedtime"]?.string)
            #expect(time < recorded && time.utf8.count == 24 && recorded.utf8.count == 24)
        }
    }

    @Test func aboutSixHundredADayAndFewerAtWeekends() {
        let perDay = Double(answers.count) / Double(usual.days)
        #expect((585...615).contains(perDay))
        var weekdays = [Int](repeating: 0, count: 7)
        var hours = [Int](repeating: 0, count: 24)
        for answer in answers {
            weekdays[Int((answer.arrival - usual.start) / 86_400_000 % 7)] += 1
            hours[Int(answer.arrival / 3_600_000 % 24)] += 1
        }
        #expect(Double(weekdays[6]) < 0.75 * Double(weekdays[0]))
        #expect(hours[10] > 3 * hours[2])
    }

    @Test func aboutEightyFivePercentAreSatisfied() {
        let before = answers.filter { $0.arrival < usual.truth!.onset }
        #expect((84.5...86.5).contains(satisfied(before)))
        let fives = Double(before.count { $0.score == 5 }) / Double(before.count)
        #expect((0.49...0.54).contains(fives))
        for score in 1...5 { #expect(before.contains { $0.score == score }) }
    }

    @Test func segmentsAreAsManyAsToldAndDiffer() {
        #expect(Set(answers.map(\.region)).count == 4)
        #expect(Set(answers.map(\.channel)).count == 4)
        #expect(Set(answers.map(\.agent)).count == 20)
        #expect(Set(answers.map(\.product)).count == 8)
        let before = answers.filter { $0.arrival < usual.truth!.onset }
        let phone = satisfied(before.filter { $0.channel == "phone" })
        let web = satisfied(before.filter { $0.channel == "web" })
        #expect(phone - web > 2)
    }

    @Test func oneSegmentDipsFromItsOnsetAndNoOther() throws {
        let truth = try #require(usual.truth)
        #expect(truth.segment.description == "region:eu-west,channel:chat")
        #expect(truth.onset == usual.start + 49 * 86_400_000 + 34_200_000)
        let dipped = answers.filter { $0.region == "eu-west" && $0.channel == "chat" }
        let others = answers.filter { !($0.region == "eu-west" && $0.channel == "chat") }
        func fall(_ answers: [Answer]) -> Double {
            satisfied(answers.filter { $0.arrival < truth.onset })
                - satisfied(answers.filter { $0.arrival >= truth.onset })
        }
        #expect((17.0...23.0).contains(fall(dipped)))
        #expect(abs(fall(others)) < 2)
    }

    @Test func someAreLateByMinutesToTwoDays() throws {
        var delays: [Int64] = []
        for line in lines where line.kind == .response {
            delays.append(line.arrival - moment(try Answer(line).time))
        }
        let late = delays.filter { $0 > 60_000 }
        #expect((0.034...0.046).contains(Double(late.count) / Double(delays.count)))
        #expect(late.max()! > 36 * 3_600_000 && late.max()! <= 48 * 3_600_000)
        #expect(late.min()! >= 168_750 && delays.min()! >= 200)
    }

    @Test func someAreDeliveredTwiceUnderTheSameIdentity() throws {
        let ids = answers.map(\.id)
        #expect(Set(ids).count == ids.count)
        let redeliveries = try lines.filter { $0.kind == .redelivery }.map(Answer.init)
        #expect((0.002...0.004).contains(Double(redeliveries.count) / Double(answers.count)))
        let first = Dictionary(uniqueKeysWithValues: answers.map { ($0.id, $0) })
        for again in redeliveries {
            let original = try #require(first[again.id])
            #expect(again.arrival > original.arrival)
            #expect((again.time, again.score, again.comment) == (original.time, original.score, original.comment))
        }
    }

    @Test func someLinesMustBeRejectedAndSayWhy() {
        let flaws = lines.compactMap { if case .flawed(let flaw) = $0.kind { flaw } else { nil } }
        #expect((0.001...0.003).contains(Double(flaws.count) / Double(answers.count)))
        #expect(Set(flaws) == Set(DemoFlaw.allCases))
        let ids = Set(answers.map(\.id))
        for line in lines {
            guard case .flawed(let flaw) = line.kind else { continue }
            let event = try? JSONTree.parse(String(decoding: line.bytes, as: UTF8.self))
            #expect((event == nil) == (flaw == .cutOff))
            #expect((event != nil && event?["id"] == nil) == (flaw == .withoutIdentity))
            // A rejected line must not take the identity of a response.
            if let id = event?["id"]?.string { #expect(!ids.contains(id)) }
        }
    }

    @Test func commentsFitTheScoreAndSomeAreGerman() {
        let commented = answers.filter { $0.comment != nil }
        #expect((0.2...0.3).contains(Double(commented.count) / Double(answers.count)))
        for answer in commented {
            let comment = answer.comment!
            let delighted = DemoComments.english[.delighted]! + DemoComments.german[.delighted]!
            #expect(delighted.contains(comment) == (answer.score == 5))
        }
        let german = commented.filter { DemoComments.german.values.joined().contains($0.comment!) }
        #expect(german.count > 100 && german.allSatisfy { $0.region == "eu-central" })
    }

    @Test func aSampleCanBeWithoutADipAndOfAnySize() {
        #expect(DemoSample(seed: 1, drop: 0).truth == nil)
        #expect(DemoSample(seed: 1, days: 9).truth?.onset == DemoSample.usualStart + 7 * 86_400_000 + 34_200_000)
        #expect(DemoSample(seed: 1, days: 9, dipDay: 9).truth == nil)
        let busy = DemoSample(seed: 3, days: 1, perDay: 40_000)
        let count = busy.reduce(into: 0) { count, line in count += line.kind == .response ? 1 : 0 }
        // A Monday, without the answers still on their way when it ends.
        #expect((43_000...48_000).contains(count))
    }

    @Test func onlyAnswersOnTheirWayAreKept() {
        var iterator = DemoSample(seed: 5, days: 20, perDay: 2000).makeIterator()
        var most = 0
        while iterator.next() != nil { most = Swift.max(most, iterator.onTheirWay) }
        // 4 % of 2,000 a day, seven hours on average.
        #expect(most > 5 && most < 120)
    }
}

/// Milliseconds since 1970 of a stamp of September to November 2025.
private func moment(_ text: String) -> Int64 {
    let numbers = text.split { !$0.isNumber }.map { Int64($0)! }
    let daysBefore: [Int64: Int64] = [9: 0, 10: 30, 11: 61]
    let day = daysBefore[numbers[1]]! + numbers[2] - 1
    return DemoSample.usualStart + ((day * 24 + numbers[3]) * 60 + numbers[4]) * 60_000 + numbers[5] * 1000 + numbers[6]
}
