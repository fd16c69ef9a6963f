import JSON
import PluginKit

/// The names of an index's components, fixed by configuration so that each has its columns.
///
/// Their order is that of the names' UTF-8 bytes, whatever the order they were given in: the same components are the
/// same contract, with the same columns and sums added up in the same order.
struct IndexComponents: Sendable {
    let names: [String]
    /// The names behind one another, and where each ends: compared with an answer's names without an allocation.
    private let bytes: [UInt8]
    private let ends: [Int]

    /// Most components any index may have. A respondent's components are marked in the bits of a word.
    static let countMax = 32
    /// The most that questionnaires of the field ask for.
    static let countMaxDefault = 15
    static let nameBytesMax = 64

    /// The keys a plugin adds to its defaults to have its components listed.
    static let defaults: [(String, JSONTree)] = [
        ("components", []),  // names of the components; their order does not matter
        ("componentsMax", .integer(Int64(countMaxDefault))),  // 1...32 components that may be listed
    ]

    /// Reads `components`, at most `componentsMax` of them.
    init(_ configuration: PluginConfiguration) throws(PluginConfigurationError) {
        let most = try configuration.integer("componentsMax", in: 1...Self.countMax)
        guard let list = configuration.tree("components").array, !list.isEmpty else {
            throw PluginConfigurationError(
                key: "components", sentence: "must list the components people rate, such as [speed, price]")
        }
        guard list.count <= most else {
            throw PluginConfigurationError(
                key: "components",
                sentence: most < Self.countMax
                    ? "lists \(list.count) components, but at most \(most) are allowed; raise componentsMax, up to "
                        + "\(Self.countMax)" : "lists \(list.count) components, but at most \(most) are allowed")
        }
        var names: [String] = []
        for element in list {
            guard let name = element.string else {
                throw PluginConfigurationError(
                    key: "components", sentence: "must be a list of texts, such as [speed, price]")
            }
            names.append(name)
        }
        try self.init(names, key: "components")
    }

    /// - Parameters:
    ///   - names: at least one and at most ``countMax``.
    ///   - key: the setting they come from, for errors.
    init(_ names: [String], key: String) throws(PluginConfigurationError) {
        precondition(!names.isEmpty && names.count <= Self.countMax)
        for name in names {
            // A slash would make the path of a wrong answer say another place.
            guard !name.isEmpty, name.utf8.count <= Self.nameBytesMax, !name.utf8.contains(UInt8(ascii: "/")) else {
                throw PluginConfigurationError(
                    key: key,
                    sentence: "has the component \"\(name.prefix(Self.nameBytesMax))\", but a name has 1 to "
                        + "\(Self.nameBytesMax) bytes and no \"/\"")
            }
        }
        self.names = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        for (name, next) in zip(self.names, self.names.dropFirst()) where name.utf8.elementsEqual(next.utf8) {
            throw PluginConfigurationError(key: key, sentence: "has the component \"\(name)\" twice")
        }
        var bytes: [UInt8] = []
        var ends: [Int] = []
        for name in self.names {
            bytes += name.utf8
            ends.append(bytes.count)
        }
        self.bytes = bytes
        self.ends = ends
    }

    var count: Int { names.count }

    /// The components as a contract holds them.
    var tree: JSONTree { .array(names.map(JSONTree.string)) }

    /// - Returns: nil for a name that is no component's.
    func place(of name: JSONString) -> Int? {
        bytes.withUnsafeBytes { bytes in
            var start = 0
            for (place, end) in ends.enumerated() {
                if name.equals(UnsafeRawBufferPointer(rebasing: bytes[start..<end])) { return place }
                start = end
            }
            return nil
        }
    }
}

/// Which components an answer has named so far.
struct NamedComponents {
    private var marks: UInt64 = 0

    var isEmpty: Bool { marks == 0 }
    var count: Int { marks.nonzeroBitCount }

    /// - Parameter place: `0 ..< IndexComponents.countMax`.
    /// - Returns: whether it had not been named before.
    mutating func insert(_ place: Int) -> Bool {
        let mark = UInt64(1) << UInt64(place)
        defer { marks |= mark }
        return marks & mark == 0
    }
}
