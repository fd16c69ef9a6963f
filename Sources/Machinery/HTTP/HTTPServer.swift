import Glibc
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import Runtime

/// Why a server cannot run.
package enum HTTPServerError: Error, Sendable, CustomStringConvertible {
    /// The address is taken, or not this machine's, or forbidden.
    case cannotListen(address: String, cause: String)

    package var description: String {
        switch self {
        case .cannotListen(let address, let cause):
            "cannot listen for HTTP on \(address): \(cause); stop what listens there or configure another address"
        }
    }
}

/// An HTTP/1.1 server on one thread.
///
/// Made in main, run in one task. Keeps answering while the service drains, so that `/readyz` can say so;
/// ``shutdown()`` comes last.
package final class HTTPServer: Sendable {
    /// A connection that cannot be accepted yet waits in a queue of the kernel of this length.
    private static let backlogMax = 128

    /// As configured, "host:port".
    package let address: String
    private let limits: HTTPLimits
    private let responder: Responder
    private let clock: WallClock
    private let logger: Logger
    private let stopRequests: AsyncStream<Never>
    private let stopRequest: AsyncStream<Never>.Continuation

    /// - Parameters:
    ///   - address: "host:port", port 0 for any free one.
    ///   - responder: routes and what they need.
    /// - Precondition: the address was checked as a setting of kind `address`.
    package init(
        address: String, responder: Responder, limits: HTTPLimits = HTTPLimits(), clock: WallClock = .system,
        logger: Logger
    ) {
        precondition(EndpointText.hostAndPort(address) != nil, "\(address) is not host:port")
        self.address = address
        self.responder = responder
        self.limits = limits
        self.clock = clock
        self.logger = logger
        (stopRequests, stopRequest) = AsyncStream.makeStream(of: Never.self)
    }

    /// Asks ``run(onListening:)`` to finish the requests in flight, close every connection and return. From any
    /// thread, before or while it runs; later calls do nothing.
    package func shutdown() { stopRequest.finish() }

    /// Serves until ``shutdown()`` or cancellation.
    /// - Parameter onListening: called once with the actual "host:port".
    /// - Throws: ``HTTPServerError`` when the address cannot be had.
    package func run(onListening: @escaping @Sendable (String) async -> Void = { _ in }) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let outcome: Result<Void, any Error>
        do {
            try await serve(on: group, onListening: onListening)
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        try await group.shutdownGracefully()
        try outcome.get()
    }

    private func serve(
        on group: MultiThreadedEventLoopGroup, onListening: @escaping @Sendable (String) async -> Void
    ) async throws {
        let (listening, nowListening) = AsyncStream.makeStream(of: Never.self)
        let server = server(on: group) { channel in
            // Accepting one at a time, or the limit of connections is overrun by a few. It cannot fail on a channel
            // that is open, and one that is not ends the server anyway.
            try? await channel.setOption(ChannelOptions.maxMessagesPerRead, value: 1).get()
            let actual = channel.localAddress.map(Self.text) ?? self.address
            self.logger.info("listening for HTTP", metadata: ["address": .string(actual)])
            await onListening(actual)
            nowListening.finish()
        }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                do {
                    try await server.run()
                } catch {
                    throw HTTPServerError.cannotListen(address: self.address, cause: Self.cause(of: error))
                }
            }
            tasks.addTask {
                // A server that is asked to stop while it binds would leave its channel open, so first things first.
                for await _ in listening {}
                for await _ in self.stopRequests {}
                guard !Task.isCancelled else { return }
                try await server.shutdownGracefully()
            }
            defer { tasks.cancelAll() }
            try await tasks.next()
        }
    }

    private func server(
        on group: MultiThreadedEventLoopGroup, onListening: @escaping @Sendable (any Channel) async -> Void
    ) -> Server<HTTP1Channel> {
        let (host, port) = EndpointText.hostAndPort(address) ?? ("127.0.0.1", 0)
        // Its own lines ("Server started …", every broken connection) would repeat or drown ours.
        var quiet = logger
        quiet.logLevel = .critical
        let http1 = HTTP1Channel(
            responder: { request, writer, channel in
                try await self.answer(request, writer, channel)
            },
            configuration: HTTP1Channel.Configuration(
                idleTimeout: TimeAmount(limits.idleTimeout),
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: limits.headBytesMax, maxHeaderListSize: limits.headBytesMax,
                    maxHeaderFieldCount: limits.headersMax)))
        return Server(
            childChannelSetup: http1,
            configuration: ServerConfiguration(
                address: .hostname(host, port: port), backlog: Self.backlogMax,
                availableConnectionsDelegate: .maximum(limits.connectionsMax, logger: quiet)),
            onServerRunning: onListening, eventLoopGroup: group, logger: quiet)
    }

    private func answer(_ request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel) async throws {
        let timeout = channel.eventLoop.scheduleTask(in: TimeAmount(limits.requestTimeout)) {
            channel.close(promise: nil)
        }
        defer { timeout.cancel() }
        let method = request.method.rawValue
        var response: HTTPResponse
        var closes = false
        if let body = try await wholeBody(of: request) {
            var headers = request.headers.map { HTTPRequest.Item(name: $0.name.rawName, value: $0.value) }
            // HTTP types keep it apart from the fields it came among.
            if let host = request.head.authority { headers.append(HTTPRequest.Item(name: "Host", value: host)) }
            response = await responder.respond(
                method: method, target: request.head.path ?? "/", headers: headers, body: body)
        } else {
            let limit = BytesText.text(bytes: Int64(limits.bodyBytesMax))
            response = .error("the body is larger than \(limit); send it in parts", status: 413)
            responder.count(response.status)
            closes = true
            // The client may still be sending; after this time it is cut off.
            channel.eventLoop.scheduleTask(in: TimeAmount(limits.lingerTimeout)) { channel.close(promise: nil) }
        }
        let head = head(of: response, closes: closes)
        let body = method == "HEAD" ? ResponseBody() : ResponseBody(byteBuffer: ByteBuffer(bytes: response.body))
        try await writer.write(response: head, body: body)
    }

    /// - Returns: nil when the body is larger than allowed.
    private func wholeBody(of request: Request) async throws -> [UInt8]? {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limits.bodyBytesMax {
            return nil
        }
        var body: [UInt8] = []
        for try await part in request.body {
            guard body.count + part.readableBytes <= limits.bodyBytesMax else { return nil }
            body.append(contentsOf: part.readableBytesView)
        }
        return body
    }

    private func head(of response: HTTPResponse, closes: Bool) -> HTTPTypes.HTTPResponse {
        var fields = HTTPFields()
        fields[.contentType] = response.contentType
        fields[.contentLength] = String(response.body.count)
        fields[.date] = UnixTime.httpDate(clock.now())
        if closes { fields[.connection] = "close" }
        for header in response.headers {
            guard let name = HTTPField.Name(header.name) else {
                assertionFailure("\(header.name) is no header name")
                continue
            }
            fields.append(HTTPField(name: name, value: header.value))
        }
        return HTTPTypes.HTTPResponse(status: .init(code: response.status), headerFields: fields)
    }

    private static func text(_ address: SocketAddress) -> String {
        let host = address.ipAddress ?? "?"
        return "\(host.contains(":") ? "[\(host)]" : host):\(address.port ?? 0)"
    }

    private static func cause(of error: any Error) -> String {
        if let error = error as? IOError { return String(cString: strerror(error.errnoCode)) }
        return "\(error)"
    }
}
