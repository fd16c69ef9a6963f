import JSON
import Messages
import Satisfaction

/// What planting sees of an event: who it is, when, and what it answers.
struct EventGlance {
    private let data: JSONValue
    let time: Int64
    /// FNV-1a (G. Fowler, L. C. Noll, K.-P. Vo) of source and id.
    let identity: UInt64

    /// - Returns: nil for what is no response; whether it is in order is for ingest to say.
    init?(_ root: JSONValue) {
        guard root.member(named: "type")?.string.map({ $0 == "tideline.response.v1" }) == true,
            let id = root.member(named: "id")?.string, let source = root.member(named: "source")?.string,
            let stamp = root.member(named: "time")?.string, let time = Timestamp.read(stamp.bytes),
            let data = root.member(named: "data")
        else { return nil }
        self.time = time
        self.data = data
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in source.bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        hash = (hash ^ 0xFF) &* 0x100_0000_01B3
        for byte in id.bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        identity = hash
    }

    func isIn(_ segment: Segment) -> Bool {
        segment.parts.isEmpty || segment.parts.allSatisfy { value(of: $0.dimension)?.equals($0.value) == true }
    }

    func value(of dimension: String) -> JSONString? {
        data.member(named: "segments")?.object?.member(named: dimension)?.string
    }

    /// The step of a scale that an answer names, plainly or as `{"value", "scale"}` on this very scale.
    func step(of answer: String, on scale: Scale) -> Int? {
        guard let given = data.member(named: "answers")?.object?.member(named: answer) else { return nil }
        if let named = given.member(named: "scale")?.string, Scale(named.text) != scale { return nil }
        guard let number = (given.object == nil ? given : given.member(named: "value"))?.int64,
            let value = Int(exactly: number), scale.contains(value)
        else { return nil }
        return value - scale.lowest
    }
}
