import Testing

@testable import HTTP

@Suite struct ResponderTests {
    private func answer(
        _ method: String, _ target: String
    ) async -> (status: Int, body: String, headers: [HTTPRequest.Item]) {
        let response = await Fixture().responder().respond(method: method, target: target, headers: [], body: [])
        return (response.status, String(decoding: response.body, as: UTF8.self), response.headers)
    }

    @Test func anUnknownPathNamesTheKnownOnes() async {
        let answer = await answer("GET", "/nothing\"here")
        #expect(answer.status == 404)
        #expect(
            answer.body == #"{"error":"there is nothing at /nothing\"here","routes":["GET /api/v1/alerts/open","#
                + #""GET /api/v1/alerts/{id}","GET /api/v1/scores","GET /broken","POST /echo","GET /healthz","#
                + #""GET /large","GET /metrics","GET /readyz","GET /slow"]}"#)
    }

    @Test func anotherMethodIsRefused() async {
        let answer = await answer("DELETE", "/healthz")
        #expect(answer.status == 405)
        #expect(answer.body == #"{"error":"/healthz does not take DELETE, but GET"}"#)
        #expect(answer.headers == [.init(name: "Allow", value: "GET, HEAD")])
    }

    @Test(arguments: [
        ("/api/v1/scores", "query metric is missing"),
        ("/api/v1/scores?metric=a&metric=b", "query metric is given 2 times; give it once"),
        ("/api/v1/scores?metric=a&limit=0", "query limit is \\\"0\\\", but must be a whole number from 1 to 1000"),
        ("/api/v1/scores?metrik=a", "query metrik is unknown; known: metric, segment, limit"),
        ("/api/v1/scores?metric=%zz", "the query has a wrong percent escape"),
        ("/api/v1/scores?metric=%ff", "the query has a wrong percent escape"),
        ("/api/v1/alerts/%1", "the path has a wrong percent escape"),
    ])
    func aWrongRequestIsExplained(target: String, sentence: String) async {
        let answer = await answer("GET", target)
        #expect(answer.status == 400)
        #expect(answer.body == #"{"error":"\#(sentence)"}"#)
    }

    @Test func whatBreaksInsideStaysInside() async {
        let answer = await answer("GET", "/broken")
        #expect(answer.status == 500)
        #expect(answer.body == #"{"error":"the request failed here; the log says why"}"#)
    }

    @Test(arguments: [
        ("/api/v1/alerts/open", "open alerts"), ("/api/v1/alerts/open?x=1#y", "open alerts"),
        ("/api/v1/alerts/7/", "alert 7"), ("/api/v1/alerts/%C3%A9+1", "alert é+1"),
        ("/api/v1/scores?metric=a%26b&segment=x+y&&", "a&b x y 100"),
    ])
    func pathsFindTheirRoutes(target: String, body: String) async {
        #expect(await answer("GET", target).body == body)
    }

    @Test(arguments: ["", "*", "/", "//", "/api/v1/alerts/", "/healthz/x", "healthz"])
    func oddPathsAreNotFound(target: String) async {
        #expect(await answer("GET", target).status == 404)
    }
}
