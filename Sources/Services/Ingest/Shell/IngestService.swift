import Hosting
import Journal
import Messages
import Runtime
import Settings
import ZMQ

/// The ingest service: sockets, disk and clock around the two machines ``Intake`` and ``Dispatcher``.
package struct IngestService: Sendable {
    private let settings: TidelineSettings

    package init(settings: TidelineSettings) { self.settings = settings }

    /// Runs until a signal; everything accepted is durable and answered when it returns.
    package func run() async throws -> ExitStatus {
        let host = try ServiceHost(
            name: "ingest", settings: settings, conditions: ["journal", "disk", "dispatch"])
        let metrics = IngestMetrics(host.metrics)
        let comments = try CommentsAPI(
            set: settings.set, directory: settings.data + "/ingest/journal",
            minimumAnswers: Int64(settings.configuration.integer("privacy.minimumAnswers")),
            isStopping: { host.control.isStopping })
        return await host.run(http: settings.configuration.string("ingest.http"), routes: comments.routes) {
            try IngestLoop.run(host: host, metrics: metrics)
        }
    }
}
