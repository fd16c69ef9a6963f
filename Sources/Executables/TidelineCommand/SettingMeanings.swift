import Glibc

/// What the settings of metrics mean: the comments beside their defaults, which are written there and nowhere else.
///
/// Read from the sources, because a program no longer has its comments; without the sources nothing is known.
struct SettingMeanings {
    /// By file name without ".swift".
    private var files: [String: [String: String]] = [:]

    /// Largest source file read; a metric is a screen or two.
    private static let fileBytesMax = 1 << 20

    var isEmpty: Bool { files.isEmpty }

    /// Reads the Swift files of a folder and of those in it.
    init(folder: String) {
        for path in Self.swiftFiles(in: folder, depth: 2) {
            guard let text = Self.text(of: path) else { continue }
            let name = path.split(separator: "/").last?.dropLast(".swift".count) ?? ""
            var meanings: [String: String] = [:]
            for line in text.split(separator: "\n") {
                guard let (key, meaning) = Self.read(line) else { continue }
                meanings[key] = meanings[key] ?? meaning
            }
            files[String(name)] = meanings
        }
    }

    /// What a key means in a type's own file, or where the types share it; nil where nobody says.
    func meaning(of key: String, in type: String) -> String? {
        if let own = files[type]?[key] { return own }
        // Shared keys stand in files that are no metric's own: those of the folders within.
        let shared = files.filter { $0.value[key] != nil }.map { ($0.key, $0.value[key] ?? "") }
        return Set(shared.map(\.1)).count == 1 ? shared[0].1 : shared.filter { $0.0.hasSuffix("Reader") }.first?.1
    }

    /// Reads `"scale": "1..5",  // lowest..highest answer` or `("scale", "1..5"),  // …`.
    private static func read(_ line: Substring) -> (String, String)? {
        let line = line.drop { $0 == " " }
        let body = line.first == "(" ? line.dropFirst() : line
        guard body.first == "\"", let end = body.dropFirst().firstIndex(of: "\"") else { return nil }
        let key = body[body.index(after: body.startIndex)..<end]
        let rest = body[body.index(after: end)...]
        guard rest.first == ":" || rest.first == ",", !key.isEmpty, let mark = rest.range(of: ",  // ") else {
            return nil
        }
        return (String(key), String(rest[mark.upperBound...]))
    }

    private static func swiftFiles(in folder: String, depth: Int) -> [String] {
        guard depth > 0, let handle = opendir(folder) else { return [] }
        defer { closedir(handle) }
        var paths: [String] = []
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            if name.hasPrefix(".") { continue }
            let path = "\(folder)/\(name)"
            paths += name.hasSuffix(".swift") ? [path] : swiftFiles(in: path, depth: depth - 1)
        }
        return paths.sorted()
    }

    private static func text(of path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: fileBytesMax)
        var filled = 0
        while filled < bytes.count {
            let count = bytes.withUnsafeMutableBytes {
                Glibc.read(descriptor, $0.baseAddress! + filled, $0.count - filled)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            filled += count
        }
        return String(decoding: bytes[..<filled], as: UTF8.self)
    }
}

extension Substring {
    fileprivate func range(of text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}
