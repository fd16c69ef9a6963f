#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What the process's own output goes to.
package struct Terminal: Sendable {
    package let isTerminal: Bool
    /// Columns of a line; ``widthDefault`` where nobody says.
    package let width: Int
    package let style: DrawingStyle

    package static let widthDefault = 80
    /// Wider lines are hard to read, and no drawing gains by them.
    package static let widthMax = 240

    /// - Parameters:
    ///   - descriptor: 1 for standard output, 2 for standard error.
    ///   - environment: of this process; `COLUMNS` overrules what the terminal says.
    package init(descriptor: Int32, environment: [String: String]) {
        isTerminal = isatty(descriptor) == 1
        var size = winsize()
        let isKnown = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        let columns = environment["COLUMNS"].flatMap { Int($0) } ?? (isKnown ? Int(size.ws_col) : Self.widthDefault)
        width = min(max(columns, TrendDrawing.widthMin), Self.widthMax)
        style = DrawingStyle(environment: environment, isTerminal: isTerminal)
    }
}
