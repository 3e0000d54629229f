import GRDB

extension Schema {
    /// Version 9: cards that the server was asked to make.
    static func addCards(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE card_order (
                    id INTEGER PRIMARY KEY, org TEXT NOT NULL, connection TEXT NOT NULL, path TEXT NOT NULL,
                    wanted TEXT NOT NULL, started INTEGER NOT NULL, ended INTEGER, state TEXT NOT NULL);
                CREATE INDEX card_order_path ON card_order (path);
                -- line: of the order; known: ids of the log's entries before it; entry: the log's own of it;
                -- received: numbers in the reply; stranded: cards that exist, and whose numbers came in no reply
                CREATE TABLE card_call (
                    id INTEGER PRIMARY KEY, card_order INTEGER NOT NULL REFERENCES card_order,
                    line INTEGER NOT NULL, org TEXT NOT NULL, series INTEGER NOT NULL, count INTEGER NOT NULL,
                    state TEXT NOT NULL, started INTEGER NOT NULL, ended INTEGER, known TEXT NOT NULL,
                    reply BLOB, received INTEGER NOT NULL DEFAULT 0, stranded INTEGER NOT NULL DEFAULT 0,
                    entry TEXT, note TEXT);
                CREATE INDEX card_call_order ON card_call (card_order, line);
                CREATE INDEX card_call_series ON card_call (org, series);
                CREATE UNIQUE INDEX card_call_pending ON card_call (org, series)
                    WHERE state IN ('pending', 'held');
                """)
    }
}
