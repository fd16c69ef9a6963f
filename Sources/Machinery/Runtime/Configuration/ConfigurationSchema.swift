/// Every setting there is; what is not in it is refused.
package struct ConfigurationSchema: Sendable {
    package static let variablePrefix = "TIDELINE_"

    /// In the order they are printed.
    package let settings: [Setting]
    private let indexByPath: [String: Int]
    private let indexByVariable: [String: Int]
    /// Groups such as `ingest` and `ingest.curve`.
    private let groups: Set<String>

    /// - Precondition: paths and variables are unique, no path is a group of another, every default passes its own
    ///   check.
    package init(_ settings: [Setting]) {
        self.settings = settings
        var indexByPath: [String: Int] = [:]
        var indexByVariable: [String: Int] = [:]
        var groups: Set<String> = []
        for (index, setting) in settings.enumerated() {
            let names = setting.names
            precondition(!names.isEmpty && names.allSatisfy { !$0.isEmpty }, "wrong path \"\(setting.path)\"")
            precondition(indexByPath.updateValue(index, forKey: setting.path) == nil, "\(setting.path) twice")
            precondition(
                indexByVariable.updateValue(index, forKey: setting.variable) == nil, "\(setting.variable) twice")
            for count in 1..<names.count where names.count > 1 {
                groups.insert(names[..<count].joined(separator: "."))
            }
        }
        for setting in settings {
            precondition(!groups.contains(setting.path), "\(setting.path) is a setting and a group")
        }
        self.indexByPath = indexByPath
        self.indexByVariable = indexByVariable
        self.groups = groups
        for setting in settings { _ = defaultValue(of: setting) }
    }

    package subscript(path: String) -> Setting? { indexByPath[path].map { settings[$0] } }

    package func setting(variable: String) -> Setting? { indexByVariable[variable].map { settings[$0] } }

    package func isGroup(_ path: String) -> Bool { groups.contains(path) }

    func index(_ path: String) -> Int? { indexByPath[path] }

    func defaultValue(of setting: Setting) -> SettingValue {
        guard let text = setting.standard else { return .null }
        do throws(ConfigurationError) {
            let tree = try ConfigurationYAML.fragment(text, place: .builtIn)
            return try setting.checked(tree).get()
        } catch {
            preconditionFailure("default of \(error)")
        }
    }

    /// Ends an "unknown" sentence: "; did you mean ingest.http?", or the names that stand at that level.
    func suggestion(for path: String) -> String {
        if let nearest = Spelling.nearest(to: path, among: settings.map(\.path)) { return "did you mean \(nearest)?" }
        if let inside = settings.first(where: { path.hasPrefix($0.path + ".") }) {
            return "\(inside.path) is one value: set the whole of it"
        }
        var group = path
        while let dot = group.lastIndex(of: ".") {
            group = String(group[..<dot])
            if groups.contains(group) { return "\(group) has: \(children(of: group).joined(separator: ", "))" }
        }
        return "known here: \(children(of: "").joined(separator: ", "))"
    }

    /// Names directly below a group, in schema order; below "" are the topmost ones.
    func children(of group: String) -> [String] {
        let prefix = group.isEmpty ? "" : group + "."
        var names: [String] = []
        for setting in settings where setting.path.hasPrefix(prefix) {
            let name = String(setting.path.dropFirst(prefix.count).prefix { $0 != "." })
            if !names.contains(name) { names.append(name) }
        }
        return names
    }
}
