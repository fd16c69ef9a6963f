/// Numbers of places in a ``PagedPool``.
enum Place {
    /// No place.
    static let none = UInt32.max
}

/// An element that names the place of another.
protocol Linked {
    var next: UInt32 { get set }
}

/// Elements of one size in pages that never move, so that growing copies nothing; places that became free are used first.
///
/// Holds fewer than 2³² − 1 elements. Pages are kept until the pool ends.
struct PagedPool<Element: Linked> {
    private var pages: [[Element]] = []
    /// Free places, linked by `next`.
    private var firstFree = Place.none

    static var pageCount: Int { 1024 }

    /// Bytes of all pages.
    var bytes: Int { pages.count * Self.pageCount * MemoryLayout<Element>.stride }

    subscript(place: UInt32) -> Element {
        get { pages[Int(place) / Self.pageCount][Int(place) % Self.pageCount] }
        set { pages[Int(place) / Self.pageCount][Int(place) % Self.pageCount] = newValue }
    }

    mutating func add(_ element: Element) -> UInt32 {
        if firstFree != Place.none {
            let place = firstFree
            firstFree = self[place].next
            self[place] = element
            return place
        }
        if (pages.last?.count ?? Self.pageCount) == Self.pageCount {
            var page: [Element] = []
            page.reserveCapacity(Self.pageCount)
            pages.append(page)
        }
        let last = pages.count - 1
        pages[last].append(element)
        return UInt32(last * Self.pageCount + pages[last].count - 1)
    }

    /// Frees the elements of a chain, in one step however long it is; nothing where it begins with none.
    mutating func removeAll(from first: UInt32, through last: UInt32) {
        guard first != Place.none else { return }
        self[last].next = firstFree
        firstFree = first
    }
}
