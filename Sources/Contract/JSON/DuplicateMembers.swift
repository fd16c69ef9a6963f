// Members of equal name are valid JSON whose meaning depends on the reader (RFC 8259, section 4), so callers refuse
// them. The check runs once per object of every response; hence the two ways.

extension JSONObject {
    /// Up to this many members every pair is compared, on the stack; above it names are hashed.
    static let pairwiseMembersMax = 16

    /// The first member whose name an earlier one has. Linear time; no allocation up to 16 members.
    public func firstDuplicateMember() -> JSONMember? { examineMembers().duplicate }

    /// The first duplicate, and when there is none the tape index of the first member that is itself an array or
    /// object, or else the index behind the object: where a walk through the document goes on.
    func examineMembers() -> (duplicate: JSONMember?, walkFrom: Int) {
        if count <= Self.pairwiseMembersMax { return examinePairwise() }
        return (firstDuplicateHashed(), value.index + 1)
    }

    private func examinePairwise() -> (duplicate: JSONMember?, walkFrom: Int) {
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: Self.pairwiseMembersMax) { signatures in
            let start = signatures.baseAddress.unsafelyUnwrapped
            var end = start
            var walkFrom = value.indexAfter
            for member in self {
                let signature = member.name.signature
                var earlier = start
                while earlier < end {
                    if earlier.pointee == signature, name(at: earlier - start) == member.name {
                        return (member, value.index)
                    }
                    earlier += 1
                }
                end.pointee = signature
                end += 1
                if member.value.isContainer { walkFrom = Swift.min(walkFrom, member.value.index) }
            }
            return (nil, walkFrom)
        }
    }

    /// Only names of equal signature come here: almost always real duplicates.
    private func name(at position: Int) -> JSONString? {
        for (index, member) in enumerated() where index == position { return member.name }
        return nil
    }

    /// `Hasher` is seeded per process, so nobody can send names that collide on purpose.
    private func firstDuplicateHashed() -> JSONMember? {
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
            let value = JSONValue(tape: tape, strings: strings, index: index)
            if let object = value.object {
                let (duplicate, walkFrom) = object.examineMembers()
                if let duplicate {
                    return pointer(toTapeIndex: index).appending(.name(duplicate.name.text))
                }
                index = walkFrom
            } else {
                // Into an array, behind a scalar, a member's name or an end.
                index = value.type == Tape.array ? index &+ 1 : value.indexAfter
            }
        }
        return nil
    }

    var isContainer: Bool { type == Tape.array || type == Tape.object }

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
