import GRDB

extension Schema {
    /// Version 15: in which form a server shows what it was sent, and why a doubt stays one.
    static func addForms(_ db: Database) throws {
        try db.execute(
            sql: """
                -- Why no further look settles a record in doubt: for a person, who decides.
                ALTER TABLE doubt ADD COLUMN why TEXT;
                -- What records whose answers came say of a rewrite of a field: whether it was done.
                CREATE TABLE form (
                    scope INTEGER NOT NULL REFERENCES scope, field TEXT NOT NULL, rewrite TEXT NOT NULL,
                    run INTEGER NOT NULL, record INTEGER NOT NULL, agrees INTEGER NOT NULL,
                    PRIMARY KEY (scope, field, rewrite, run, record)) WITHOUT ROWID;
                """)
    }
}
