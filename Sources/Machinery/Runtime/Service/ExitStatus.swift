/// How a process ends.
package enum ExitStatus: Int32, Sendable {
    case done = 0
    case failed = 1
    /// Wrong usage or configuration: a restart will not help.
    case wrongUsage = 2
}
