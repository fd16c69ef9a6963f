import JSON
import Journal
import Messages

/// Recorded responses: what a backtest runs on, as often as it needs.
package enum History {
    /// Events, one a line, in the order of arrival. The function hands every line with its number from 1, from the
    /// beginning each time it is called.
    case lines((_ body: (Int, [UInt8]) throws -> Void) throws -> Void)
    /// Message files, under the sets they were accepted under.
    case messageFiles(MessageFiles)

    /// Hands every event to `body`, whatever it comes from; skipped blocks count nothing and are left out.
    func forEachEvent(_ body: ([UInt8]) throws -> Void) throws {
        switch self {
        case .lines(let source): try source { _, line in try body(line) }
        case .messageFiles(let files):
            try files.forEachBlock { block, _, skipped in
                guard skipped == nil else { return }
                for line in block.payload.split(separator: UInt8(ascii: "\n")) { try body(Array(line)) }
            }
        }
    }
}
