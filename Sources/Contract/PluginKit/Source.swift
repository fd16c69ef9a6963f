import JSON

/// One record of a source, made into what the bus takes.
public enum SourceRecord: Sendable {
    /// A CloudEvents event as JSON text, without line breaks.
    case event([UInt8])
    /// Not a response, and why: a preview, an unanswered invitation, an empty row.
    case skipped(reason: String, line: Int)
    /// Should have been a response and cannot be read: where, and what would be right.
    case refused(sentence: String, line: Int)
}

/// A way to read some origin's bytes: a CSV export, a vendor's webhook.
///
/// No I/O: bytes come in pieces of any size, records go out.
public protocol Source: Sendable {
    static var plugin: PluginDescription { get }

    init(configuration: PluginConfiguration) throws(PluginConfigurationError)

    /// Takes the next bytes and hands every record completed by them to `emit`, in order.
    mutating func read(_ bytes: UnsafeRawBufferPointer, emit: (SourceRecord) -> Void)

    /// The input has ended: emits what is left.
    mutating func finish(emit: (SourceRecord) -> Void)
}
