import HTTP
import JSON
import Messages
import Satisfaction

extension TrendAPI {
    var alertRoutes: [Route] {
        [
            Route(.get, "/api/v1/alerts") { [self] in try alerts($0) },
            Route(.get, "/api/v1/alerts/{id}") { [self] in try alert($0) },
            Route(.post, "/api/v1/alerts/{id}/acknowledge") { [self] in await mark(.acknowledgement, $0) },
            Route(.post, "/api/v1/alerts/{id}/silence") { [self] in await mark(.silence, $0) },
            Route(.post, "/api/v1/alerts/{id}/label") { [self] in await mark(.label, $0) },
            Route(.get, "/api/v1/silences") { [self] in try silences($0) },
            Route(.post, "/api/v1/silences") { [self] in await beginSilence($0) },
            Route(.post, "/api/v1/silences/{id}/end") { [self] in await endSilence($0) },
        ]
    }

    /// States as people read them: those of the alert's life, and the marks of a firing one.
    private enum ShownState: String, CaseIterable {
        case pending, firing, acknowledged, silenced, resolved, withdrawn

        var stored: AlertState {
            switch self {
            case .pending: .pending
            case .firing, .acknowledged, .silenced: .firing
            case .resolved: .resolved
            case .withdrawn: .withdrawn
            }
        }

        static let open: Set<ShownState> = [.firing, .acknowledged, .silenced]
    }

    // MARK: Reading

    /// `GET /api/v1/alerts`: alerts in their last revision with their marks, newest change first.
    private func alerts(_ request: HTTPRequest) throws -> HTTPResponse {
        try request.allowOnly(["state", "kind", "rule", "metric", "segment", "since", "id", "limit"])
        let states = try Self.states(request)
        let limit = try request.integer("limit", in: 1...10_000, default: 1000)
        let now = clock.now()
        var found: [JSONTree] = []
        try store.forEachAlert(filter(request, states)) { alert, marks in
            let shown = marks.shown(alert, at: now)
            if let state = shown["state"]?.string.flatMap(ShownState.init), states.contains(state) {
                found.append(AlertPrivacy.covered(shown, minimumAnswers: minimumAnswers))
            }
            return found.count < limit
        }
        return .json(Array(JSONTree.object([("alerts", .array(found))]).text.utf8))
    }

    /// Suspicions are listed only where they are asked for: nobody was told of them.
    private static func states(_ request: HTTPRequest) throws(QueryError) -> Set<ShownState> {
        guard let text = try request.text("state"), !text.isEmpty else {
            return Set(ShownState.allCases).subtracting([.pending])
        }
        var states: Set<ShownState> = []
        for word in text.split(separator: ",") {
            if word == "open" {
                states.formUnion(ShownState.open)
            } else if let state = ShownState(rawValue: String(word)) {
                states.insert(state)
            } else {
                let known = ShownState.allCases.map(\.rawValue).joined(separator: ", ")
                throw QueryError("state", "has \"\(word)\", but knows: \(known), and open for the three that fire")
            }
        }
        return states
    }

    private func filter(_ request: HTTPRequest, _ states: Set<ShownState>) throws(QueryError) -> AlertFilter {
        var filter = AlertFilter()
        filter.states = Set(states.map(\.stored))
        if let text = try request.text("kind"), !text.isEmpty {
            guard let kind = AlertKind(rawValue: text) else {
                throw QueryError("kind", "is \"\(text)\", but must be dip, mix or volume")
            }
            filter.kind = kind
        }
        func named(_ name: String) throws(QueryError) -> String? {
            guard let text = try request.text(name), !text.isEmpty else { return nil }
            return text
        }
        filter.rule = try named("rule")
        filter.metric = try named("metric")
        filter.idPrefix = try named("id")
        if try named("segment") != nil { filter.segment = try ScoreQuery.segment(request) }
        filter.since = try ScoreQuery.moment(request, "since", zone: set?.zone ?? .utc)
        return filter
    }

    /// `GET /api/v1/alerts/{id}`: one alert with all its kept revisions and marks.
    private func alert(_ request: HTTPRequest) throws -> HTTPResponse {
        try request.allowOnly([])
        let id = request.parameter("id")
        guard let record = try store.alert(id) else { return .error("there is no alert \(id)", status: 404) }
        func covered(_ alert: JSONTree) -> JSONTree { AlertPrivacy.covered(alert, minimumAnswers: minimumAnswers) }
        let shown = try store.presentMarks(of: id).shown(record.data, at: clock.now())
        let answer: JSONTree = [
            "alert": covered(shown), "revisions": .array(try store.revisions(of: id).map(covered)),
            "marks": .array(try store.marks(of: id).map(\.data)),
        ]
        return .json(Array(answer.text.utf8))
    }

    /// `GET /api/v1/silences`: silences of several alerts, those that hold and those of the last 30 days.
    private func silences(_ request: HTTPRequest) throws -> HTTPResponse {
        try request.allowOnly([])
        let now = clock.now()
        let silences = try store.silences().map { silence in
            JSONTree.object((silence.data.object ?? []) + [("holds", .bool(silence.holds(at: now)))])
        }
        return .json(Array(JSONTree.object([("silences", .array(silences))]).text.utf8))
    }

    // MARK: Marking

    private func mark(_ kind: MarkOrder.Kind, _ request: HTTPRequest) async -> HTTPResponse {
        await carryOut(request, kind) { [("alert", .string(request.parameter("id")))] + $0 }
    }

    private func beginSilence(_ request: HTTPRequest) async -> HTTPResponse {
        await carryOut(request, .silence) { $0 }
    }

    private func endSilence(_ request: HTTPRequest) async -> HTTPResponse {
        await carryOut(request, .silence) {
            [("silence", .string(request.parameter("id"))), ("undo", true)] + $0
        }
    }

    /// - Parameter complete: adds to the body's members what the path says.
    private func carryOut(
        _ request: HTTPRequest, _ kind: MarkOrder.Kind, complete: ([(String, JSONTree)]) -> [(String, JSONTree)]
    ) async -> HTTPResponse {
        if let refusal = Self.refusal(of: request) { return refusal }
        let order: MarkOrder
        do {
            let body = try request.body.withUnsafeBytes { try JSONTree.parse($0) }
            guard let members = body.object else { return .error("the body must be a JSON object", status: 400) }
            let whole = complete(members)
            guard Set(whole.map(\.0)).count == whole.count else {
                return .error("the body repeats a member that the path gives already, or one of its own", status: 400)
            }
            order = try MarkOrder(kind, data: .object(whole))
        } catch let error as MessageError {
            return .error(error.description, status: 400)
        } catch {
            return .error("the body is not JSON: \(error)", status: 400)
        }
        guard case .mark(let decision) = await questions?.ask(.mark(order)) ?? .unavailable else {
            return .error("nothing can be marked now: alerting stops or is too busy; send it again", status: 503)
        }
        return Self.response(to: decision)
    }

    /// Forms of foreign web pages cannot send JSON without asking the server first, and it never agrees.
    private static func refusal(of request: HTTPRequest) -> HTTPResponse? {
        let type = (request.header("Content-Type") ?? "").split(separator: ";").first.map(String.init) ?? ""
        guard type.lowercased().filter({ $0 != " " }) == "application/json" else {
            return .error("send a JSON object with the header Content-Type: application/json", status: 415)
        }
        if let origin = request.header("Origin") {
            let host = request.header("Host")?.lowercased() ?? ""
            guard ["http://\(host)", "https://\(host)"].contains(origin.lowercased()) else {
                return .error("pages of \(origin) may not mark alerts here", status: 403)
            }
        }
        return nil
    }

    private static func response(to decision: MarkDecision) -> HTTPResponse {
        switch decision {
        case .done: return .json(Array(decision.data.text.utf8))
        case .refused(let reason, let sentence):
            let status =
                switch reason {
                case .wrong, .badUntil: 400
                case .unknownAlert, .unknownSilence: 404
                case .notFiring, .nothingToUndo, .tooManySilences: 409
                case .unavailable: 503
                }
            return .error(sentence, status: status)
        }
    }
}
