import Export

/// A sink that keeps what it is given.
final class ExportedBytes {
    private(set) var bytes: [UInt8] = []
    private(set) var calls = 0

    var text: String { String(decoding: bytes, as: UTF8.self) }

    func take(_ next: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: next)
        calls += 1
    }
}

/// A sink that has room for so many bytes.
final class FullDisk {
    struct Full: Error, Equatable {}

    private var room: Int
    private(set) var refusals = 0

    init(room: Int) { self.room = room }

    func take(_ next: UnsafeRawBufferPointer) throws {
        room -= next.count
        guard room >= 0 else {
            refusals += 1
            throw Full()
        }
    }
}

/// The error that a body throws.
func exportError(_ body: () throws -> Void) -> ExportError? {
    do { try body() } catch { return error as? ExportError }
    return nil
}
