import JSON
import Messages
import Satisfaction

/// Changes answers on their way into a replay, and notes what the drops' segments answered.
struct Planter {
    let drops: [PlantedDrop]
    /// Moments of the answers within each drop, as they came; ms since 1970.
    private(set) var answered: [[Int64]]
    /// Answers changed, by drop.
    private(set) var changed: [Int]
    private let parser = JSONParser()

    init(_ drops: [PlantedDrop]) {
        self.drops = drops
        answered = drops.map { _ in [] }
        changed = drops.map { _ in 0 }
    }

    /// The line with what the drops make of it. Batches, and what is no event, stay as they are.
    mutating func planted(_ line: [UInt8]) -> [UInt8] {
        guard !drops.isEmpty else { return line }
        var replacements: [(answer: String, scale: Scale, step: Int)] = []
        line.withUnsafeBytes { bytes in
            guard let root = try? parser.parse(bytes), let event = EventGlance(root) else { return }
            for (place, drop) in drops.enumerated()
            where drop.span.contains(event.time) && event.isIn(drop.segment) {
                let earlier = replacements.last { $0.answer == drop.harms.answer }?.step
                guard let step = earlier ?? event.step(of: drop.harms.answer, on: drop.harms.scale) else { continue }
                answered[place].append(event.time)
                let replaced = drop.replaced(step: step, identity: event.identity)
                guard replaced != step else { continue }
                changed[place] += 1
                replacements.append((drop.harms.answer, drop.harms.scale, replaced))
            }
        }
        guard !replacements.isEmpty, let tree = try? line.withUnsafeBytes({ try JSONTree.parse($0) }) else {
            return line
        }
        let written = replacements.reduce(tree) { tree, replacement in
            let value = JSONTree.integer(Int64(replacement.scale.lowest + replacement.step))
            return tree.replacing(["data", "answers", replacement.answer]) { given in
                given.object == nil ? value : given.replacing(["value"]) { _ in value }
            }
        }
        return Array(written.text.utf8)
    }

    /// A block with its events planted; the same block where nothing changed.
    mutating func planted(payload: [UInt8]) -> [UInt8] {
        guard !drops.isEmpty else { return payload }
        var result: [UInt8] = []
        result.reserveCapacity(payload.count)
        for line in payload.split(separator: UInt8(ascii: "\n")) {
            result += planted(Array(line))
            result.append(UInt8(ascii: "\n"))
        }
        return result
    }
}

extension JSONTree {
    /// The tree with the first member on a path changed, all others as they were.
    fileprivate func replacing(_ path: ArraySlice<String>, _ change: (JSONTree) -> JSONTree) -> JSONTree {
        guard let name = path.first else { return change(self) }
        guard case .object(var members) = self, let place = members.firstIndex(where: { $0.0 == name }) else {
            return self
        }
        members[place].1 = members[place].1.replacing(path.dropFirst(), change)
        return .object(members)
    }

    fileprivate func replacing(_ path: [String], _ change: (JSONTree) -> JSONTree) -> JSONTree {
        replacing(path[...], change)
    }
}
