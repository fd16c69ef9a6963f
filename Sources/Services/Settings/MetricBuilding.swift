import Messages
import MetricPlugins
import PluginKit

extension MetricDefinition {
    /// The metric of the plugin list that the definition names.
    /// - Throws: ``MessageError`` when this release does not have it or refuses its configuration.
    package func metric() throws(MessageError) -> any Metric {
        guard let type = metricPlugins.first(where: { $0.plugin.name == kind }) else {
            throw MessageError("the set has a metric of kind \(kind), which this release does not have")
        }
        do {
            return try type.init(configuration: PluginConfiguration(configuration, for: type.plugin))
        } catch { throw MessageError("the set's metric \(name) cannot be built: \(error)") }
    }
}
