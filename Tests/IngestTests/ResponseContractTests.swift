import Foundation
import Ingest
import JSON
import MachineTestKit
import Messages
import Testing

/// The examples and counterexamples of `proto-json/response`, through the very intake.
@Suite struct ResponseContractTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../proto-json").standardizedFileURL

    private static func files(_ kind: String) -> [URL] {
        let files = try? FileManager.default.contentsOfDirectory(
            at: folder.appending(path: "\(kind)/response"), includingPropertiesForKeys: nil)
        return (files ?? []).filter { $0.pathExtension == "json" }.sorted { $0.path < $1.path }
    }

    /// The moment at which the contracts are decided unless they name another.
    private static let moment = "2026-11-22T00:00:00Z"

    /// A batch of one keeps events that are laid out over lines, and bytes that are no text, whole.
    private func decide(_ event: [UInt8], at moment: String) throws -> (Receipt, Rejection?) {
        var bench = try IntakeBench()
        var rejection: Rejection?
        event.withUnsafeBytes { payload in
            bench.intake.request(payload, address: [], now: Timestamp.read(moment)!) { reason, _, _ in
                rejection = reason
            }
        }
        bench.write()
        var receipts: [Receipt] = []
        bench.intake.replies.release(through: bench.intake.synced) { _, text in
            receipts += (try? Receipt.all(in: String(decoding: text, as: UTF8.self))) ?? []
        }
        return (try #require(receipts.first), rejection)
    }

    @Test func examplesAreThere() {
        #expect(Self.files("examples").count > 15)
        #expect(Self.files("counterexamples").count > 90)
    }

    @Test(arguments: files("examples")) func exampleIsAccepted(file: URL) throws {
        let text = Array(try Data(contentsOf: file))
        let oneLine = try JSONTree.parse(String(decoding: text, as: UTF8.self)).text
        let (receipt, rejection) = try decide(
            text.contains(UInt8(ascii: "\n")) ? Array("[\(String(decoding: text, as: UTF8.self))]".utf8) : text,
            at: Self.moment)
        #expect(receipt.status == "accepted", "\(file.lastPathComponent): \(rejection?.sentence ?? "")")
        #expect(try decide(Array(oneLine.utf8), at: Self.moment).0.status == "accepted")
    }

    @Test(arguments: files("counterexamples")) func counterexampleIsRefusedForItsReason(file: URL) throws {
        let bytes = Array(try Data(contentsOf: file))
        // Some hold an event that lies deeper than the bus allows.
        let parser = JSONParser(depthMax: 200)
        let members = JSONTree(try parser.parse(bytes))
        withExtendedLifetime(parser) {}
        let event: [UInt8]
        if let text = members["text"]?.string {
            event = Array(text.utf8)
        } else if let text = members["base64"]?.string {
            event = Array(try #require(Data(base64Encoded: text)))
        } else {
            event = Array(try #require(members["event"]).text.utf8)
        }
        let (receipt, rejection) = try decide(event, at: members["at"]?.string ?? Self.moment)
        #expect(receipt.status == "rejected")
        #expect(receipt.reason == members["reason"]?.string, "\(rejection?.sentence ?? "")")
        #expect(receipt.pointer == members["pointer"]?.string)
        #expect(rejection?.sentence.isEmpty == false)
    }
}
