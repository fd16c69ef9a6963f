import ArgumentParser
import Runtime
import ZMQ

struct WatchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Prints the feed as it comes: scores, alerts or both.",
        discussion: """
              tideline watch                              # alerts
              tideline watch --topic tideline.score.v1.csat.total
            """)

    @Option(help: ArgumentHelp("Prefix of the topics; may be repeated.", valueName: "prefix"))
    var topic: [String] = []

    @Option(help: ArgumentHelp("Stop after so many messages.", valueName: "n"))
    var count: Int?

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
                Console.say(String(decoding: message[1], as: UTF8.self))
                left -= 1
            }
        }
    }
}
