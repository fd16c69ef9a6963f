import Satisfaction

/// One series' sums of one UTC day: a row per quarter of an hour that has any, an amount per column, and the steps in
/// which it changed.
///
/// Days, not buckets, are the unit of storage: a store that wrote a row per bucket would touch a B-tree leaf for every
/// (series, bucket), a hundred times as many.
struct DayChunk {
    let series: Int32
    /// Days since 1970 of UTC.
    let day: Int32
    private let width: Int
    private let isDense: Bool
    /// Ascending bucket numbers within the day, 0..<96.
    private var buckets: [UInt8] = []
    /// `width` amounts a bucket, in the order of `buckets`, where the tally is narrow.
    private var dense: [Int64] = []
    /// Amounts by column, in the order of `buckets`, where it is wide.
    private var sparse: [[Int32: Int64]] = []
    /// Runs of steps in which a bucket changed, in the order of their beginning for each bucket.
    private var runs: [(bucket: UInt8, run: StepRun)] = []
    /// The latest run of each bucket, in the order of `buckets`; -1 for none.
    private var latestRuns: [Int32] = []
    /// Whether there is anything the store does not have yet.
    var isDirty = false

    init(series: Int32, day: Int32, width: Int) {
        self.series = series
        self.day = day
        self.width = width
        isDense = Tally.isDense(width: width)
    }

    /// - Parameter step: step of the arrival clock in which the amount came.
    mutating func add(_ amount: Int64, column: Int, bucket: Int32, step: Int64) {
        let row = row(of: UInt8(truncatingIfNeeded: bucket - day * Bucket.perDay))
        add(amount, column: column, row: row)
        note(step, row: row)
        isDirty = true
    }

    private mutating func add(_ amount: Int64, column: Int, row: Int) {
        if isDense {
            dense[row * width + column] &+= amount
        } else {
            let sum = (sparse[row][Int32(column)] ?? 0) &+ amount
            sparse[row][Int32(column)] = sum == 0 ? nil : sum
        }
    }

    private mutating func note(_ step: Int64, row: Int) {
        let latest = Int(latestRuns[row])
        if latest >= 0 {
            if runs[latest].run.first <= step, step <= runs[latest].run.last { return }
            if runs[latest].run.last &+ 1 == step {
                runs[latest].run.last = step
                return
            }
        }
        latestRuns[row] = Int32(runs.count)
        runs.append((buckets[row], StepRun(first: step, last: step)))
    }

    private mutating func row(of bucket: UInt8) -> Int {
        var place = buckets.count
        while place > 0, buckets[place - 1] > bucket { place -= 1 }
        if place > 0, buckets[place - 1] == bucket { return place - 1 }
        buckets.insert(bucket, at: place)
        latestRuns.insert(-1, at: place)
        if isDense {
            dense.insert(contentsOf: repeatElement(0, count: width), at: place * width)
        } else {
            sparse.insert([:], at: place)
        }
        return place
    }

    // MARK: Reading

    /// Hands every bucket's first moment (ms since 1970) to `window`, in order of time, and adds what it has to the window it
    /// is given.
    func forEachBucket(in range: Range<Int32>, _ window: (Int64) -> WindowTally?) {
        for row in buckets.indices {
            let bucket = Bucket(index: day * Bucket.perDay + Int32(buckets[row]))
            guard range.contains(bucket.index), let target = window(bucket.start) else { continue }
            add(row, to: target)
        }
    }

    private func add(_ row: Int, to target: WindowTally) {
        if isDense {
            for column in 0..<width where dense[row * width + column] != 0 {
                target.tally.add(dense[row * width + column], at: column)
            }
        } else {
            for (column, amount) in sparse[row] { target.tally.add(amount, at: Int(column)) }
        }
        for entry in runs where entry.bucket == buckets[row] { target.steps.add(entry.run) }
    }

    // MARK: Bytes

    /// The version, then for each bucket: its number; how many columns are not zero, and those as (distance from the one
    /// before, amount); how many runs of steps, and those as (distance from the one before, length less one). All are
    /// LEB128 variable-length integers, distances of steps and amounts with their sign in the lowest bit.
    var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16 + buckets.count * 24)
        bytes.append(Self.version)
        var runsOfRow = [[StepRun]](repeating: [], count: Int(Bucket.perDay))
        for entry in runs { runsOfRow[Int(entry.bucket)].append(entry.run) }
        var previousStep: Int64 = 0
        for row in buckets.indices {
            VariableLength.append(UInt64(buckets[row]), to: &bytes)
            appendColumns(of: row, to: &bytes)
            let own = runsOfRow[Int(buckets[row])]
            VariableLength.append(UInt64(own.count), to: &bytes)
            for run in own {
                VariableLength.append(zigzag: run.first &- previousStep, to: &bytes)
                VariableLength.append(UInt64(run.last - run.first), to: &bytes)
                previousStep = run.last
            }
        }
        return bytes
    }

    private func appendColumns(of row: Int, to bytes: inout [UInt8]) {
        var previous = 0
        func append(_ column: Int, _ amount: Int64) {
            VariableLength.append(UInt64(column - previous), to: &bytes)
            VariableLength.append(zigzag: amount, to: &bytes)
            previous = column
        }
        if isDense {
            let own = row * width..<(row + 1) * width
            VariableLength.append(UInt64(dense[own].reduce(0) { $1 == 0 ? $0 : $0 + 1 }), to: &bytes)
            for column in 0..<width where dense[own.lowerBound + column] != 0 {
                append(column, dense[own.lowerBound + column])
            }
        } else {
            VariableLength.append(UInt64(sparse[row].count), to: &bytes)
            for (column, amount) in sparse[row].sorted(by: { $0.key < $1.key }) { append(Int(column), amount) }
        }
    }

    private static let version: UInt8 = 2

    /// - Returns: nil when the bytes are not a chunk of this version and width.
    init?(series: Int32, day: Int32, width: Int, encoded: [UInt8]) {
        self.init(series: series, day: day, width: width)
        guard encoded.first == Self.version else { return nil }
        var position = 1
        var previousStep: Int64 = 0
        while position < encoded.count {
            guard let bucket = VariableLength.read(encoded, at: &position), bucket < UInt64(Bucket.perDay),
                buckets.last.map({ UInt64($0) < bucket }) ?? true,
                let present = VariableLength.read(encoded, at: &position), present <= UInt64(width)
            else { return nil }
            let row = row(of: UInt8(bucket))
            var column: UInt64 = 0
            for _ in 0..<present {
                guard let distance = VariableLength.read(encoded, at: &position), distance < UInt64(width),
                    column + distance < UInt64(width),
                    let amount = VariableLength.readZigzag(encoded, at: &position)
                else { return nil }
                column += distance
                add(amount, column: Int(column), row: row)
            }
            guard let runCount = VariableLength.read(encoded, at: &position), runCount <= UInt64(encoded.count) else {
                return nil
            }
            for _ in 0..<runCount {
                guard let distance = VariableLength.readZigzag(encoded, at: &position),
                    let length = VariableLength.read(encoded, at: &position), length < 1 << 40
                else { return nil }
                let first = previousStep &+ distance
                latestRuns[row] = Int32(runs.count)
                runs.append((UInt8(bucket), StepRun(first: first, last: first &+ Int64(length))))
                previousStep = first &+ Int64(length)
            }
        }
    }
}

/// The sums of a window while they are gathered.
package final class WindowTally {
    package let window: Range<Int64>
    package var tally: Tally
    package var steps = StepSet()

    package init(window: Range<Int64>, width: Int) {
        self.window = window
        tally = Tally(width: width)
    }

    /// How many closed steps changed the window; the open one counts as soon as it has.
    package var revision: Int64 { steps.count }

    package func add(_ other: WindowTally) {
        tally.add(other.tally)
        steps.add(other.steps)
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
