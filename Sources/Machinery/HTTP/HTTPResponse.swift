import Runtime

/// A whole answer.
package struct HTTPResponse: Sendable, Equatable {
    /// 200 to 599.
    package var status: Int
    package var contentType: String
    /// Besides Content-Type, Content-Length, Date and Connection, which the server writes.
    package var headers: [HTTPRequest.Item]
    package var body: [UInt8]

    package init(
        status: Int = 200, contentType: String, headers: [HTTPRequest.Item] = [], body: [UInt8]
    ) {
        assert((200...599).contains(status), "no final status")
        self.status = status
        self.contentType = contentType
        self.headers = headers
        self.body = body
    }

    /// - Parameter body: a JSON text.
    package static func json(_ body: [UInt8], status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, contentType: "application/json", body: body)
    }

    package static func text(_ text: String, status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, contentType: "text/plain; charset=utf-8", body: Array(text.utf8))
    }

    /// `{"error":"…"}`
    package static func error(_ sentence: String, status: Int) -> HTTPResponse {
        var body = Array(#"{"error":"#.utf8)
        JSONText.append(sentence, to: &body)
        body.append(UInt8(ascii: "}"))
        return .json(body, status: status)
    }
}
