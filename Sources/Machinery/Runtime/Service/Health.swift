import Synchronization

/// Whether a service lives and whether it is ready for work; what `/healthz` and `/readyz` say. Safe from any thread.
///
/// *Alive* means that its loop turns. *Ready* means that every condition named at the start is met and it is not
/// draining.
package final class Health: Sendable {
    package enum Condition: Sendable, Equatable {
        case ready
        /// For people: what is missing, such as "recovering 3 of 12 files".
        case notReady(String)
    }

    package enum Liveness: Sendable, Equatable {
        case alive
        /// The loop has not turned for longer than the limit.
        case stalled(Duration)
    }

    package struct Readiness: Sendable, Equatable {
        package let draining: Bool
        /// In the order they were named.
        package let conditions: [(name: String, condition: Condition)]

        package var isReady: Bool { !draining && conditions.allSatisfy { $0.condition == .ready } }

        package static func == (left: Readiness, right: Readiness) -> Bool {
            left.draining == right.draining && left.conditions.elementsEqual(right.conditions) { $0 == $1 }
        }
    }

    private struct State {
        var draining = false
        var conditions: [(name: String, condition: Condition)]
    }

    /// No heartbeat is expected yet, or no longer.
    private static let noHeartbeat = Int64.min

    private let clock: MonotonicClock
    private let loopStallMax: Duration
    private let state: Mutex<State>
    private let lastTurn = Atomic<Int64>(noHeartbeat)

    /// - Parameters:
    ///   - conditions: everything that must be met before work is welcome; each begins as not ready, "starting".
    ///   - loopStallMax: the longest a turn of the loop may take.
    package init(conditions: [String], loopStallMax: Duration = .seconds(5), clock: MonotonicClock = .system) {
        precondition(Set(conditions).count == conditions.count, "a condition twice")
        self.clock = clock
        self.loopStallMax = loopStallMax
        state = Mutex(State(conditions: conditions.map { ($0, .notReady("starting")) }))
    }

    /// - Precondition: the condition was named at the start, so that none is forgotten there.
    package func set(_ name: String, _ condition: Condition) {
        state.withLock { state in
            guard let index = state.conditions.firstIndex(where: { $0.name == name }) else {
                preconditionFailure("\(name) is not among the conditions named at the start")
            }
            state.conditions[index].condition = condition
        }
    }

    /// From here on not ready, whatever the conditions say; there is no way back.
    package func startDraining() { state.withLock { $0.draining = true } }

    /// The heartbeat: one clock reading and one atomic store. The first one arms the stall limit, so a long recovery
    /// before the loop is no stall.
    package func loopTurned() { lastTurn.store(clock.now(), ordering: .relaxed) }

    /// The loop ended on purpose; no heartbeat is expected any more.
    package func loopEnded() { lastTurn.store(Self.noHeartbeat, ordering: .relaxed) }

    package var liveness: Liveness {
        let last = lastTurn.load(ordering: .relaxed)
        guard last != Self.noHeartbeat else { return .alive }
        let silent = Duration.nanoseconds(clock.now() - last)
        return silent > loopStallMax ? .stalled(silent) : .alive
    }

    package var readiness: Readiness {
        state.withLock { Readiness(draining: $0.draining, conditions: $0.conditions) }
    }
}

extension Health.Liveness {
    /// `{"alive":true}`, or with a reason.
    package var json: [UInt8] {
        switch self {
        case .alive: return Array(#"{"alive":true}"#.utf8)
        case .stalled(let silent):
            return Array(#"{"alive":false,"reason":"the loop has not turned for \#(silent.milliseconds) ms"}"#.utf8)
        }
    }
}

extension Health.Readiness {
    /// `{"ready":false,"draining":false,"conditions":[{"name":"journal","ready":false,"reason":"…"}]}`
    package var json: [UInt8] {
        var json = Array(#"{"ready":\#(isReady),"draining":\#(draining),"conditions":["#.utf8)
        for (index, (name, condition)) in conditions.enumerated() {
            if index > 0 { json.append(UInt8(ascii: ",")) }
            json.append(contentsOf: #"{"name":"#.utf8)
            JSONText.append(name, to: &json)
            switch condition {
            case .ready: json.append(contentsOf: #","ready":true}"#.utf8)
            case .notReady(let reason):
                json.append(contentsOf: #","ready":false,"reason":"#.utf8)
                JSONText.append(reason, to: &json)
                json.append(UInt8(ascii: "}"))
            }
        }
        json.append(contentsOf: "]}".utf8)
        return json
    }
}
