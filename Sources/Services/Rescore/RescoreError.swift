/// History cannot be counted again; says why and what to do.
package struct RescoreError: Error, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
}
