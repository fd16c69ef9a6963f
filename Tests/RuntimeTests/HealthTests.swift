import Testing

@testable import Runtime

@Suite struct HealthTests {
    private func text(_ json: [UInt8]) -> String { String(decoding: json, as: UTF8.self) }

    @Test func aServiceIsReadyWhenAllConditionsAreMet() {
        let health = Health(conditions: ["journal", "sockets"])
        #expect(
            text(health.readiness.json) == """
                {"ready":false,"draining":false,"conditions":[{"name":"journal","ready":false,"reason":"starting"},\
                {"name":"sockets","ready":false,"reason":"starting"}]}
                """)
        health.set("sockets", .ready)
        health.set("journal", .notReady("recovering \"3\" of 12 files"))
        #expect(!health.readiness.isReady)
        #expect(text(health.readiness.json).contains(#""reason":"recovering \"3\" of 12 files"}"#))
        health.set("journal", .ready)
        #expect(health.readiness.isReady)
        #expect(
            text(health.readiness.json)
                == #"{"ready":true,"draining":false,"conditions":[{"name":"journal","ready":true},"#
                + #"{"name":"sockets","ready":true}]}"#
        )
    }

    @Test func aDrainingServiceIsNotReady() {
        let health = Health(conditions: [])
        #expect(health.readiness.isReady)
        health.startDraining()
        #expect(!health.readiness.isReady)
        #expect(text(health.readiness.json) == #"{"ready":false,"draining":true,"conditions":[]}"#)
    }

    @Test func aLoopThatStandsStillIsNoticed() {
        let clock = ManualClock()
        let health = Health(conditions: [], loopStallMax: .seconds(5), clock: clock.monotonic)
        clock.advance(by: .seconds(60))
        #expect(health.liveness == .alive, "a long start is no stall")
        health.loopTurned()
        clock.advance(by: .seconds(5))
        #expect(health.liveness == .alive)
        clock.advance(by: .milliseconds(1))
        #expect(health.liveness == .stalled(.milliseconds(5001)))
        #expect(text(health.liveness.json) == #"{"alive":false,"reason":"the loop has not turned for 5001 ms"}"#)
        health.loopTurned()
        #expect(health.liveness == .alive)
        clock.advance(by: .seconds(60))
        health.loopEnded()
        #expect(health.liveness == .alive)
    }

    @Test func conditionsMustBeNamedAtTheStart() async {
        await #expect(processExitsWith: .failure) { Health(conditions: ["a"]).set("b", .ready) }
    }
}
