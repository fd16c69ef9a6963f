import Yams

/// Reads YAML into trees with places, strictly: one document, text keys, each key once, no tags beyond `!!str`, no
/// merge keys. Scalars follow the YAML 1.2 core schema.
package enum ConfigurationYAML {
    /// Bounds what aliases can blow up to.
    package static let valuesMax = 100_000

    /// A whole file; an empty one is an empty map.
    package static func document(_ text: String, path: String) throws(ConfigurationError) -> ConfigurationTree {
        var reader = Reader(place: { .file(path: path, line: $0, column: $1) })
        let tree = try reader.read(text)
        return tree.isNull ? ConfigurationTree(.map([]), place: tree.place) : tree
    }

    /// A value in an environment variable, a flag or a default; every part of it has that one place.
    package static func fragment(
        _ text: String, place: ConfigurationPlace
    ) throws(ConfigurationError) -> ConfigurationTree {
        var reader = Reader(place: { _, _ in place })
        return try reader.read(text)
    }

    private struct Reader {
        let place: (_ line: Int, _ column: Int) -> ConfigurationPlace
        var values = 0

        mutating func read(_ text: String) throws(ConfigurationError) -> ConfigurationTree {
            do {
                // The basic resolver compares keys as texts and leaves scalars to us.
                guard let root = try Parser(yaml: text, resolver: .basic).singleRoot() else {
                    return ConfigurationTree(.null, place: place(1, 1))
                }
                return try tree(root)
            } catch let error as YamlError {
                throw ConfigurationError([syntaxProblem(error, text)])
            } catch let error as ConfigurationError {
                throw error
            } catch {
                throw problem("cannot be read as YAML: \(error)", nil)
            }
        }

        private mutating func tree(_ node: Node) throws -> ConfigurationTree {
            values += 1
            guard values <= ConfigurationYAML.valuesMax else {
                throw problem("has more than \(ConfigurationYAML.valuesMax) values; use fewer aliases", node.mark)
            }
            switch node {
            case .scalar(let scalar):
                let value = try value(of: scalar)
                return ConfigurationTree(value, place: place(at: scalar.mark), scalarText: scalar.string)
            case .sequence(let sequence):
                return ConfigurationTree(.list(try sequence.map { try tree($0) }), place: place(at: sequence.mark))
            case .mapping(let mapping):
                let members = try mapping.map { key, value in
                    guard case .scalar(let name) = key else {
                        throw problem("has a key that is no text; use a plain word as the key", key.mark)
                    }
                    guard name.string != "<<" || name.style != .plain else {
                        throw problem("uses a merge key (<<), which is not supported; write the keys out", key.mark)
                    }
                    return ConfigurationTree.Member(
                        key: name.string, keyPlace: place(at: name.mark), value: try tree(value))
                }
                return ConfigurationTree(.map(members), place: place(at: mapping.mark))
            case .alias(let alias):
                throw problem("uses an alias that stands for nothing", alias.mark)
            }
        }

        private func value(of scalar: Node.Scalar) throws -> ConfigurationTree.Value {
            switch scalar.tag.description {
            case "" where scalar.style == .plain || scalar.style == .any: CoreSchema.value(scalar.string)
            case "", "!", "tag:yaml.org,2002:str": .string(scalar.string)
            case let tag:
                throw problem("uses the tag \(tag), which is not supported; write the plain value", scalar.mark)
            }
        }

        private func place(at mark: Mark?) -> ConfigurationPlace { place(mark?.line ?? 0, mark?.column ?? 0) }

        private func problem(_ sentence: String, _ mark: Mark?) -> ConfigurationError {
            ConfigurationError([ConfigurationProblem(place: place(at: mark), key: "", sentence: sentence)])
        }

        private func syntaxProblem(_ error: YamlError, _ text: String) -> ConfigurationProblem {
            func at(_ mark: Mark, _ sentence: String) -> ConfigurationProblem {
                ConfigurationProblem(place: place(at: mark), key: "", sentence: sentence)
            }
            switch error {
            case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
                .composer(let context, let problem, let mark, _):
                let during = context.map { " (\($0.text))" } ?? ""
                return at(mark, "is not valid YAML: \(problem)\(during)")
            case .duplicatedKeysInMapping(let keys, let context):
                return at(context.mark, "has the key \(keys.joined(separator: ", ")) more than once; keep one")
            case .reader(let problem, let offset, _, _):
                let lines = text.prefix(offset ?? 0).split(
                    omittingEmptySubsequences: false, whereSeparator: \.isNewline)
                return ConfigurationProblem(
                    place: place(lines.count, (lines.last?.count ?? 0) + 1), key: "",
                    sentence: "is not valid YAML: \(problem)")
            default:
                return ConfigurationProblem(place: place(0, 0), key: "", sentence: "cannot be read as YAML: \(error)")
            }
        }
    }
}

/// What a plain scalar means in the YAML 1.2 core schema.
enum CoreSchema {
    static func value(_ text: String) -> ConfigurationTree.Value {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        case ".nan", ".NaN", ".NAN": return .double(.nan)
        default: break
        }
        let negative = text.hasPrefix("-")
        let digits = negative || text.hasPrefix("+") ? text.dropFirst() : text[...]
        if digits == ".inf" || digits == ".Inf" || digits == ".INF" {
            return .double(negative ? -.infinity : .infinity)
        }
        if text.hasPrefix("0x"), let number = Int64(text.dropFirst(2), radix: 16) { return .integer(number) }
        if text.hasPrefix("0o"), let number = Int64(text.dropFirst(2), radix: 8) { return .integer(number) }
        guard let first = digits.utf8.first, first == UInt8(ascii: ".") || isDigit(first), isNumber(digits) else {
            return .string(text)
        }
        if digits.utf8.allSatisfy(isDigit), let number = Int64(text) { return .integer(number) }
        return Double(text).map { .double($0) } ?? .string(text)
    }

    /// `[0-9]* (. [0-9]*)? ([eE] [-+]? [0-9]+)?` with at least one digit before the exponent.
    private static func isNumber(_ text: Substring) -> Bool {
        var rest = text.utf8[...]
        let whole = rest.prefix(while: isDigit)
        rest = rest[whole.endIndex...]
        var digits = whole.count
        if rest.first == UInt8(ascii: ".") {
            let fraction = rest.dropFirst().prefix(while: isDigit)
            digits += fraction.count
            rest = rest[fraction.endIndex...]
        }
        guard digits > 0 else { return false }
        guard let mark = rest.first else { return true }
        guard mark == UInt8(ascii: "e") || mark == UInt8(ascii: "E") else { return false }
        rest = rest.dropFirst()
        if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        return !rest.isEmpty && rest.allSatisfy(isDigit)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}
