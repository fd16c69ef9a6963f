import PluginKit

/// Every metric plugin of Tideline; a new one adds its line here.
public let metricPlugins: [any Metric.Type] = [
    CustomerSatisfaction.self
]
