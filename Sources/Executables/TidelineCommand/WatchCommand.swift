import ArgumentParser
import JSON
import Runtime
import ZMQ

struct WatchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Prints the feed as it comes: scores, alerts or both.",
        discussion: """
              tideline watch                              # alerts
              tideline watch --words                      # alerts as sentences
              tideline watch --topic tideline.score.v1.csat.total
            """)

    @Option(help: ArgumentHelp("Prefix of the topics; may be repeated.", valueName: "prefix"))
    var topic: [String] = []

    @Option(help: ArgumentHelp("Stop after so many messages.", valueName: "n"))
    var count: Int?

    @Flag(help: "Print what alerts say in words, a line each, instead of the messages.") var words = false

    @OptionGroup var settings: SettingsOptions

    func run() throws {
        let endpoint = try settings.load().configuration.string("alerting.feed")
        let interruption = try Interruption()
        let context = try Context()
        let topics = topic.isEmpty ? ["tideline.alert.v1"] : topic
        let socket = try Socket(context, .sub, options: SocketOptions { $0.subscriptions = topics })
        try socket.connect(endpoint)
        var poller = Poller(itemsMax: 1)
        _ = poller.add(socket)
        var message = MultipartMessage(framesMax: 4)
        var left = count ?? .max
        while left > 0, !interruption.isRaised {
            _ = try poller.wait(timeoutMilliseconds: 200)
            while left > 0, try socket.receiveMessage(into: &message) {
                guard message.count == 2 else { continue }
                let text = String(decoding: message[1], as: UTF8.self)
                guard let line = words ? Self.words(of: text) : text else { continue }
                Console.say(line)
                left -= 1
            }
        }
    }

    /// "2026-11-20T10:16Z firing: CSAT fell from …"; nil for messages without a sentence.
    static func words(of message: String) -> String? {
        guard let event = try? JSONTree.parse(message), let data = event["data"],
            let sentence = data["sentence"]?.string, !sentence.isEmpty
        else { return nil }
        return "\((event["time"]?.string ?? "").prefix(16))Z \(data["status"]?.string ?? ""): \(sentence)"
    }
}
