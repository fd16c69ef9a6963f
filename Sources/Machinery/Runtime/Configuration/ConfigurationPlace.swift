/// Where a configured value was written; every error and every printed value names it.
package enum ConfigurationPlace: Sendable, Hashable {
    /// The default in the schema.
    case builtIn
    /// Line and column count from 1; both are 0 when the whole file is meant.
    case file(path: String, line: Int, column: Int)
    case environment(variable: String)
    /// The file a `…_FILE` variable names, whose content is the value of a secret.
    case secretFile(path: String, variable: String)
    /// The flag as written, with its dashes.
    case flag(String)
}

extension ConfigurationPlace: CustomStringConvertible {
    package var description: String {
        switch self {
        case .builtIn: "default"
        case .file(let path, 0, _): path
        case .file(let path, let line, let column): "\(path):\(line):\(column)"
        case .environment(let variable): variable
        case .secretFile(let path, let variable): "\(variable) (file \(path))"
        case .flag(let flag): flag
        }
    }
}
