import Foundation

/// The seeds of a run: `TIDELINE_SEED` names one, `TIDELINE_SEEDS` how many.
package func seeds(_ usual: UInt64) -> [UInt64] {
    let environment = ProcessInfo.processInfo.environment
    if let one = environment["TIDELINE_SEED"].flatMap({ UInt64($0) }) { return [one] }
    let count = environment["TIDELINE_SEEDS"].flatMap { UInt64($0) } ?? usual
    return Array(1...max(1, count))
}

/// How to see a failure again.
package func reproduction(_ seed: UInt64, _ suite: String) -> String {
    "reproduce with: TIDELINE_SEED=\(seed) swift test --filter \(suite)"
}

/// A broken promise; says which.
package struct Broken: Error, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}
