/// One answer a customer gave.
struct DemoAnswer: Sendable {
    /// Counts from 1 in the order of drawing; makes the id.
    let number: Int
    /// Milliseconds since 1970 at which the customer answered.
    let time: Int64
    let region: Int
    let channel: Int
    let product: Int
    let agent: Int
    let score: Int
    let comment: String?
}

/// Lines on their way to the bus, the next to arrive first; of two arriving together the one sent first.
///
/// A binary heap: J. W. J. Williams, "Algorithm 232: Heapsort", CACM 7 (1964).
struct ArrivalQueue: Sendable {
    struct Arrival: Sendable {
        let moment: Int64
        let order: Int
        let kind: DemoLine.Kind
        let answer: DemoAnswer

        func precedes(_ other: Arrival) -> Bool { (moment, order) < (other.moment, other.order) }
    }

    private var heap: [Arrival] = []
    private var inserted = 0

    var first: Arrival? { heap.first }
    var count: Int { heap.count }

    mutating func insert(_ answer: DemoAnswer, _ kind: DemoLine.Kind, at moment: Int64) {
        heap.append(Arrival(moment: moment, order: inserted, kind: kind, answer: answer))
        inserted += 1
        var child = heap.count - 1
        while child > 0, heap[child].precedes(heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// The queue must not be empty.
    mutating func removeFirst() -> Arrival {
        heap.swapAt(0, heap.count - 1)
        let first = heap.removeLast()
        var parent = 0
        while true {
            let children = [2 * parent + 1, 2 * parent + 2].filter { $0 < heap.count }
            guard let least = children.min(by: { heap[$0].precedes(heap[$1]) }), heap[least].precedes(heap[parent])
            else { return first }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
