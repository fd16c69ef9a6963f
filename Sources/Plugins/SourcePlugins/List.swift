import PluginKit

/// Every source plugin there is, in the order users see them; a new one is added here by hand.
public let sourcePlugins: [any Source.Type] = [CSVSource.self]
