/// Identities in memory: open addressing with linear probing, 24 bytes a slot, 32…45 bytes an identity.
///
/// 16 shards by the leading bits grow each on its own, so growing stops the loop for a few milliseconds at most. Within a
/// shard the home slot follows the next bits, so walking through a table meets identities almost in order. Used by the
/// loop thread until frozen; then never changed, and read from any thread.
final class IdentityTable: @unchecked Sendable {
    // Unchecked because of the rule above: the table changes only while one thread has it.
    struct Slot {
        var high: UInt64
        var low: UInt64
        /// 0 marks an empty slot; blocks count from 1.
        var block: UInt64

        var identity: Identity { Identity(high: high, low: low) }
    }

    private struct Shard {
        let memory: ZeroedMemory
        let slots: UnsafeMutablePointer<Slot>
        let capacity: Int
        var count = 0

        init(capacity: Int) {
            memory = ZeroedMemory(byteCount: capacity * MemoryLayout<Slot>.stride)
            slots = memory.start.bindMemory(to: Slot.self, capacity: capacity)
            self.capacity = capacity
        }

        /// The slot that holds the identity, or the empty one where it belongs.
        @inline(__always)
        func find(_ identity: Identity) -> Int {
            var slot = home(identity.high)
            while slots[slot].block != 0, slots[slot].low != identity.low || slots[slot].high != identity.high {
                slot += 1
                if slot == capacity { slot = 0 }
            }
            return slot
        }

        @inline(__always)
        func home(_ high: UInt64) -> Int { Int((high << 4).multipliedFullWidth(by: UInt64(capacity)).high) }
    }

    private let shards: UnsafeMutablePointer<Shard>
    private(set) var count = 0
    /// Arrival clocks of the identities, milliseconds; an empty range has `minClock > maxClock`.
    private(set) var minClock = Int64.max
    private(set) var maxClock = Int64.min

    private static let shardCount = 16
    private static let firstCapacity = 256

    init() {
        shards = .allocate(capacity: Self.shardCount)
        for index in 0..<Self.shardCount { (shards + index).initialize(to: Shard(capacity: Self.firstCapacity)) }
    }

    deinit {
        for index in 0..<Self.shardCount { shards[index].memory.deallocate() }
        shards.deallocate()
    }

    /// Bytes of all slots.
    var bytes: Int { (0..<Self.shardCount).reduce(0) { $0 + shards[$1].capacity * MemoryLayout<Slot>.stride } }

    /// The block that holds the identity.
    func block(of identity: Identity) -> UInt64? {
        let shard = shards + Int(identity.high >> 60)
        let block = shard.pointee.slots[shard.pointee.find(identity)].block
        return block == 0 ? nil : block
    }

    /// Adds an identity, unless it is there: then says in which block. `elsewhere` is asked only for identities that
    /// are not.
    @inline(__always)
    func insert<Failure: Error>(
        _ identity: Identity, block: UInt64, clock: Int64, elsewhere: () throws(Failure) -> UInt64?
    ) throws(Failure) -> UInt64? {
        let shard = shards + Int(identity.high >> 60)
        let slot = shard.pointee.find(identity)
        if shard.pointee.slots[slot].block != 0 { return shard.pointee.slots[slot].block }
        if let found = try elsewhere() { return found }
        shard.pointee.slots[slot] = Slot(high: identity.high, low: identity.low, block: block)
        shard.pointee.count += 1
        count += 1
        minClock = min(minClock, clock)
        maxClock = max(maxClock, clock)
        if shard.pointee.count * 4 > shard.pointee.capacity * 3 { grow(shard) }
        return nil
    }

    /// Takes an identity out; the clock range stays as it was.
    func remove(_ identity: Identity) {
        let shard = shards + Int(identity.high >> 60)
        let slots = shard.pointee.slots
        let capacity = shard.pointee.capacity
        var hole = shard.pointee.find(identity)
        if slots[hole].block == 0 { return }
        // Move up what would no longer be found from its home (Knuth, volume 3, 6.4, algorithm R).
        var next = hole
        while true {
            next = next + 1 == capacity ? 0 : next + 1
            if slots[next].block == 0 { break }
            let home = shard.pointee.home(slots[next].high)
            let reachable = hole <= next ? hole < home && home <= next : hole < home || home <= next
            if reachable { continue }
            slots[hole] = slots[next]
            hole = next
        }
        slots[hole].block = 0
        shard.pointee.count -= 1
        count -= 1
    }

    /// By 1.4, which keeps the load between 0.54 and 0.75.
    private func grow(_ shard: UnsafeMutablePointer<Shard>) {
        let old = shard.pointee
        var new = Shard(capacity: old.capacity * 7 / 5 + 1)
        for index in 0..<old.capacity where old.slots[index].block != 0 {
            new.slots[new.find(old.slots[index].identity)] = old.slots[index]
        }
        new.count = old.count
        old.memory.deallocate()
        shard.pointee = new
    }

    /// Calls `body` with every identity in ascending order. Takes memory for one shard.
    func forEachInOrder<Failure: Error>(_ body: (Slot) throws(Failure) -> Void) throws(Failure) {
        for index in 0..<Self.shardCount {
            let shard = shards[index]
            let filled = UnsafeBufferPointer(start: shard.slots, count: shard.capacity).filter { $0.block != 0 }
            for slot in filled.sorted(by: { ($0.high, $0.low) < ($1.high, $1.low) }) { try body(slot) }
        }
    }
}
