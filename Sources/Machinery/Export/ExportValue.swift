/// One cell of an export.
package enum ExportValue: Sendable, Equatable {
    case missing
    case integer(Int64)
    /// NaN and the infinities are written as missing.
    case number(Double)
    case text(String)
    /// Milliseconds since 1970, UTC.
    case moment(Int64)
    case flag(Bool)

    var kindName: String {
        switch self {
        case .missing: "nothing"
        case .integer: "an integer"
        case .number: "a number"
        case .text: "a text"
        case .moment: "a moment"
        case .flag: "a flag"
        }
    }
}
