extension IdentityIndex {
    /// Opens the index of a node and finds which runs still hold.
    ///
    /// `neededFrom` is the first block within the horizon (`JournalReader.firstNumber(clockAtLeast:)`, or the journal's
    /// first); `markOf` gives the mark of a block of the journal, `nil` when there is none. Runs that are damaged,
    /// foreign, or cover another block than the journal has are discarded together with all later ones (PROTOCOL.md,
    /// rule 4). Afterwards insert the identities of all blocks from `uncoveredFrom` on.
    package static func open(
        fileSystem: any FileSystem, directory: String, node: String, key: IdentityKey,
        options: IdentityOptions = IdentityOptions(), neededFrom: UInt64,
        markOf: (UInt64) throws(JournalError) -> Mark?
    ) throws(JournalError) -> IdentityIndex {
        var obsolete: [String] = []
        var runs: [IdentityRun] = []
        try journaling { () throws(FileError) in
            try fileSystem.makeDirectory(directory)
            for name in try fileSystem.list(directory).sorted() {
                let path = directory + "/" + name
                if name.hasSuffix(temporarySuffix) { try fileSystem.remove(path) }
                guard IdentityRunHeader.isRunName(name) else { continue }
                if let run = try IdentityRun.open(try fileSystem.open(path, .read)),
                    run.header.node == node, run.header.key == key.fingerprint, run.header.fileName == name
                {
                    runs.append(run)
                } else {
                    obsolete.append(path)
                }
            }
        }
        let holding = try chain(withoutMerged(runs), neededFrom: neededFrom, markOf)
        let names = Set(holding.map(\.header.fileName))
        obsolete += runs.map(\.header.fileName).filter { !names.contains($0) }.map { directory + "/" + $0 }
        // Now and not in the background: a run that no longer holds must not be there at the next start.
        try journaling { () throws(FileError) in
            for path in obsolete { try fileSystem.remove(path) }
            if !obsolete.isEmpty { try fileSystem.synchronizeDirectory(directory) }
        }
        return IdentityIndex(
            fileSystem: fileSystem, directory: directory, node: node, key: key.fingerprint, options: options,
            runs: holding, obsolete: [], nextFrom: holding.last.map { $0.header.through + 1 } ?? neededFrom)
    }

    /// Drops runs whose blocks another run covers too. Oldest first.
    private static func withoutMerged(_ runs: [IdentityRun]) -> [IdentityRun] {
        let sorted = runs.sorted { ($0.header.from, $1.header.through) < ($1.header.from, $0.header.through) }
        var kept: [IdentityRun] = []
        for run in sorted {
            if let last = kept.last, run.header.through <= last.header.through { continue }
            kept.append(run)
        }
        return kept
    }

    /// The runs from the oldest needed one on, up to the first that does not fit.
    private static func chain(
        _ runs: [IdentityRun], neededFrom: UInt64, _ markOf: (UInt64) throws(JournalError) -> Mark?
    ) throws(JournalError) -> [IdentityRun] {
        var holding: [IdentityRun] = []
        for run in runs where run.header.through >= neededFrom {
            let fits = holding.last.map { $0.header.through + 1 == run.header.from } ?? (run.header.from <= neededFrom)
            guard fits, try markOf(run.header.through) == run.header.mark else { break }
            holding.append(run)
        }
        return holding
    }
}
