import PluginKit

/// Every detector this build knows, in the order they are listed to people.
public enum DetectorPlugins {
    public static let all: [any Detector.Type] = [ShiryaevRobertsDetector.self]
}
