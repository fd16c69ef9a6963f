/// What a client may ask of a server. More than that is refused or cut off; nothing a client does makes the process
/// grow or stop.
package struct HTTPLimits: Sendable {
    /// Larger bodies are answered 413.
    package var bodyBytesMax = 1 << 20
    /// Request line and headers together; larger ones are answered 400.
    package var headBytesMax = 32 << 10
    /// Header fields of one request; more are answered 400.
    package var headersMax = 100
    /// Open at the same time; further ones wait to be accepted.
    package var connectionsMax = 128
    /// A connection on which nothing was asked for this long is closed.
    package var idleTimeout = Duration.seconds(30)
    /// From the head of a request to the last byte of its answer; a connection that takes longer is closed.
    package var requestTimeout = Duration.seconds(10)
    /// How long the rest of a body that is too large is read and thrown away, so that the client sees its answer.
    package var lingerTimeout = Duration.seconds(2)

    package init() {}
}
