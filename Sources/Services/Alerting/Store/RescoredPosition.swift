import GRDB

/// How far a node's blocks have been counted again under a contract they were not applied under.
package struct RescoredPosition: Sendable, Equatable {
    package let metric: String
    /// Hash of the contract.
    package let contract: String
    package let node: String
    /// Every block below this number that was applied under a set without the contract is counted under it.
    package let next: UInt64

    package init(metric: String, contract: String, node: String, next: UInt64) {
        self.metric = metric
        self.contract = contract
        self.node = node
        self.next = next
    }
}

extension TrendStore {
    /// The positions belong to the lines they speak of: one transaction writes both, so that whoever goes on after a crash
    /// adds nothing twice.
    static func createRescored(in database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE rescored (metric TEXT NOT NULL, contract TEXT NOT NULL, node TEXT NOT NULL,
                    next INTEGER NOT NULL, PRIMARY KEY (metric, contract, node)) WITHOUT ROWID;
                """)
    }

    static func writeRescored(_ changes: StoreChanges, to database: Database) throws {
        for position in changes.rescored {
            try database.cachedStatement(sql: "INSERT OR REPLACE INTO rescored VALUES (?, ?, ?, ?)")
                .execute(arguments: [position.metric, position.contract, position.node, Int64(position.next)])
        }
    }

    /// How far every contract has been counted again, in no particular order.
    package func rescored() throws -> [RescoredPosition] {
        try database.read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM rescored").map {
                RescoredPosition(
                    metric: $0["metric"], contract: $0["contract"], node: $0["node"],
                    next: UInt64($0["next"] as Int64))
            }
        }
    }
}
