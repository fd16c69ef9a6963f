/// One thing a service answers.
///
/// ```swift
/// Route(.get, "/api/v1/alerts/{id}") { request in .json(try await alerts.json(id: request.parameter("id"))) }
/// ```
package struct Route: Sendable {
    package enum Method: String, Sendable {
        /// Answers HEAD, too.
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case delete = "DELETE"
    }

    /// - Throws: ``QueryError`` to answer 400; anything else is logged and answered 500 without details.
    package typealias Handler = @Sendable (HTTPRequest) async throws -> HTTPResponse

    enum Part: Sendable, Equatable {
        case literal(String)
        case parameter(String)
    }

    package let method: Method
    /// Begins with "/"; a part `{name}` stands for any one part that is not empty.
    package let pattern: String
    package let handler: Handler
    let parts: [Part]

    package init(_ method: Method, _ pattern: String, _ handler: @escaping Handler) {
        precondition(pattern.hasPrefix("/"), "\(pattern) must begin with /")
        self.method = method
        self.pattern = pattern
        self.handler = handler
        parts = RouteTable.split(pattern).map { part in
            part.hasPrefix("{") && part.hasSuffix("}")
                ? .parameter(String(part.dropFirst().dropLast())) : .literal(part)
        }
    }

    /// The values of the pattern's parameters, or nil when the path is another's.
    func match(_ path: [String]) -> [String: String]? {
        guard path.count == parts.count else { return nil }
        var parameters: [String: String] = [:]
        for (part, text) in zip(parts, path) {
            switch part {
            case .literal(let literal): if literal != text { return nil }
            case .parameter(let name):
                guard !text.isEmpty else { return nil }
                parameters[name] = text
            }
        }
        return parameters
    }
}

/// All routes of a server. Small, so it is searched from front to back; literal parts win over parameters.
package struct RouteTable: Sendable {
    enum Match: Sendable {
        case found(Route, parameters: [String: String])
        /// The methods the path does know.
        case wrongMethod(allowed: [String])
        case unknown
        /// Wrong percent escapes.
        case malformed
    }

    let routes: [Route]

    /// - Precondition: no method and pattern twice.
    package init(_ routes: [Route]) {
        let names = routes.map { "\($0.method.rawValue) \($0.pattern)" }
        precondition(Set(names).count == names.count, "a route twice")
        // Literals before parameters, part for part; the sort must keep the order of equals, so the index decides.
        self.routes = routes.enumerated().sorted { left, right in
            let ranks = (Self.rank(left.element), Self.rank(right.element))
            return ranks.0 == ranks.1 ? left.offset < right.offset : ranks.0 < ranks.1
        }.map(\.element)
    }

    /// "GET /healthz" and so on, sorted by path, for whoever asks for something else.
    var names: [String] {
        routes.sorted { ($0.pattern, $0.method.rawValue) < ($1.pattern, $1.method.rawValue) }
            .map { "\($0.method.rawValue) \($0.pattern)" }
    }

    func match(method: String, path: String) -> Match {
        var decoded: [String] = []
        for part in Self.split(path) {
            guard let text = PercentDecoding.text(part, plusIsSpace: false) else { return .malformed }
            decoded.append(text)
        }
        var allowed: [String] = []
        for route in routes {
            guard let parameters = route.match(decoded) else { continue }
            if route.method.rawValue == method || (method == "HEAD" && route.method == .get) {
                return .found(route, parameters: parameters)
            }
            if !allowed.contains(route.method.rawValue) { allowed.append(route.method.rawValue) }
        }
        return allowed.isEmpty ? .unknown : .wrongMethod(allowed: allowed)
    }

    /// Parts between slashes; a slash at the end does not count.
    static func split(_ path: String) -> [String] {
        var parts = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        if parts.last == "" { parts.removeLast() }
        return parts
    }

    private static func rank(_ route: Route) -> String {
        String(route.parts.map { part in if case .literal = part { "0" } else { "1" } })
    }
}
