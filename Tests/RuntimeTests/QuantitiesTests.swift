import Testing

@testable import Runtime

@Suite struct QuantitiesTests {
    @Test(
        arguments: [
            ("10ms", 10_000_000), ("7d", 604_800_000_000_000), ("0s", 0), ("5 m", 300_000_000_000), ("3us", 3000),
            ("106751d", 9_223_286_400_000_000_000),
        ] as [(String, Int64)])
    func durationsAreRead(text: String, nanoseconds: Int64) {
        #expect(DurationText.nanoseconds(text) == nanoseconds)
        #expect(DurationText.nanoseconds(DurationText.text(nanoseconds: nanoseconds)) == nanoseconds)
    }

    @Test(arguments: [
        "", "5", "s", "-5s", "1.5s", "5 parsecs", "99999999999999999999s", "9223372036854775807d", "5S", "५s",
    ])
    func otherTextsAreNoDurations(text: String) { #expect(DurationText.nanoseconds(text) == nil) }

    @Test(arguments: [("256KiB", 262_144), ("1GiB", 1 << 30), ("100B", 100), ("0B", 0)] as [(String, Int64)])
    func sizesAreRead(text: String, bytes: Int64) {
        #expect(BytesText.bytes(text) == bytes)
        #expect(BytesText.text(bytes: bytes) == text)
    }

    @Test(arguments: ["", "5", "5KB", "-1B", "1.5MiB", "99999999999999TiB"])
    func otherTextsAreNoSizes(text: String) { #expect(BytesText.bytes(text) == nil) }

    @Test func longDurationsDoNotOverflow() {
        #expect(Duration.seconds(Int64.max).nanoseconds == .max)
        #expect(Duration.seconds(Int64.min).nanoseconds == .min)
        #expect(Duration.milliseconds(-1).nanoseconds == -1_000_000)
    }

    @Test(arguments: [
        ("127.0.0.1:7400", "127.0.0.1", 7400), ("[::1]:0", "::1", 0), ("localhost:65535", "localhost", 65535),
    ])
    func addressesAreRead(text: String, host: String, port: Int) throws {
        let address = try #require(EndpointText.hostAndPort(text))
        #expect(address.host == host)
        #expect(address.port == port)
    }

    @Test(arguments: ["", "7400", ":7400", "a:", "a:65536", "a:-1", "::1:5", "a b:5", "http://a:5", "a:+5"])
    func otherTextsAreNoAddresses(text: String) { #expect(EndpointText.hostAndPort(text) == nil) }

    @Test(arguments: [
        ("tcp://127.0.0.1:7401", true), ("tcp://*:7401", true), ("tcp://127.0.0.1:*", true), ("ipc:///run/x", true),
        ("tcp://127.0.0.1", false), ("tcp://:1", false), ("ipc://", false), ("inproc://x", false), ("tcp://a:b", false),
        ("", false),
    ])
    func endpointsAreJudged(text: String, right: Bool) {
        #expect(EndpointText.isEndpoint(text, schemes: ["tcp", "ipc"]) == right)
    }
}
