/// What can go wrong with the journal while everything in the program is right.
package enum JournalError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Another process writes to this journal.
    case locked(directory: String)
    /// Permanent until a person repairs it.
    case corrupt(Corruption)
    /// The disk or a quota is full; passes when there is room again.
    case full(FileError)
    /// The file system refused for another reason; may pass.
    case file(FileError)
    /// The file was written by another release.
    case version(file: String, version: UInt64)
    /// The clock mode of a journal never changes.
    case clockMode(journal: ClockMode, asked: ClockMode)
    /// The block is not in the journal: removed by retention, or not written yet.
    case absent(number: UInt64, first: UInt64, next: UInt64)

    package init(_ error: FileError) { self = error.isFull ? .full(error) : .file(error) }

    package var description: String {
        switch self {
        case .locked(let directory):
            "another ingest process writes to \(directory): stop it, or give this one a data directory of its own"
        case .corrupt(let corruption): corruption.description
        case .full(let error): "\(error): make room; writing goes on by itself"
        case .file(let error): "\(error): check the disk and its permissions; the operation is tried again"
        case .version(let file, let version):
            "\(file) has version \(version), this release reads version \(Preamble.version): "
                + "use the release that wrote it"
        case .clockMode(let journal, let asked):
            "this journal was begun with clock: \(journal.rawValue) and cannot go on with clock: \(asked.rawValue): "
                + "configure clock: \(journal.rawValue), or another data directory"
        case .absent(let number, let first, let next):
            "block \(number) is not in the journal, which holds \(first) up to \(next - 1)"
        }
    }
}

/// Damage to bytes that were synced. Nothing is cut; a person decides.
package struct Corruption: Equatable, Sendable, CustomStringConvertible {
    /// Path of the damaged file.
    package var file: String
    package var offset: Int64
    /// The block that should be there, when known.
    package var number: UInt64?
    package var why: String

    package init(file: String, offset: Int64, number: UInt64? = nil, why: String) {
        self.file = file
        self.offset = offset
        self.number = number
        self.why = why
    }

    package var nextStep: String {
        "nothing was changed; restore this file from a backup or a replica and start again "
            + "(`tideline journal verify` lists all damage)"
    }

    package var description: String {
        let block = number.map { " (block \($0))" } ?? ""
        return "\(file) is corrupt at byte \(offset)\(block): \(why); \(nextStep)"
    }
}

/// Runs file operations and turns their failures into the journal's.
func journaling<Result>(_ operation: () throws(FileError) -> Result) throws(JournalError) -> Result {
    do { return try operation() } catch { throw JournalError(error) }
}
