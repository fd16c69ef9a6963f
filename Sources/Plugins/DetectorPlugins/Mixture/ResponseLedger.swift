/// Answers of the last days by event hour and cell: what the baseline is fed from, what is weighed again after a
/// refresh, and where an onset is sought.
///
/// Bounded by ``DetectionLimits/daysKeptMax`` and ``DetectionLimits/recordsMax``.
struct ResponseLedger: Sendable {
    struct Record: Sendable, Equatable {
        /// Hours since 1970-01-01T00:00Z.
        var slot: Int32
        var cell: Int32
        var responses: Int64
        /// By channel, 0 ... unit · responses.
        var harms: SIMD4<Int64>
    }

    /// What the baseline knows of one (day, cell).
    enum Standing: UInt8, Sendable {
        case pending
        case absorbed
        /// Part of a dip: never enters the baseline.
        case excluded
    }

    struct Day: Sendable, Equatable {
        /// Civil day on which the customers answered.
        let day: Int32
        /// Ascending by (slot, cell).
        var records: [Record] = []
        /// By cell; shorter than the cells when the rest is pending.
        var standings: [UInt8] = []
        var isHourly = true

        func standing(of cell: Int) -> Standing {
            cell < standings.count ? Standing(rawValue: standings[cell]) ?? .excluded : .pending
        }

        mutating func set(_ standing: Standing, of cell: Int) {
            while standings.count <= cell { standings.append(Standing.pending.rawValue) }
            standings[cell] = standing.rawValue
        }
    }

    /// Ascending.
    var days: [Day] = []
    private(set) var recordCount = 0

    /// Harm of the worst answer, by channel; 0 for channels there are none of.
    let units: SIMD4<Int64>

    init(units: SIMD4<Int64>) { self.units = units }

    init(days: [Day], units: SIMD4<Int64>) {
        self.days = days
        self.units = units
        recordCount = days.reduce(0) { $0 + $1.records.count }
    }

    /// Counts answers, negative ones where earlier answers were erased or revised; a record never goes below zero.
    /// - Returns: what the baseline knew of that (day, cell).
    @discardableResult
    mutating func add(day: Int32, slot: Int32, cell: Int, responses: Int64, harms: SIMD4<Int64>) -> Standing {
        let place = index(admitting: day)
        let slot = days[place].isHourly ? slot : days[place].records.first?.slot ?? slot
        let at = position(in: days[place], slot: slot, cell: Int32(cell))
        if at < days[place].records.count, days[place].records[at].slot == slot,
            days[place].records[at].cell == Int32(cell)
        {
            let record = days[place].records[at]
            let total = max(0, min(record.responses + responses, Self.recordResponsesMax))
            days[place].records[at].responses = total
            days[place].records[at].harms = Self.within(record.harms &+ harms, total, units)
        } else if responses > 0 {
            let record = Record(
                slot: slot, cell: Int32(cell), responses: responses, harms: Self.within(harms, responses, units))
            days[place].records.insert(record, at: at)
            recordCount += 1
        }
        return days[place].standing(of: cell)
    }

    private static func within(
        _ harms: SIMD4<Int64>, _ responses: Int64, _ units: SIMD4<Int64>
    ) -> SIMD4<Int64> {
        pointwiseMax(.zero, pointwiseMin(harms, units &* responses))
    }

    /// Sums of records stay exact as Double.
    static let recordResponsesMax: Int64 = 1 << 40

    /// Whether a day's answers can still be counted here.
    func keeps(_ day: Int32) -> Bool {
        guard let first = days.first, let last = days.last else { return true }
        return day >= first.day || last.day - day < Int32(DetectionLimits.daysKeptMax) / 2
    }

    private mutating func index(admitting day: Int32) -> Int {
        var place = days.count
        while place > 0, days[place - 1].day > day { place -= 1 }
        if place > 0, days[place - 1].day == day { return place - 1 }
        days.insert(Day(day: day), at: place)
        return place
    }

    private func position(in day: Day, slot: Int32, cell: Int32) -> Int {
        func isBefore(_ record: Record) -> Bool { (record.slot, record.cell) < (slot, cell) }
        guard let last = day.records.last, !isBefore(last) else { return day.records.count }
        var low = 0
        var high = day.records.count - 1
        while low < high {
            let middle = (low + high) / 2
            if isBefore(day.records[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Merges and drops what is older than the limits allow.
    mutating func trim(today: Int32) {
        while let first = days.first, today - first.day >= Int32(DetectionLimits.daysKeptMax) { drop(first) }
        for place in days.indices where days[place].isHourly && today - days[place].day > DetectionLimits.hourlyDaysMax
        {
            mergeHours(of: place)
        }
        var place = 0
        while recordCount > DetectionLimits.recordsMax, place < days.count - 1 {
            if days[place].isHourly { mergeHours(of: place) }
            place += 1
        }
        while recordCount > DetectionLimits.recordsMax, days.count > 1 { drop(days[0]) }
    }

    private mutating func drop(_ day: Day) {
        recordCount -= day.records.count
        days.removeFirst()
    }

    private mutating func mergeHours(of place: Int) {
        days[place].isHourly = false
        guard let slot = days[place].records.first?.slot else { return }
        var merged: [Record] = []
        for record in days[place].records.sorted(by: { $0.cell < $1.cell }) {
            if let last = merged.indices.last, merged[last].cell == record.cell {
                merged[last].responses += record.responses
                merged[last].harms &+= record.harms
            } else {
                merged.append(record)
                merged[merged.count - 1].slot = slot
            }
        }
        recordCount += merged.count - days[place].records.count
        days[place].records = merged
    }

    /// Marks the cells of `days` from `first` to `last`.
    mutating func mark(_ standing: Standing, cells: [Int], from first: Int32, through last: Int32) {
        for place in days.indices where days[place].day >= first && days[place].day <= last {
            for cell in cells { days[place].set(standing, of: cell) }
        }
    }
}
