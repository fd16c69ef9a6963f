/// The content of a simulated file: what programs see, and what would be left after a power loss.
// Unchecked because it is touched only under the lock of the file system that owns it.
final class SimulatedInode: @unchecked Sendable {
    /// What reads see: the page cache.
    private(set) var content: [UInt8] = []
    /// What is certainly on the disk.
    private(set) var durable: [UInt8] = []
    /// Pages of `content` that the kernel may write at any time and must write at the next sync.
    private var dirty: Set<Int> = []

    /// Small, so that most writes span several and tear.
    private static let pageBytes = 64

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        let end = offset + bytes.count
        let oldEnd = content.count
        if end > oldEnd { content.append(contentsOf: [UInt8](repeating: 0, count: end - oldEnd)) }
        content.replaceSubrange(offset..<end, with: bytes)
        markDirty(min(offset, oldEnd)..<end)
    }

    func truncate(to size: Int) {
        if size > content.count {
            let oldEnd = content.count
            content.append(contentsOf: [UInt8](repeating: 0, count: size - oldEnd))
            markDirty(oldEnd..<size)
        } else {
            content.removeSubrange(size...)
            dirty = dirty.filter { $0 * Self.pageBytes < size }
        }
    }

    func synchronize() {
        resizeDurable(to: content.count)
        for page in dirty { persist(page) }
        dirty = []
    }

    /// Some pages reach the disk, and those that do not count as clean from now on, as Linux has it: a later sync
    /// succeeds without them.
    func failToSynchronize(using generator: inout SeededGenerator) {
        if generator.chance(0.5) { resizeDurable(to: content.count) }
        for page in dirty.sorted() where generator.chance(0.5) { persist(page) }
        dirty = []
    }

    /// Keeps any part of what was not synced: old, new or foreign bytes page by page, and any size between the two.
    func losePower(stale: [UInt8], using generator: inout SeededGenerator) {
        let before = durable
        let sizes = [before.count, content.count].sorted()
        let size = generator.chance(0.5) ? content.count : Int.random(in: sizes[0]...sizes[1], using: &generator)
        let shrunkAndBack = generator.chance(0.5) && content.count < before.count
        resizeDurable(to: shrunkAndBack ? before.count : size)
        for page in dirty.sorted() {
            switch Int.random(in: 0..<8, using: &generator) {
            case 0..<4: persist(page)
            case 4..<6: break
            case 6: persist(page, upTo: Int.random(in: 0...Self.pageBytes, using: &generator))
            default: scribble(page, from: before.count, stale, &generator)
            }
        }
        content = durable
        dirty = []
    }

    /// Changes one byte for good: a disk that lies.
    func damage(at offset: Int, xor mask: UInt8) {
        content[offset] ^= mask
        if offset < durable.count { durable[offset] ^= mask }
    }

    private func markDirty(_ range: Range<Int>) {
        if range.isEmpty { return }
        for page in range.lowerBound / Self.pageBytes...(range.upperBound - 1) / Self.pageBytes { dirty.insert(page) }
    }

    private func resizeDurable(to size: Int) {
        if size < durable.count { durable.removeSubrange(size...) }
        durable.append(contentsOf: [UInt8](repeating: 0, count: size - durable.count))
    }

    private func persist(_ page: Int, upTo count: Int = SimulatedInode.pageBytes) {
        let start = page * Self.pageBytes
        let end = min(start + count, content.count)
        if end <= start { return }
        if durable.count < end { resizeDurable(to: end) }
        durable.replaceSubrange(start..<end, with: content[start..<end])
    }

    /// Foreign bytes appear only where nothing was synced: disks write sectors whole.
    private func scribble(_ page: Int, from: Int, _ stale: [UInt8], _ generator: inout SeededGenerator) {
        let start = max(page * Self.pageBytes, from)
        let end = min((page + 1) * Self.pageBytes, durable.count)
        if start >= end { return }
        let shift = stale.isEmpty ? 0 : Int.random(in: 0..<stale.count, using: &generator)
        for offset in start..<end {
            durable[offset] =
                stale.isEmpty
                ? UInt8.random(in: 0...255, using: &generator) : stale[(shift + offset - start) % stale.count]
        }
    }
}
