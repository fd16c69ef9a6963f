import Foundation
import Logging
import Testing

@testable import Runtime

@Suite struct LogTests {
    /// What the body logs, line by line.
    private func lines(
        level: Logger.Level = .info, format: LogFormat = .json, _ body: (Logger) throws -> Void
    ) rethrows -> [String] {
        let pipe = Pipe()
        let log = ServiceLog(
            service: "ingest", instance: "a1", level: level, format: format,
            output: LogOutput(descriptor: pipe.fileHandleForWriting.fileDescriptor),
            clock: ManualClock(wallMilliseconds: 1_795_383_406_123).wall)
        try body(log.logger())
        pipe.fileHandleForWriting.closeFile()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        #expect(text.isEmpty || text.hasSuffix("\n"))
        return text.split(separator: "\n").map(String.init)
    }

    @Test func aLineIsOneObjectInAFixedOrder() {
        let lines = lines { logger in
            var logger = logger
            logger[metadataKey: "node"] = "n7"
            logger.warning(
                "slow disk", metadata: ["seconds": .stringConvertible(1.5), "block": .stringConvertible(12)])
        }
        #expect(
            lines == [
                #"{"ts":"2026-11-22T21:36:46.123Z","level":"warning","service":"ingest","instance":"a1","#
                    + #""msg":"slow disk","block":12,"node":"n7","seconds":1.5}"#
            ])
    }

    @Test func everyTextComesBackFromTheJSON() throws {
        let text = "quote \" backslash \\ newline \n tab \t nul \u{0} del \u{7f} é 😀 \u{2028}"
        let line = try #require(
            lines {
                $0.info(
                    "\(text)",
                    metadata: [
                        "a \" key": .string(text), "list": ["x", .stringConvertible(true)], "map": ["k": ["z": "\n"]],
                        "none": .stringConvertible(Double.nan), "level": "mine",
                    ])
            }.first)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect(object["msg"] as? String == text)
        #expect(object["a \" key"] as? String == text)
        #expect((object["list"] as? [Any])?.last as? Bool == true)
        #expect(((object["map"] as? [String: Any])?["k"] as? [String: String])?["z"] == "\n")
        #expect(object["none"] as? String == "nan")
        #expect(object["level"] as? String == "info")
        #expect(object["level_"] as? String == "mine")
    }

    @Test func theLevelIsThatOfTheConfiguration() {
        let lines = lines(level: .warning) { logger in
            logger.info("not this")
            logger.error("this")
        }
        #expect(lines.count == 1)
    }

    @Test func longTextsAreCutBetweenCharacters() throws {
        let line = try #require(lines { $0.info("\(String(repeating: "é", count: 10_000))x") }.first)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        let message = try #require(object["msg"] as? String)
        #expect(message.utf8.count <= JSONLogHandler.textBytesMax + 3)
        #expect(message.hasSuffix("é…"))
        #expect(LogText.cut("aé", bytesMax: 2) == "a…")
        #expect(LogText.cut("aé", bytesMax: 3) == "aé")
    }

    @Test func theTextFormIsOneLine() {
        let lines = lines(format: .text) { $0.notice("two\nlines", metadata: ["k": "v"]) }
        #expect(lines == ["21:36:46.123 NOTICE ingest: two lines (k=v)"])
    }

    @Test func linesOfManyThreadsDoNotMix() async throws {
        let pipe = Pipe()
        let log = ServiceLog(
            service: "s", instance: "i", output: LogOutput(descriptor: pipe.fileHandleForWriting.fileDescriptor))
        // Blocks until the writers are done, so not on the pool of tasks, which the writers need.
        let (texts, read) = AsyncStream.makeStream(of: String.self)
        Thread.detachNewThread {
            read.yield(String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self))
            read.finish()
        }
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                group.addTask {
                    let logger = log.logger()
                    for _ in 0..<100 { logger.info("\(String(repeating: "\(writer)", count: 5000))") }
                }
            }
        }
        pipe.fileHandleForWriting.closeFile()
        let text = await texts.reduce(into: "") { $0 += $1 }
        let lines = text.split(separator: "\n")
        #expect(lines.count == 800)
        for line in lines {
            let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String])
            #expect(Set(object["msg"] ?? "").count == 1)
        }
    }

    @Test func aReaderThatWentAwayLosesLinesAndNothingElse() {
        signal(SIGPIPE, SIG_IGN)
        let pipe = Pipe()
        pipe.fileHandleForReading.closeFile()
        let output = LogOutput(descriptor: pipe.fileHandleForWriting.fileDescriptor)
        output.write(Array("lost\n".utf8))
        #expect(output.linesLost == 1)
    }
}
