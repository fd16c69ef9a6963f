import Logging
import Runtime

/// The server without the network: a request in, an answer out.
package struct Responder: Sendable {
    package let table: RouteTable
    private let logger: Logger
    private let requests: MetricFamily<Counter>

    /// - Parameters:
    ///   - routes: besides `/healthz`, `/readyz` and `/metrics`, which every service has.
    package init(routes: [Route], health: Health, metrics: MetricsRegistry, logger: Logger) {
        table = RouteTable(
            [
                Route(.get, "/healthz") { _ in
                    let liveness = health.liveness
                    return .json(liveness.json, status: liveness == .alive ? 200 : 503)
                },
                Route(.get, "/readyz") { _ in
                    let readiness = health.readiness
                    return .json(readiness.json, status: readiness.isReady ? 200 : 503)
                },
                Route(.get, "/metrics") { _ in
                    HTTPResponse(contentType: MetricsRegistry.contentType, body: metrics.exposition())
                },
            ] + routes)
        self.logger = logger
        requests = metrics.counters(
            "tideline_http_requests_total", "HTTP requests by status answered.", label: "status")
    }

    /// - Parameters:
    ///   - method: in capitals.
    ///   - target: path and query as they came.
    package func respond(
        method: String, target: String, headers: [HTTPRequest.Item], body: [UInt8]
    ) async -> HTTPResponse {
        let response = await answer(method, target, headers, body)
        count(response.status)
        return response
    }

    /// For answers given without a route, such as 413.
    func count(_ status: Int) { requests[String(status)].increment() }

    private func answer(
        _ method: String, _ target: String, _ headers: [HTTPRequest.Item], _ body: [UInt8]
    ) async -> HTTPResponse {
        let withoutFragment = target.prefix { $0 != "#" }
        let path = String(withoutFragment.prefix { $0 != "?" })
        guard let query = PercentDecoding.query(withoutFragment.dropFirst(path.count + 1)) else {
            return .error("the query has a wrong percent escape", status: 400)
        }
        switch table.match(method: method, path: path) {
        case .malformed:
            return .error("the path has a wrong percent escape", status: 400)
        case .unknown:
            return unknown(path)
        case .wrongMethod(let allowed):
            let sentence = "\(path) does not take \(method), but \(allowed.joined(separator: " or "))"
            var response = HTTPResponse.error(sentence, status: 405)
            let names = allowed.contains("GET") ? allowed + ["HEAD"] : allowed
            response.headers = [HTTPRequest.Item(name: "Allow", value: names.joined(separator: ", "))]
            return response
        case .found(let route, let parameters):
            let request = HTTPRequest(
                method: method, path: path, parameters: parameters, query: query, headers: headers, body: body)
            do {
                return try await route.handler(request)
            } catch let error as QueryError {
                return .error(error.description, status: 400)
            } catch {
                logger.error(
                    "request failed",
                    metadata: ["route": .string("\(method) \(route.pattern)"), "error": .string("\(error)")])
                return .error("the request failed here; the log says why", status: 500)
            }
        }
    }

    private func unknown(_ path: String) -> HTTPResponse {
        var body = Array(#"{"error":"#.utf8)
        JSONText.append("there is nothing at \(path)", to: &body)
        body.append(contentsOf: #","routes":["#.utf8)
        for (index, name) in table.names.enumerated() {
            if index > 0 { body.append(UInt8(ascii: ",")) }
            JSONText.append(name, to: &body)
        }
        body.append(contentsOf: "]}".utf8)
        return .json(body, status: 404)
    }
}
