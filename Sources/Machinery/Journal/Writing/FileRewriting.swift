/// Replaces payloads inside a message file that takes no more blocks (erasure, PROTOCOL.md, rule 16).
package enum FileRewriting {
    /// New events of a block: `count` lines.
    package struct Payload: Sendable {
        package var count: Int
        package var bytes: [UInt8]

        package init(count: Int, bytes: [UInt8]) {
            self.count = count
            self.bytes = bytes
        }
    }

    /// Writes the file anew, with the next generation of the blocks given, and puts it in the old one's place: after
    /// any crash there is either the old or the new file. The caller then tells index (`replace`) and reader (`close`).
    /// Call `closeActiveFile` first when it is the newest file. Any thread but the reader's own; needs as much free
    /// room as the file takes.
    package static func rewrite(
        _ id: FileID, replacing payloads: [UInt64: Payload], index: BlockIndex, fileSystem: any FileSystem,
        directory: String
    ) throws(JournalError) -> RewrittenFile {
        guard let entry = index.files.first(where: { $0.id == id }) else {
            throw .absent(number: id.first, first: index.first, next: index.next)
        }
        precondition(payloads.keys.allSatisfy { (id.first..<entry.next).contains($0) }, "the blocks lie in the file")
        let reader = JournalReader(fileSystem: fileSystem, directory: directory)
        let path = directory + "/" + id.name
        let out = try journaling { () throws(FileError) in try fileSystem.open(path + temporarySuffix, .replace) }
        var bytes = try reader.preamble(of: id.first, in: index).line
        var written: Int64 = 0
        var offsets: [UInt32] = []
        offsets.reserveCapacity(entry.offsets.count)
        for number in id.first..<entry.next {
            offsets.append(UInt32(written + Int64(bytes.count)))
            let block = try next(generationOf: reader.read(number, in: index), payloads[number])
            block.appendHeaderLine(to: &bytes)
            bytes.append(contentsOf: block.payload)
            if bytes.count >= 4 << 20 {
                try journaling { () throws(FileError) in try out.writeFully(bytes, at: written) }
                written += Int64(bytes.count)
                bytes.removeAll(keepingCapacity: true)
            }
        }
        try journaling { () throws(FileError) in
            try out.writeFully(bytes, at: written)
            try out.synchronize()
            try fileSystem.rename(path + temporarySuffix, to: path)
            try fileSystem.synchronizeDirectory(directory)
        }
        return RewrittenFile(id: id, offsets: offsets, end: written + Int64(bytes.count))
    }

    private static func next(generationOf block: SealedBlock, _ payload: Payload?) -> SealedBlock {
        guard let payload else { return block }
        var header = block.header
        header.generation += 1
        header.count = payload.count
        header.bytes = payload.bytes.count
        return SealedBlock(sealing: header, payload: payload.bytes)
    }
}
