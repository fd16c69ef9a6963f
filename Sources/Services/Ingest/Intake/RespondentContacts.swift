import DequeModule
import Journal
import Satisfaction

/// How often each respondent was asked or has answered within a window of civil days (UTC): those above a limit are
/// over-surveyed, and their events are flagged.
///
/// A contact lies on the day of its event's `time`, or of its arrival where that is earlier; it counts while that day is
/// one of the last `windowDays` days of the arrival clock. A respondent is the same whatever source names them, and is
/// kept as 64 bits of a keyed hash: the text is never kept, and two of a million are taken for one with a
/// probability of 3e-8.
///
/// Takes at most 44 bytes a respondent and 8 bytes for each of their days of contact within the window, in pages that
/// never move. Noting a contact touches one respondent and, unless it is late, one of their days: its time does not grow
/// with the number of either. Used by one thread.
package final class RespondentContacts {
    package struct Limits: Sendable {
        /// Contacts within the window that are not yet too many, at least 1.
        package let contactsMax: Int
        /// Days that count, that of the arrival clock included, 1...366.
        package let windowDays: Int
        /// Respondents remembered, 1...10,000,000; beyond it those unseen for longest are forgotten.
        package let respondentsMax: Int

        package init(contactsMax: Int, windowDays: Int, respondentsMax: Int) {
            precondition(contactsMax >= 1 && (1...366).contains(windowDays))
            precondition((1...10_000_000).contains(respondentsMax))
            self.contactsMax = contactsMax
            self.windowDays = windowDays
            self.respondentsMax = respondentsMax
        }
    }

    private struct Respondent: Linked {
        var key: UInt64
        /// Civil day of the latest contact, since 1970.
        var newest: Int32
        /// Contacts on all days that are kept.
        var total: UInt32 = 0
        var firstDay = Place.none
        var lastDay = Place.none
        /// Neighbours in the order in which respondents were last seen.
        var seenBefore = Place.none
        var seenAfter = Place.none
        /// The next of the same bucket.
        var next = Place.none
    }

    private struct ContactDay: Linked {
        /// The later day of the same respondent.
        var next = Place.none
        /// Civil day since 1970 without its upper bits: days of one respondent lie within two windows of each other.
        var day: UInt16
        /// More contacts than this type holds in one day are not told apart.
        var count: UInt16
    }

    private struct Unsettled {
        let key: UInt64
        let block: UInt64
        let day: Int32
        let isOverSurveyed: Bool
    }

    package let limits: Limits
    private let key: IdentityKey
    private var buckets: [UInt32]
    private var respondents = PagedPool<Respondent>()
    private var days = PagedPool<ContactDay>()
    private var lastSeen = Place.none
    private var longestUnseen = Place.none
    /// Contacts of blocks not known to be synced, in order.
    private var unsettled: Deque<Unsettled> = []
    /// Civil day of the arrival clock, which never goes back.
    private var today = Int32.min

    /// Respondents remembered.
    package private(set) var count = 0
    /// Respondents forgotten because of `respondentsMax`, who may have had contacts within the window.
    package private(set) var forgottenEarly: UInt64 = 0

    private static let dayMilliseconds: Int64 = 86_400_000
    /// Respondents without a contact within the window who are forgotten with each contact: two keep up with any number.
    private static let forgottenPerContactMax = 2

    /// - Parameter key: secret, so that nobody can make two respondents one.
    package init(limits: Limits, key: IdentityKey) {
        self.limits = limits
        self.key = key
        buckets = [UInt32](repeating: Place.none, count: limits.respondentsMax)
    }

    /// Bytes of all tables.
    package var bytes: Int {
        buckets.count * MemoryLayout<UInt32>.stride + respondents.bytes + days.bytes
    }

    /// The earliest moment of the arrival clock whose contacts count at `clock`, ms since 1970.
    package func windowStart(at clock: Int64) -> Int64 {
        (Int64(Self.day(of: clock)) - Int64(limits.windowDays - 1)) * Self.dayMilliseconds
    }

    /// Notes a contact.
    ///
    /// - Parameters:
    ///   - respondent: UTF-8.
    ///   - time: when the contact was, ms since 1970.
    ///   - clock: arrival clock, ms since 1970.
    ///   - block: the block that will hold the event.
    /// - Returns: the contacts within the window, this one included, where they are too many; nil for all others and for
    ///   a contact before the window, which is not noted.
    package func note(_ respondent: UnsafeRawBufferPointer, at time: Int64, clock: Int64, block: UInt64) -> Int? {
        today = max(today, Self.day(of: clock))
        for _ in 0..<Self.forgottenPerContactMax where isUnseenForAWindow(longestUnseen) { forget(longestUnseen) }
        let day = min(Self.day(of: time), today)
        guard isInWindow(day) else { return nil }
        let hash = hash(respondent)
        let place = find(hash) ?? insert(hash, day)
        moveToFront(place)
        dropOldDays(of: place)
        add(day, to: place)
        let total = Int(respondents[place].total)
        let isOverSurveyed = total > limits.contactsMax
        unsettled.append(Unsettled(key: hash, block: block, day: day, isOverSurveyed: isOverSurveyed))
        return isOverSurveyed ? total : nil
    }

    /// Contacts of the respondent within the window that ends with the last contact noted.
    package func contacts(of respondent: UnsafeRawBufferPointer) -> Int {
        guard let place = find(hash(respondent)) else { return 0 }
        dropOldDays(of: place)
        return Int(respondents[place].total)
    }

    /// Blocks up to `number` are synced: their contacts stay.
    package func settle(through number: UInt64) {
        while let first = unsettled.first, first.block <= number { unsettled.removeFirst() }
    }

    /// The write of blocks from `number` on failed: their contacts never were. Respondents whom they drove out stay
    /// forgotten.
    ///
    /// - Returns: how many of the contacts had been too many.
    package func forget(from number: UInt64) -> UInt64 {
        var overSurveyed: UInt64 = 0
        while let last = unsettled.last, last.block >= number {
            unsettled.removeLast()
            if last.isOverSurveyed { overSurveyed += 1 }
            if let place = find(last.key) { takeBack(last.day, from: place) }
        }
        return overSurveyed
    }

    private static func day(of moment: Int64) -> Int32 { Int32(clamping: moment.flooredQuotient(dayMilliseconds)) }

    private func isInWindow(_ day: Int32) -> Bool { Int64(today) - Int64(day) < Int64(limits.windowDays) }

    // MARK: Respondents

    private func hash(_ respondent: UnsafeRawBufferPointer) -> UInt64 {
        key.identity(source: UnsafeRawBufferPointer(start: nil, count: 0), id: respondent).high
    }

    private func bucket(_ hash: UInt64) -> Int { Int(hash.multipliedFullWidth(by: UInt64(buckets.count)).high) }

    private func find(_ hash: UInt64) -> UInt32? {
        var place = buckets[bucket(hash)]
        while place != Place.none {
            let respondent = respondents[place]
            if respondent.key == hash { return place }
            place = respondent.next
        }
        return nil
    }

    private func insert(_ hash: UInt64, _ day: Int32) -> UInt32 {
        if count == limits.respondentsMax {
            if !isUnseenForAWindow(longestUnseen) { forgottenEarly += 1 }
            forget(longestUnseen)
        }
        let bucket = bucket(hash)
        let place = respondents.add(Respondent(key: hash, newest: day, next: buckets[bucket]))
        buckets[bucket] = place
        linkInFront(place)
        count += 1
        return place
    }

    /// Whether none of the respondent's contacts counts any more; false for none.
    private func isUnseenForAWindow(_ place: UInt32) -> Bool {
        place != Place.none && !isInWindow(respondents[place].newest)
    }

    private func forget(_ place: UInt32) {
        let respondent = respondents[place]
        days.removeAll(from: respondent.firstDay, through: respondent.lastDay)
        unlink(place)
        let bucket = bucket(respondent.key)
        if buckets[bucket] == place {
            buckets[bucket] = respondent.next
        } else {
            var before = buckets[bucket]
            while respondents[before].next != place { before = respondents[before].next }
            respondents[before].next = respondent.next
        }
        respondents.removeAll(from: place, through: place)
        count -= 1
    }

    private func moveToFront(_ place: UInt32) {
        guard place != lastSeen else { return }
        unlink(place)
        linkInFront(place)
    }

    private func linkInFront(_ place: UInt32) {
        respondents[place].seenBefore = lastSeen
        respondents[place].seenAfter = Place.none
        if lastSeen == Place.none { longestUnseen = place } else { respondents[lastSeen].seenAfter = place }
        lastSeen = place
    }

    private func unlink(_ place: UInt32) {
        let (before, after) = (respondents[place].seenBefore, respondents[place].seenAfter)
        if before == Place.none { longestUnseen = after } else { respondents[before].seenAfter = after }
        if after == Place.none { lastSeen = before } else { respondents[after].seenBefore = before }
    }

    // MARK: Days

    /// Days from `day` to today, for days that are kept; those have kept only their lower bits.
    private func age(_ day: UInt16) -> Int { Int(UInt16(truncatingIfNeeded: today) &- day) }

    /// Every day is added and dropped once, so this is a constant for each contact.
    private func dropOldDays(of place: UInt32) {
        // Before this many days the lower bits would tell an old day from a recent one no more.
        let isLongGone = !isInWindow(respondents[place].newest)
        while respondents[place].firstDay != Place.none {
            let first = respondents[place].firstDay
            guard isLongGone || age(days[first].day) >= limits.windowDays else { return }
            respondents[place].total -= UInt32(days[first].count)
            respondents[place].firstDay = days[first].next
            if respondents[place].firstDay == Place.none { respondents[place].lastDay = Place.none }
            days.removeAll(from: first, through: first)
        }
    }

    private func add(_ day: Int32, to place: UInt32) {
        let code = UInt16(truncatingIfNeeded: day)
        let last = respondents[place].lastDay
        if last == Place.none || age(days[last].day) > age(code) {
            let added = days.add(ContactDay(day: code, count: 0))
            if last == Place.none { respondents[place].firstDay = added } else { days[last].next = added }
            respondents[place].lastDay = added
            respondents[place].newest = day
            countOne(on: added, of: place)
        } else if days[last].day == code {
            countOne(on: last, of: place)
        } else {
            addLate(code, to: place)
        }
    }

    /// A contact on a day before the latest: goes through at most `windowDays` days.
    private func addLate(_ code: UInt16, to place: UInt32) {
        var before = Place.none
        var after = respondents[place].firstDay
        while age(days[after].day) > age(code) { (before, after) = (after, days[after].next) }
        if days[after].day == code { return countOne(on: after, of: place) }
        let added = days.add(ContactDay(next: after, day: code, count: 0))
        if before == Place.none { respondents[place].firstDay = added } else { days[before].next = added }
        countOne(on: added, of: place)
    }

    private func countOne(on day: UInt32, of place: UInt32) {
        guard days[day].count < .max else { return }
        days[day].count += 1
        respondents[place].total += 1
    }

    private func takeBack(_ day: Int32, from place: UInt32) {
        let code = UInt16(truncatingIfNeeded: day)
        var kept = respondents[place].firstDay
        while kept != Place.none, days[kept].day != code { kept = days[kept].next }
        // The day may have left the window since.
        guard kept != Place.none, days[kept].count > 0 else { return }
        days[kept].count -= 1
        respondents[place].total -= 1
        if respondents[place].total == 0 { forget(place) }
    }
}
