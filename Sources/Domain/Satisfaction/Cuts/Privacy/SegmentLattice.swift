/// The segments that matter to a publication, numbered, and how each is the sum of others.
///
/// Besides those that have cells there are all that lie between them and the total, as an attacker adds up pairs whose
/// single values are not published; of each, the answers that lack a value, as if that were a value too; and in tables
/// of several dimensions the combinations nobody listed, unless the listed ones leave nothing over. So every segment
/// is exactly the sum of its parts along a dimension.
struct SegmentLattice {
    /// A segment taken apart along one dimension into parts that share no answer.
    struct Split {
        let children: [Int]
        /// Of the children, those without cells of their own: answers that lack a value, and what was not listed.
        let rests: [Int]
    }

    /// Segments of few parts have low numbers.
    let numbers: [Segment: Int]
    /// By segment number.
    let splits: [[Split]]
    /// By segment number: the segments one part wider.
    let containers: [[Int]]

    var count: Int { splits.count }

    /// Segments of more parts stand for themselves, without the 3ⁿ segments around them.
    static let partsMax = 4
    /// Tables of more combinations are not filled up: what is not listed in a row and in a column of them is taken for
    /// different answers.
    static let combinationsMax = 16_384

    /// - Parameters:
    ///   - listed: segments with cells, parts by dimension.
    ///   - isComplete: whether a segment's listed parts along a dimension make it up at all times.
    init(_ listed: Set<Segment>, isComplete: (Segment, String) -> Bool) {
        let lacking = Self.lackingValue(listed)
        var values: [String: Set<String>] = [:]
        for part in listed.flatMap(\.parts) { values[part.dimension, default: []].insert(part.value) }
        func isKnownEmpty(_ segment: Segment) -> Bool {
            segment.parts.contains { isComplete(segment.without($0), $0.dimension) }
        }

        var segments = listed.reduce(into: Set<Segment>()) { $0.formUnion(Self.around($1, lacking)) }
        let tables = Set(listed.map { $0.parts.map(\.dimension) }).filter { (2...Self.partsMax).contains($0.count) }
        for dimensions in tables {
            for segment in Self.combinations(dimensions.map { ($0, values[$0] ?? []) })
            where !segments.contains(segment) && !isKnownEmpty(segment) {
                segments.formUnion(Self.around(segment, lacking))
            }
        }

        let ordered = segments.sorted()
        let numbers = Dictionary(uniqueKeysWithValues: ordered.enumerated().map { ($1, $0) })
        var children = [[String: [Int]]](repeating: [:], count: ordered.count)
        for (child, segment) in ordered.enumerated() {
            for part in segment.parts {
                if let parent = numbers[segment.without(part)] {
                    children[parent][part.dimension, default: []].append(child)
                }
            }
        }
        var count = ordered.count
        var splits = ordered.indices.map { parent in
            children[parent].sorted { $0.key < $1.key }.map { dimension, children in
                var rests: [Int] = []
                if let rest = numbers[ordered[parent].with(dimension, lacking)] { rests.append(rest) }
                let isListed = (values[dimension] ?? []).allSatisfy { value in
                    let segment = ordered[parent].with(dimension, value)
                    return numbers[segment] != nil || isKnownEmpty(segment)
                }
                if rests.isEmpty || !isListed {
                    rests.append(count)
                    count += 1
                }
                return Split(children: children + rests.filter { $0 >= ordered.count }, rests: rests)
            }
        }
        splits += [[Split]](repeating: [], count: count - ordered.count)
        var containers = [[Int]](repeating: [], count: count)
        for (parent, splits) in splits.enumerated() {
            for child in splits.flatMap(\.children) { containers[child].append(parent) }
        }
        self.numbers = numbers
        self.splits = splits
        self.containers = containers
    }

    /// A value that no segment has.
    private static func lackingValue(_ segments: Set<Segment>) -> String {
        let values = Set(segments.flatMap(\.parts).map(\.value))
        var value = ""
        while values.contains(value) { value += "-" }
        return value
    }

    /// The segment, and all with some of its parts left out or lacking their value.
    private static func around(_ segment: Segment, _ lacking: String) -> [Segment] {
        guard segment.parts.count <= partsMax else { return [segment, .total] }
        return segment.parts.reduce([[]] as [[Segment.Part]]) { begun, part in
            begun.flatMap { [$0, $0 + [part], $0 + [Segment.Part(dimension: part.dimension, value: lacking)]] }
        }.map { Segment($0) }
    }

    /// All of them, or none if there are too many.
    private static func combinations(_ dimensions: [(name: String, values: Set<String>)]) -> [Segment] {
        var begun: [[Segment.Part]] = [[]]
        for dimension in dimensions {
            guard begun.count * dimension.values.count <= combinationsMax else { return [] }
            begun = begun.flatMap { parts in
                dimension.values.map { parts + [Segment.Part(dimension: dimension.name, value: $0)] }
            }
        }
        return begun.map { Segment($0) }
    }
}

extension Segment {
    /// With its parts by dimension, none of them twice.
    var ordered: Segment {
        Segment(Set(parts).sorted { ($0.dimension, $0.value) < ($1.dimension, $1.value) })
    }

    fileprivate func without(_ part: Part) -> Segment { Segment(parts.filter { $0 != part }) }

    fileprivate func with(_ dimension: String, _ value: String) -> Segment {
        Segment(parts + [Part(dimension: dimension, value: value)]).ordered
    }
}
