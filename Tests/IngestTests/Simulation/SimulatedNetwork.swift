import JournalTestKit
import MachineTestKit
import Messages

/// What travels between the processes.
enum Packet {
    case request([Int])
    case reply([Receipt])
    case diskDone(life: Int)
    case block(worker: String, control: [UInt8], events: [UInt8], set: [UInt8]?)
    case ready(Ready)
    case heartbeat(Heartbeat)
    case tallied(Tallied)
    case refused(Refused)
    case progress([UInt8])
    case tally(worker: String, SentTally)
    case beat(worker: String)
    case answer(worker: String, [UInt8])
}

/// Messages on their way: each takes its own time, so they overtake one another; in bad times some are lost, and some
/// come twice.
struct SimulatedNetwork {
    private struct Delivery {
        let due: Int64
        let order: Int
        let packet: Packet
    }

    /// Latest first.
    private var deliveries: [Delivery] = []
    private var order = 0
    var generator: SeededGenerator
    /// 0…1.
    var loss = 0.0

    init(generator: SeededGenerator) { self.generator = generator }

    mutating func send(_ packet: Packet, now: Int64) {
        if isMortal(packet) {
            if generator.chance(loss) { return }
            if generator.chance(loss / 2) { add(packet, now) }
        }
        add(packet, now)
    }

    private mutating func add(_ packet: Packet, _ now: Int64) {
        order += 1
        let slow = generator.chance(0.05) ? 400 : 25
        let new = Delivery(
            due: now + Int64.random(in: 1...Int64(slow), using: &generator), order: order, packet: packet)
        var place = deliveries.count
        while place > 0, (deliveries[place - 1].due, deliveries[place - 1].order) < (new.due, new.order) { place -= 1 }
        deliveries.insert(new, at: place)
    }

    /// The disk answers always. A connection that breaks takes its worker with it, so a set is not lost alone.
    private func isMortal(_ packet: Packet) -> Bool {
        switch packet {
        case .diskDone: false
        case .block(_, _, _, let set): set == nil
        default: true
        }
    }

    mutating func next(at now: Int64) -> Packet? {
        guard let first = deliveries.last, first.due <= now else { return nil }
        return deliveries.removeLast().packet
    }
}
