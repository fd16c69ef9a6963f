import HTTP
import ZMQ

/// The questions about comments at alerting's address: passed on to ingest, which alone has the message files.
///
/// What ingest answers, refusals included, is answered word for word.
package struct CommentsProxy: Sendable {
    static let paths = ["/api/v1/comments", "/api/v1/words"]

    /// "host:port" of ingest's HTTP.
    private let address: String

    /// How long connecting and each reading may take. Twice this stays below the time after which the server gives up on
    /// an answer.
    private static let waitSecondsMax = 4

    package init(address: String) { self.address = address }

    package var routes: [Route] {
        Self.paths.map { path in
            Route(.get, path) { request in
                // On a thread of its own, because waiting for the answer blocks.
                try await runLoopThread(named: "comments", stackBytes: 1 << 20) { ask(path, request) }
            }
        }
    }

    private func ask(_ path: String, _ request: HTTPRequest) -> HTTPResponse {
        let query = request.query.map { "\(HTTPFetch.escaped($0.name))=\(HTTPFetch.escaped($0.value))" }
        let target = query.isEmpty ? path : "\(path)?\(query.joined(separator: "&"))"
        do throws(HTTPFetch.Failure) {
            let answer = try HTTPFetch.get(address: address, target: target, seconds: Self.waitSecondsMax)
            return .json(answer.body, status: answer.status)
        } catch {
            return .error(
                "comments are read from ingest, which cannot be asked now: \(error); start it, or set alerting.comments to "
                    + "the address of its HTTP", status: 503)
        }
    }
}
