import GRDB

extension Schema {
    /// Version 6: what comes out of the API.
    static func addExports(_ db: Database) throws {
        try db.execute(
            sql: """
                -- series: exports that are compared with each other; wanted: what was asked for, as JSON;
                -- place: where it goes on; bytes: of the file, all before them committed
                CREATE TABLE export (
                    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, series TEXT NOT NULL,
                    listing TEXT NOT NULL, connection TEXT NOT NULL, org TEXT NOT NULL,
                    wanted TEXT NOT NULL, path TEXT NOT NULL, state TEXT NOT NULL,
                    started INTEGER NOT NULL, ended INTEGER, exit_code INTEGER, ending TEXT,
                    place TEXT, bytes INTEGER NOT NULL DEFAULT 0,
                    written INTEGER NOT NULL DEFAULT 0, repeats INTEGER NOT NULL DEFAULT 0,
                    unchanged INTEGER NOT NULL DEFAULT 0, missing INTEGER NOT NULL DEFAULT 0,
                    requests INTEGER NOT NULL DEFAULT 0, columns TEXT);
                CREATE INDEX export_series ON export (series, id);
                CREATE TABLE export_key (
                    export INTEGER NOT NULL REFERENCES export, number INTEGER NOT NULL, key TEXT NOT NULL,
                    PRIMARY KEY (export, number)) WITHOUT ROWID;
                CREATE UNIQUE INDEX export_key_text ON export_key (export, key);
                CREATE TABLE export_page (
                    export INTEGER NOT NULL REFERENCES export, number INTEGER NOT NULL,
                    at INTEGER NOT NULL, place TEXT NOT NULL, items INTEGER NOT NULL,
                    first_id TEXT, last_id TEXT, total INTEGER, remark TEXT,
                    PRIMARY KEY (export, number)) WITHOUT ROWID;
                CREATE TABLE export_item (
                    export INTEGER NOT NULL REFERENCES export, id TEXT NOT NULL, digest INTEGER NOT NULL,
                    PRIMARY KEY (export, id)) WITHOUT ROWID;
                """)
    }
}
