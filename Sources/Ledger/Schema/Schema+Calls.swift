import GRDB

extension Schema {
    /// Version 8: the ids that requests had, where the server takes each once.
    static func addCalls(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE call (
                    scope INTEGER NOT NULL, id TEXT NOT NULL, attempt INTEGER NOT NULL,
                    PRIMARY KEY (scope, id)) WITHOUT ROWID;
                CREATE INDEX call_attempt ON call (attempt);
                """)
    }
}
