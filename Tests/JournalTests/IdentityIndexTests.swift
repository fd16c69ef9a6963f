import Journal
import JournalTestKit
import Testing

@Suite struct IdentityIndexTests {
    private let disk = SimulatedFileSystem(seed: 11)

    private func open(
        _ options: IdentityOptions = IdentityOptions(horizon: nil), keySeed: UInt64 = 11
    ) throws -> IdentityIndex {
        var generator = SeededGenerator(seed: keySeed)
        let key = try IdentityKey.open(fileSystem: disk, directory: "identity", randomness: &generator)
        return try IdentityIndex.open(
            fileSystem: disk, directory: "identity", node: "n", key: key, options: options, neededFrom: 1
        ) { Mark(rawValue: $0) }
    }

    private func flush(_ index: IdentityIndex, through number: UInt64, clock: Int64 = 0) throws {
        let settled = (number: number, mark: Mark(rawValue: number))
        while let work = index.nextWork(now: 0, clock: clock, settled: settled, flushing: true) {
            try index.finish(work.perform())
        }
    }

    /// Nobody can make such identities without the key; a table must bear them all the same.
    @Test func identitiesInOnePlaceAreKeptApartThroughRemovals() throws {
        let index = try open()
        var generator = SeededGenerator(seed: 11)
        var model: [Identity: UInt64] = [:]
        var unsettled: [(Identity, UInt64)] = []
        // At the end of a shard, so that probing wraps around, and few, so that they crowd.
        let highs: [UInt64] = [0x0FFC << 48, 0x0FFE << 48, 0x0FFF << 48]
        for block in 1...400 as ClosedRange<UInt64> {
            for _ in 0..<Int.random(in: 0...8, using: &generator) {
                let identity = Identity(
                    high: highs.randomElement(using: &generator)!, low: .random(in: 1...600, using: &generator))
                #expect(try index.insert(identity, block: block, clock: 0) == model[identity])
                if model[identity] == nil {
                    model[identity] = block
                    unsettled.append((identity, block))
                }
            }
            if generator.chance(0.3) {
                let first = UInt64.random(in: 1...block, using: &generator)
                index.forget(from: first)
                for (identity, number) in unsettled where number >= first { model[identity] = nil }
                unsettled.removeAll { $0.1 >= first }
            } else if generator.chance(0.3) {
                index.settle(through: block)
                unsettled = []
            }
        }
        func differences() throws -> Int {
            var count = 0
            for low in 1...600 as ClosedRange<UInt64> {
                for high in highs {
                    let identity = Identity(high: high, low: low)
                    if try index.contains(identity) != model[identity] { count += 1 }
                }
            }
            return count
        }
        #expect(model.count == index.countInMemory && model.count > 400)
        #expect(try differences() == 0)
        // On disk they share their fences over several pages.
        try flush(index, through: 400)
        #expect(index.countInMemory == 0 && index.runCount == 1)
        #expect(try differences() == 0)
    }

    @Test func whatIsNotSyncedStaysBehindWhenMemoryGoesToDisk() throws {
        let index = try open()
        func crowded(_ low: Int) -> Identity { Identity(high: 0x0FFF << 48, low: UInt64(low)) }
        for low in 1...300 { _ = try index.insert(crowded(low), block: low <= 100 ? 1 : 2, clock: 0) }
        let work = try #require(
            index.nextWork(now: 0, clock: 0, settled: (1, Mark(rawValue: 1)), flushing: true))
        func found() throws -> [UInt64?] { try (1...300).map { try index.contains(crowded($0)) } }
        let everything = [UInt64?](repeating: 1, count: 100) + [UInt64?](repeating: 2, count: 200)
        #expect(try found() == everything, "while it is being written")
        try index.finish(work.perform())
        #expect(try found() == everything && index.countOnDisk == 100 && index.countInMemory == 200)
        index.forget(from: 2)
        #expect(try found().filter { $0 != nil }.count == 100 && index.countInMemory == 0)
    }

    @Test func forgettingAfterTheTableGrewKeepsTheRest() throws {
        let index = try open()
        var generator = SeededGenerator(seed: 11)
        // All in one shard. Growing puts them in the order of their places, so what came last may stand first.
        let identities = (0..<3000).map { _ in Identity(high: generator.next() >> 4, low: generator.next()) }
        for identity in identities.prefix(1000) { _ = try index.insert(identity, block: 1, clock: 0) }
        index.settle(through: 1)
        for identity in identities.dropFirst(1000) { _ = try index.insert(identity, block: 2, clock: 0) }
        index.forget(from: 2)
        #expect(try identities.prefix(1000).filter { try index.contains($0) != 1 }.isEmpty)
        #expect(index.countInMemory == 1000)
    }

    @Test func theHorizonForgets() throws {
        let index = try open(IdentityOptions(horizon: 1000))
        for block in 1...5 as ClosedRange<UInt64> {
            let clock = Int64(block) * 500
            #expect(try index.insert(Identity(high: block, low: 0), block: block, clock: clock) == nil)
            try flush(index, through: block, clock: clock)
        }
        // Block 3 has clock 1500 and is just within 1000 of 2500.
        let found = try (1...5).map { try index.contains(Identity(high: $0, low: 0)) }
        #expect(found == [nil, nil, 3, 4, 5])
        #expect(disk.contents.keys.filter { $0.hasSuffix(".identities") }.count == index.runCount)
    }

    @Test func tooManyAreForgottenEarlyAndCounted() throws {
        let index = try open(IdentityOptions(horizon: nil, identitiesMax: 25))
        for block in 1...4 as ClosedRange<UInt64> {
            for low in 0..<10 as Range<UInt64> {
                _ = try index.insert(Identity(high: block, low: low), block: block, clock: 0)
            }
            try flush(index, through: block)
        }
        #expect(index.forgottenEarly == 20 && index.countOnDisk == 20)
        #expect(try index.contains(Identity(high: 1, low: 1)) == nil)
        #expect(try index.contains(Identity(high: 4, low: 1)) == 4)
    }

    @Test func aFailedFlushLosesNothingAndIsTriedAgain() throws {
        let index = try open()
        _ = try index.insert(Identity(high: 1, low: 1), block: 1, clock: 0)
        let settled = (number: UInt64(1), mark: Mark(rawValue: 1))
        disk.setBytesMax(0)
        let work = try #require(index.nextWork(now: 0, clock: 0, settled: settled, flushing: true))
        let second = index.nextWork(now: 0, clock: 0, settled: settled, flushing: true)
        #expect(second.map { _ in true } == nil, "one piece of work at a time")
        #expect(throws: JournalError.self) { try index.finish(work.perform()) }
        #expect(try index.contains(Identity(high: 1, low: 1)) == 1)
        disk.setBytesMax(.max)
        try flush(index, through: 1)
        #expect(index.countOnDisk == 1 && index.countInMemory == 0)
        #expect(try open().contains(Identity(high: 1, low: 1)) == 1)
    }

    @Test func anotherKeyMakesRunsUseless() throws {
        let index = try open()
        _ = try index.insert(Identity(high: 1, low: 1), block: 1, clock: 0)
        try flush(index, through: 1)
        #expect(try open().uncoveredFrom == 2)
        try disk.remove("identity/identity.key")
        let rebuilt = try open(keySeed: 12)
        #expect(rebuilt.uncoveredFrom == 1 && rebuilt.runCount == 0)
        #expect(!disk.contents.keys.contains { $0.hasSuffix(".identities") })
    }
}
