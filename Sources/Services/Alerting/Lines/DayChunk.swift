import Satisfaction

/// One series' counts of one UTC day: a row per quarter of an hour that has answers, a count per step of the scale.
///
/// Days, not buckets, are the unit of storage: a store that wrote a row per bucket would touch a B-tree leaf for every
/// (series, bucket), a hundred times as many.
struct DayChunk {
    let series: Int32
    /// Days since 1970 of UTC.
    let day: Int32
    private let steps: Int
    /// Ascending bucket numbers within the day, 0..<96.
    private var buckets: [UInt8] = []
    /// `steps` counts a bucket, in the order of `buckets`.
    private var counts: [Int64] = []
    /// Whether there is anything the store does not have yet.
    var isDirty = false

    init(series: Int32, day: Int32, steps: Int) {
        self.series = series
        self.day = day
        self.steps = steps
    }

    mutating func add(_ count: Int64, step: Int, bucket: Int32) {
        let within = UInt8(truncatingIfNeeded: bucket - day * Bucket.perDay)
        let row = row(of: within)
        counts[row * steps + step] += count
        isDirty = true
    }

    private mutating func row(of bucket: UInt8) -> Int {
        var place = buckets.count
        while place > 0, buckets[place - 1] > bucket { place -= 1 }
        if place > 0, buckets[place - 1] == bucket { return place - 1 }
        buckets.insert(bucket, at: place)
        counts.insert(contentsOf: repeatElement(0, count: steps), at: place * steps)
        return place
    }

    /// Hands every bucket with its counts to `body`, in order of time.
    func forEachBucket(_ body: (Bucket, ArraySlice<Int64>) -> Void) {
        for (row, bucket) in buckets.enumerated() {
            body(Bucket(index: day * Bucket.perDay + Int32(bucket)), counts[row * steps..<(row + 1) * steps])
        }
    }

    /// Adds the counts of the buckets in `range` to `total`.
    func add(_ range: Range<Int32>, to total: inout AnswerCounts) {
        forEachBucket { bucket, counts in
            guard range.contains(bucket.index) else { return }
            for (step, count) in counts.enumerated() where count != 0 { total.add(count, at: step) }
        }
    }

    // MARK: Bytes

    /// A version byte, then for each bucket: its number, how many steps are not zero, and those as (step, count), all
    /// as LEB128 variable-length integers.
    var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(1 + buckets.count * (2 * steps + 2))
        bytes.append(1)
        counts.withUnsafeBufferPointer { counts in
            for (row, bucket) in buckets.enumerated() {
                let own = counts[row * steps..<(row + 1) * steps]
                VariableLength.append(UInt64(bucket), to: &bytes)
                VariableLength.append(UInt64(own.reduce(0) { $1 == 0 ? $0 : $0 + 1 }), to: &bytes)
                var step: UInt64 = 0
                for count in own {
                    if count != 0 {
                        VariableLength.append(step, to: &bytes)
                        VariableLength.append(zigzag: count, to: &bytes)
                    }
                    step += 1
                }
            }
        }
        return bytes
    }

    /// - Returns: nil when the bytes are not a chunk of this version and number of steps.
    init?(series: Int32, day: Int32, steps: Int, encoded: [UInt8]) {
        self.init(series: series, day: day, steps: steps)
        guard encoded.first == 1 else { return nil }
        var position = 1
        while position < encoded.count {
            guard let bucket = VariableLength.read(encoded, at: &position), bucket < UInt64(Bucket.perDay),
                buckets.last.map({ UInt64($0) < bucket }) ?? true,
                let present = VariableLength.read(encoded, at: &position), present <= UInt64(steps)
            else { return nil }
            buckets.append(UInt8(bucket))
            let row = counts.count
            counts.append(contentsOf: repeatElement(0, count: steps))
            for _ in 0..<present {
                guard let step = VariableLength.read(encoded, at: &position), step < UInt64(steps),
                    let count = VariableLength.readZigzag(encoded, at: &position)
                else { return nil }
                counts[row + Int(step)] = count
            }
        }
    }
}

/// LEB128: seven bits a byte, lowest first, the top bit set on all but the last.
enum VariableLength {
    static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// Small magnitudes of either sign in few bytes.
    static func append(zigzag value: Int64, to bytes: inout [UInt8]) {
        append(UInt64(bitPattern: (value << 1) ^ (value >> 63)), to: &bytes)
    }

    static func read(_ bytes: [UInt8], at position: inout Int) -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < bytes.count, shift < 64 {
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return value }
            shift += 7
        }
        return nil
    }

    static func readZigzag(_ bytes: [UInt8], at position: inout Int) -> Int64? {
        guard let value = read(bytes, at: &position) else { return nil }
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }
}
