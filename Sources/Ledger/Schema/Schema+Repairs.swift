import GRDB

extension Schema {
    /// Version 16: a record may repair several.
    static func addRepairs(_ db: Database) throws {
        try db.execute(
            sql: """
                -- What a record repairs beyond its row in repair: one row for each further root. That row has the
                -- oldest root, and is there for every record that repairs any.
                CREATE TABLE repair_more (
                    run INTEGER NOT NULL, record INTEGER NOT NULL,
                    parent_run INTEGER NOT NULL, parent_record INTEGER NOT NULL,
                    root_run INTEGER NOT NULL, root_record INTEGER NOT NULL,
                    PRIMARY KEY (run, record, root_run, root_record)) WITHOUT ROWID;
                CREATE INDEX repair_more_parent ON repair_more (parent_run, parent_record);
                CREATE INDEX repair_more_root ON repair_more (root_run, root_record);
                -- All of them, one row for each root.
                CREATE VIEW repairs AS
                    SELECT run, record, parent_run, parent_record, root_run, root_record FROM repair
                    UNION ALL
                    SELECT run, record, parent_run, parent_record, root_run, root_record FROM repair_more;
                """)
    }
}
