import MachineTestKit
import Testing

/// Promises 1 to 3 under seeded faults: processes die, messages are lost, doubled and overtaken, the disk fails.
@Suite struct SimulationTests {
    @Test(arguments: seeds(20)) func everyAcceptedResponseIsCountedOnce(seed: UInt64) throws {
        do {
            var simulation = try Simulation(seed: seed)
            try simulation.run()
            #expect(simulation.restarts > 0, "\(reproduction(seed, "SimulationTests"))")
        } catch {
            Issue.record("\(error)\n\(reproduction(seed, "SimulationTests"))")
        }
    }
}
