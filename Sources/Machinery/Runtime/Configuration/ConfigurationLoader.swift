extension Configuration {
    /// Merges default < file < environment < flags and checks everything.
    ///
    /// - Parameters:
    ///   - file: path of a YAML file; nil for none. One that is named must exist.
    ///   - environment: only names beginning with `TIDELINE_` are looked at; an empty value counts as not set.
    ///   - variablesAllowed: `TIDELINE_` names that are no settings and belong to someone else.
    /// - Throws: every problem of every layer at once.
    package static func load(
        _ schema: ConfigurationSchema, file: String? = nil, environment: [String: String] = [:],
        arguments: ServiceArguments? = nil, variablesAllowed: Set<String> = []
    ) throws(ConfigurationError) -> Configuration {
        var loader = Loader(schema: schema)
        if let path = file ?? arguments?.file {
            loader.takeFile(path)
        }
        loader.takeEnvironment(environment, allowed: variablesAllowed)
        if let arguments {
            loader.problems += arguments.problems
            for flag in arguments.flags { loader.takeFlag(flag) }
        }
        guard loader.problems.isEmpty else { throw ConfigurationError(loader.problems) }
        return Configuration(schema: schema, values: loader.values, origins: loader.origins)
    }
}

private struct Loader {
    /// A configuration is read whole; more than this is not one.
    static let fileBytesMax = 4 << 20
    static let secretBytesMax = 64 << 10

    let schema: ConfigurationSchema
    var values: [SettingValue]
    var origins: [ConfigurationPlace]
    var problems: [ConfigurationProblem] = []

    init(schema: ConfigurationSchema) {
        self.schema = schema
        values = schema.settings.map(schema.defaultValue)
        origins = schema.settings.map { _ in .builtIn }
    }

    mutating func takeFile(_ path: String) {
        let whole = ConfigurationPlace.file(path: path, line: 0, column: 0)
        do throws(FileReadError) {
            let bytes = try FileBytes.read(path, bytesMax: Self.fileBytesMax)
            guard let text = String(validating: bytes, as: UTF8.self) else {
                return report(whole, "", "is not UTF-8 text; save it as UTF-8")
            }
            do throws(ConfigurationError) {
                takeGroup("", try ConfigurationYAML.document(text, path: path))
            } catch {
                problems += error.problems
            }
        } catch {
            report(whole, "", "cannot be read: \(error)")
        }
    }

    private mutating func takeGroup(_ group: String, _ tree: ConfigurationTree) {
        if tree.isNull { return }
        guard let members = tree.members else {
            let names = schema.children(of: group).joined(separator: ", ")
            return report(tree.place, group, "is \(tree.whatItIs), but must be a mapping with some of: \(names)")
        }
        for member in members {
            let path = group.isEmpty ? member.key : "\(group).\(member.key)"
            let isNested = !member.key.contains(".")
            if isNested, let index = schema.index(path) {
                take(member.value, at: index)
            } else if isNested, schema.isGroup(path) {
                takeGroup(path, member.value)
            } else if schema.index(path) != nil {
                let nested = path.split(separator: ".").joined(separator: ": {")
                let closing = String(repeating: "}", count: path.count { $0 == "." })
                report(member.keyPlace, path, "is not a key of a file; write it nested: \(nested): …\(closing)")
            } else {
                report(member.keyPlace, path, "is unknown; \(schema.suggestion(for: path))")
            }
        }
    }

    mutating func takeEnvironment(_ environment: [String: String], allowed: Set<String>) {
        let prefix = ConfigurationSchema.variablePrefix
        for (variable, text) in environment.sorted(by: { $0.key < $1.key }) {
            guard variable.hasPrefix(prefix), !text.isEmpty, !allowed.contains(variable) else { continue }
            let place = ConfigurationPlace.environment(variable: variable)
            if let setting = schema.setting(variable: variable) {
                takeText(text, of: setting, place: place)
            } else if variable.hasSuffix("_FILE"), let setting = schema.setting(variable: String(variable.dropLast(5)))
            {
                takeSecretFile(text, of: setting, variable: variable, environment: environment)
            } else {
                let nearest = Spelling.nearest(to: variable, among: schema.settings.map(\.variable))
                let advice =
                    nearest.map { "did you mean \($0)?" }
                    ?? "a variable is \(prefix) and the setting's path in capitals, such as "
                    + (schema.settings.first?.variable ?? "")
                report(place, "", "is not a variable of a setting; \(advice)")
            }
        }
    }

    private mutating func takeSecretFile(
        _ path: String, of setting: Setting, variable: String, environment: [String: String]
    ) {
        let place = ConfigurationPlace.environment(variable: variable)
        guard setting.secret else {
            return report(
                place, setting.path, "is no secret; only secrets are read from files, set \(setting.variable)")
        }
        guard environment[setting.variable, default: ""].isEmpty else {
            return report(place, setting.path, "is set by \(setting.variable), too; keep one")
        }
        do throws(FileReadError) {
            let bytes = try FileBytes.read(path, bytesMax: Self.secretBytesMax)
            guard let text = String(validating: bytes, as: UTF8.self) else {
                return report(place, setting.path, "names \(path), which is not UTF-8 text")
            }
            // Files end with a line break that is no part of the secret.
            let value = text.hasSuffix("\r\n") ? text.dropLast(1) : text.hasSuffix("\n") ? text.dropLast(1) : text[...]
            guard !value.isEmpty else { return report(place, setting.path, "names \(path), which is empty") }
            let secretPlace = ConfigurationPlace.secretFile(path: path, variable: variable)
            take(ConfigurationTree(.string(String(value)), place: secretPlace), of: setting)
        } catch {
            report(place, setting.path, "names \(path), which cannot be read: \(error)")
        }
    }

    mutating func takeFlag(_ flag: ServiceArguments.Flag) {
        let place = ConfigurationPlace.flag("--\(flag.path)")
        guard let setting = schema[flag.path] else {
            return report(place, flag.path, "is unknown; \(schema.suggestion(for: flag.path))")
        }
        takeText(flag.text, of: setting, place: place)
    }

    /// A value from the environment or a flag: texts are taken as they are, the rest is YAML, a list may also be
    /// written with commas.
    private mutating func takeText(_ text: String, of setting: Setting, place: ConfigurationPlace) {
        if case .string = setting.kind {
            return take(ConfigurationTree(.string(text), place: place), of: setting)
        }
        do throws(ConfigurationError) {
            var tree = try ConfigurationYAML.fragment(text, place: place)
            switch setting.kind {
            case .strings, .endpoints:
                if tree.text != nil {
                    let items = text.split(separator: ",").map { piece in
                        ConfigurationTree(.string(trimmed(piece)), place: place)
                    }
                    tree = ConfigurationTree(.list(items), place: place)
                }
            default: break
            }
            take(tree, of: setting)
        } catch {
            problems += error.problems.map {
                ConfigurationProblem(place: $0.place, key: setting.path, sentence: $0.sentence)
            }
        }
    }

    private func trimmed(_ text: Substring) -> String {
        var text = text
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }

    private mutating func take(_ tree: ConfigurationTree, of setting: Setting) {
        if let index = schema.index(setting.path) { take(tree, at: index) }
    }

    private mutating func take(_ tree: ConfigurationTree, at index: Int) {
        switch schema.settings[index].checked(tree) {
        case .success(let value):
            values[index] = value
            origins[index] = tree.place
        case .failure(let error):
            problems += error.problems
        }
    }

    private mutating func report(_ place: ConfigurationPlace, _ key: String, _ sentence: String) {
        problems.append(ConfigurationProblem(place: place, key: key, sentence: sentence))
    }
}
