// Members of equal name are valid JSON whose meaning depends on the reader (RFC 8259, section 4), so callers refuse
// them. The check runs once per object of every response; hence the two ways.

extension JSONObject {
    /// Up to this many members every pair is compared, on the stack; above it names are hashed.
    static let pairwiseMembersMax = 16

    /// The first member whose name an earlier one has. Linear time; no allocation up to 16 members.
    public func firstDuplicateMember() -> JSONMember? {
        let count = count
        if count < 2 { return nil }
        return count <= Self.pairwiseMembersMax ? firstDuplicatePairwise() : firstDuplicateHashed(count)
    }

    private func firstDuplicatePairwise() -> JSONMember? {
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: Self.pairwiseMembersMax) { signatures in
            var signaturesEnd = signatures.baseAddress.unsafelyUnwrapped
            for member in self {
                let signature = member.name.signature
                var earlier = signatures.baseAddress.unsafelyUnwrapped
                while earlier < signaturesEnd {
                    if earlier.pointee == signature,
                        name(at: earlier - signatures.baseAddress.unsafelyUnwrapped) == member.name
                    {
                        return member
                    }
                    earlier += 1
                }
                signaturesEnd.pointee = signature
                signaturesEnd += 1
            }
            return nil
        }
    }

    /// Only names of equal signature come here: almost always real duplicates.
    private func name(at position: Int) -> JSONString? {
        for (index, member) in enumerated() where index == position { return member.name }
        return nil
    }

    /// `Hasher` is seeded per process, so nobody can send names that collide on purpose.
    private func firstDuplicateHashed(_ count: Int) -> JSONMember? {
        var seen = Set<JSONString>(minimumCapacity: count)
        for member in self where !seen.insert(member.name).inserted { return member }
        return nil
    }
}

extension JSONString {
    /// Length and first four bytes in one word: different for different names, except rarely.
    ///
    /// The length lies right before the bytes (`strings` layout), so one load fetches both. Names shorter than four
    /// bytes are followed by their zero byte and then by whatever comes next, which is masked out.
    var signature: UInt64 {
        let signature = (UnsafeRawPointer(start) - 4).loadUnaligned(as: UInt64.self).littleEndian
        let bitsUsed = 32 &+ 8 &* UInt64(min(count, 4))
        return bitsUsed == 64 ? signature : signature & (1 &<< bitsUsed &- 1)
    }
}

extension JSONValue {
    /// Looks through every object in this value. Nil when all members have names of their own, else the place of
    /// the first repetition: outer objects before those inside them.
    public func validateNoDuplicateMembers() -> JSONPointer? {
        let end = indexAfter
        var index = index
        while index < end {
            switch UInt8(truncatingIfNeeded: tape[index] &>> 56) {
            case Tape.object:
                let object = JSONObject(JSONValue(tape: tape, strings: strings, index: index))
                if let duplicate = object.firstDuplicateMember() {
                    return pointer(toTapeIndex: index).appending(.name(duplicate.name.text))
                }
                index &+= 1
            case Tape.int64, Tape.uint64, Tape.double: index &+= 2
            default: index &+= 1
            }
        }
        return nil
    }

    /// The place of the value at that tape index, seen from this value, in which it lies.
    private func pointer(toTapeIndex target: Int) -> JSONPointer {
        var components: [JSONPointer.Component] = []
        var container = self
        while container.index != target {
            guard let step = container.step(towardsTapeIndex: target) else { break }
            components.append(step.component)
            container = step.value
        }
        return JSONPointer(components)
    }

    private func step(towardsTapeIndex target: Int) -> (component: JSONPointer.Component, value: JSONValue)? {
        if let object {
            for member in object where target < member.value.indexAfter {
                return (.name(member.name.text), member.value)
            }
        } else if let array {
            for (position, element) in array.enumerated() where target < element.indexAfter {
                return (.index(position), element)
            }
        }
        return nil
    }
}
