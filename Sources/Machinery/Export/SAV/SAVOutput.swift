/// Where the library's bytes go: gathered, then handed to the sink.
///
/// The library knows only "fewer bytes were taken", so the sink's error is kept here for the caller.
final class SAVOutput {
    private let sink: ExportSink
    private let timestamp: Int64
    private var buffer: [UInt8] = []
    private var headerSeen = false
    /// What the sink threw; no byte is taken after that.
    private(set) var failure: (any Error)?

    init(timestamp: Int64, sink: @escaping ExportSink) {
        self.timestamp = timestamp
        self.sink = sink
    }

    /// Returns how many bytes were taken: all, or after a failure none.
    func take(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard failure == nil else { return 0 }
        let start = buffer.count
        buffer.append(contentsOf: bytes)
        if !headerSeen {
            headerSeen = true
            stamp(headerAt: start)
        }
        if buffer.count >= ExportBuffer.bytesMax { flush() }
        return failure == nil ? bytes.count : 0
    }

    func flush() {
        guard failure == nil, !buffer.isEmpty else { return }
        do { try buffer.withUnsafeBytes(sink) } catch { failure = error }
        buffer.removeAll(keepingCapacity: true)
    }

    /// Writes date and time over those in the file header, such as `21 Nov 26` and `10:15:30`.
    ///
    /// The library asks `localtime`, whose answer depends on the machine's zone and on other threads that ask it too.
    /// The same export must be the same bytes everywhere.
    private func stamp(headerAt start: Int) {
        let dateOffset = 92
        let moment = ExportMoment.fields(timestamp)
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let two = { ExportMoment.digits($0, 2) }
        let text =
            "\(two(moment.day)) \(months[moment.month - 1]) \(two(moment.year % 100))"
            + "\(two(moment.hour)):\(two(moment.minute)):\(two(moment.second))"
        guard buffer.count - start >= dateOffset + text.utf8.count else { return }
        buffer.replaceSubrange(start + dateOffset..<start + dateOffset + text.utf8.count, with: text.utf8)
    }
}
