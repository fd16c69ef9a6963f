import JSON
import Messages
import PluginKit
import Tables

/// How many answers of a block came from which CloudEvents source, by watched metric.
///
/// Collectors send in long runs, so most events have the source of the one before: it is compared, not looked up.
struct SourceTally {
    /// Sources of a block that are told apart; further ones count among the rest.
    static let sourcesPerBlockMax = 4_096

    private struct Amount {
        var answers: Int64 = 0
        var harm: Int64 = 0
    }

    private let metrics: Int
    private var names = ByteTable()
    /// By source and metric.
    private var amounts: [Amount] = []
    /// By metric, what sources beyond the limit sent.
    private var rest: [Amount]
    /// Number and bytes of the last event's source; -1 beyond the limit.
    private var last = -1
    private var lastBytes: [UInt8] = []
    /// Whether the present event's source is the last one read.
    private var isRead = false

    init(metrics: Int) {
        self.metrics = metrics
        rest = [Amount](repeating: Amount(), count: metrics)
    }

    /// Forgets the last block's counts and names.
    mutating func begin() {
        if names.count > 0 { names = ByteTable() }
        amounts.removeAll(keepingCapacity: true)
        for metric in rest.indices { rest[metric] = Amount() }
        last = -1
        lastBytes.removeAll(keepingCapacity: true)
    }

    mutating func nextEvent() { isRead = false }

    /// - Parameters:
    ///   - sums: what the event adds to the metric.
    ///   - answers: answers of an amount of one, by column; `harms` likewise.
    mutating func add(
        _ sums: Contributions, _ answers: [Int64], _ harms: [Int64], metric: Int, of event: JSONValue
    ) {
        if !isRead { read(event) }
        var amount = Amount()
        for entry in sums.entries {
            amount.answers &+= entry.amount &* answers[Int(entry.column)]
            amount.harm &+= entry.amount &* harms[Int(entry.column)]
        }
        if last < 0 {
            rest[metric].answers &+= amount.answers
            rest[metric].harm &+= amount.harm
        } else {
            amounts[last * metrics + metric].answers &+= amount.answers
            amounts[last * metrics + metric].harm &+= amount.harm
        }
    }

    private mutating func read(_ event: JSONValue) {
        isRead = true
        guard let source = event.member(named: "source")?.string else {
            last = -1
            lastBytes.removeAll(keepingCapacity: true)
            return
        }
        let isSame = lastBytes.withUnsafeBytes { source.equals($0) }
        guard !isSame || lastBytes.isEmpty else { return }
        lastBytes.removeAll(keepingCapacity: true)
        lastBytes.append(contentsOf: source.rawBytes)
        if let known = names.find(source.bytes) {
            last = known
        } else {
            last = names.count < Self.sourcesPerBlockMax ? names.intern(source.bytes) : -1
        }
        while amounts.count < names.count * metrics { amounts.append(Amount()) }
    }

    /// The metric's sources as `[source, answers, harm]`, those with the most answers first, the rest under "".
    func write(metric: Int, into writer: inout JSONWriter) {
        let order = (0..<names.count).filter { amounts[$0 * metrics + metric].answers > 0 }.sorted { left, right in
            let counts = (amounts[left * metrics + metric].answers, amounts[right * metrics + metric].answers)
            return counts.0 == counts.1
                ? names.bytes(of: left).lexicographicallyPrecedes(names.bytes(of: right)) : counts.0 > counts.1
        }
        var others = rest[metric]
        for source in order.dropFirst(MetricTallyReader.sourcesMax) {
            others.answers &+= amounts[source * metrics + metric].answers
            others.harm &+= amounts[source * metrics + metric].harm
        }
        writer.beginArray()
        for source in order.prefix(MetricTallyReader.sourcesMax) {
            names.bytes(of: source).withUnsafeBufferPointer { name in
                Self.write(UnsafeRawBufferPointer(name), amounts[source * metrics + metric], into: &writer)
            }
        }
        if others.answers > 0 { Self.write(UnsafeRawBufferPointer(start: nil, count: 0), others, into: &writer) }
        writer.endArray()
    }

    private static func write(_ name: UnsafeRawBufferPointer, _ amount: Amount, into writer: inout JSONWriter) {
        writer.beginArray()
        writer.value(utf8: name)
        writer.value(min(amount.answers, MetricTallyReader.sourceAnswersMax))
        // Negative where a block takes answers back: then it says nothing.
        if amount.harm >= 0 { writer.value(min(amount.harm, MetricTallyReader.sourceHarmMax)) }
        writer.endArray()
    }
}
