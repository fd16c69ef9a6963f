import PluginKit

/// Every detector this build knows, in the order they are listed to people: the recommended one first, then the ones
/// people know.
public enum DetectorPlugins {
    public static let all: [any Detector.Type] = [
        ShiryaevRobertsDetector.self,
        ChartDetector<FixedThreshold>.self,
        ChartDetector<BandCrossing>.self,
        ChartDetector<WeekOverWeek>.self,
        ChartDetector<Shewhart>.self,
        ChartDetector<MovingAverage>.self,
        ChartDetector<CumulativeSum>.self,
        ChartDetector<PageHinkley>.self,
    ]
}
