import GRDB

extension Schema {
    /// Version 17: rows that a job leaves out.
    static func addFiltered(_ db: Database) throws {
        try db.execute(
            sql: """
                -- first: of the chunk in whose bytes they lie; -1 for a file that has no chunk
                CREATE TABLE IF NOT EXISTS filtered (
                    run INTEGER NOT NULL, file INTEGER NOT NULL, first INTEGER NOT NULL,
                    rows INTEGER NOT NULL, bytes INTEGER NOT NULL,
                    PRIMARY KEY (run, file, first)) WITHOUT ROWID;
                """)
    }
}
