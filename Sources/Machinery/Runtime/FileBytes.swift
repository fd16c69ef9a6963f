import Glibc

/// Why a small file could not be read.
package enum FileReadError: Error, Equatable, CustomStringConvertible {
    case system(call: String, code: Int32)
    case tooLarge(bytesMax: Int)

    package var description: String {
        switch self {
        case .system(_, let code): String(cString: strerror(code))
        case .tooLarge(let bytesMax): "it is larger than \(BytesText.text(bytes: Int64(bytesMax)))"
        }
    }
}

/// Small files read whole: configuration, secrets, /proc.
package enum FileBytes {
    /// Blocks until the file is read.
    package static func read(_ path: String, bytesMax: Int) throws(FileReadError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(call: "open", code: errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                throw .system(call: "read", code: errno)
            }
            guard bytes.count + count <= bytesMax else { throw .tooLarge(bytesMax: bytesMax) }
            bytes.append(contentsOf: chunk[..<count])
        }
    }
}
