import GRDB

extension Schema {
    /// Version 14: whether the ledger is the newest of itself.
    static func addStanding(_ db: Database) throws {
        try db.execute(
            sql: """
                -- One row is current; the others are what this ledger was before it was adopted or moved.
                -- since: from then on it has been in use where it is now
                CREATE TABLE standing (
                    id TEXT PRIMARY KEY, counter INTEGER NOT NULL, since INTEGER NOT NULL,
                    current INTEGER NOT NULL) WITHOUT ROWID;
                INSERT INTO standing VALUES (lower(hex(randomblob(16))), 0, 0, 1);
                CREATE TABLE adoption (
                    id INTEGER PRIMARY KEY, at INTEGER NOT NULL, trust_from INTEGER);
                -- looks: 1 where its records are looked up before they are sent, 0 where a person has
                -- decided that they go; NULL: as the ledger stands
                ALTER TABLE run ADD COLUMN looks INTEGER;
                """)
    }
}
