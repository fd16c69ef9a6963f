import Satisfaction

/// The bands of satisfaction indices that the field uses, with the share of customers who buy again in each.
enum IndexBands {
    static let named: [(name: String, bands: Bands)] = [
        (
            "standard",
            Bands([
                Band("high", .from(85), note: "repurchase 50–95 %"),
                Band("industry average", .from(80), note: "repurchase 40–50 %"),
                Band("below average", .from(62), note: "repurchase 20–40 %"),
                Band("low", .rest, note: "repurchase towards 0 %"),
            ])!
        )
    ]
}
