import JSON

/// The answer to one event: accepted, duplicate, rejected or unavailable.
package enum ReceiptStatus: String, Sendable {
    /// Durable, and will be counted exactly once.
    case accepted
    /// The original is durable; this copy was put aside.
    case duplicate
    /// Will never be taken as it stands.
    case rejected
    /// Cannot be decided now; try again.
    case unavailable
}

/// What a sender should know of an event that is accepted all the same.
package enum ReceiptFlag: String, Sendable, CaseIterable {
    /// Its respondent was asked, or has answered, more often than the configuration holds to be right.
    case overSurveyed
}

/// Writes receipts, `tideline.receipt.v1` events of one line each.
///
/// `accepted` and `duplicate`, the hot ones, are three copies and an escaped id; nothing is allocated.
package struct ReceiptWriter {
    private let head: [UInt8]
    private let source: String
    private let start: String
    private var counter: UInt64 = 0

    private static let middle = Array("\",\"type\":\"tideline.receipt.v1\",\"data\":{\"id\":".utf8)
    private static let accepted = Array(",\"status\":\"accepted\"}}".utf8)
    private static let overSurveyed = Array(",\"status\":\"accepted\",\"flags\":[\"overSurveyed\"]}}".utf8)
    private static let duplicate = Array(",\"status\":\"duplicate\"}}".utf8)

    /// - Parameters:
    ///   - node: the ingest node, the receipts' source.
    ///   - start: names this process's life, so that receipts' ids never repeat.
    package init(node: String, start: String) {
        source = "/ingest/\(node)"
        self.start = start
        head = Array("{\"specversion\":\"1.0\",\"source\":\"\(source)\",\"id\":\"\(start)-".utf8)
    }

    package mutating func writeAccepted(id: JSONString, flag: ReceiptFlag? = nil, into target: inout JSONWriter) {
        switch flag {
        case nil: write(Self.accepted, id: id, into: &target)
        case .overSurveyed: write(Self.overSurveyed, id: id, into: &target)
        }
    }

    package mutating func writeDuplicate(id: JSONString, into target: inout JSONWriter) {
        write(Self.duplicate, id: id, into: &target)
    }

    private mutating func write(_ tail: [UInt8], id: JSONString, into target: inout JSONWriter) {
        counter &+= 1
        head.withUnsafeBytes { target.append(verbatim: $0) }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: DecimalDigits.bytesMax) { digits in
            let count = DecimalDigits.write(counter, to: digits.baseAddress!)
            target.append(verbatim: UnsafeRawBufferPointer(start: digits.baseAddress!, count: count))
        }
        Self.middle.withUnsafeBytes { target.append(verbatim: $0) }
        target.value(id)
        tail.withUnsafeBytes { target.append(verbatim: $0) }
        target.endLine()
    }

    /// - Parameter id: nil where the event's id could not be read.
    package mutating func write(_ rejection: Rejection, id: String?, into target: inout JSONWriter) {
        begin(.rejected, id: id, into: &target)
        target.name("reason")
        target.value(rejection.reason.rawValue)
        if let pointer = rejection.pointer {
            target.name("pointer")
            target.value(pointer)
        }
        target.name("sentence")
        target.value(rejection.sentence)
        end(&target)
    }

    package mutating func write(
        _ reason: Unavailability, retryAfterSeconds: Int, id: String?, into target: inout JSONWriter
    ) {
        begin(.unavailable, id: id, into: &target)
        target.name("reason")
        target.value(reason.rawValue)
        target.name("retryAfter")
        target.value(retryAfterSeconds)
        end(&target)
    }

    private mutating func begin(_ status: ReceiptStatus, id: String?, into target: inout JSONWriter) {
        counter &+= 1
        target.beginObject()
        target.name("specversion")
        target.value("1.0")
        target.name("source")
        target.value(source)
        target.name("id")
        target.value("\(start)-\(counter)")
        target.name("type")
        target.value("tideline.receipt.v1")
        target.name("data")
        target.beginObject()
        target.name("id")
        if let id { target.value(id) } else { target.null() }
        target.name("status")
        target.value(status.rawValue)
    }

    private func end(_ target: inout JSONWriter) {
        target.endObject()
        target.endObject()
        target.endLine()
    }
}
