import GRDB

extension Schema {
    /// Version 12: runs that ended before they read anything, runs whose input is gone, records that are closed.
    static func addPending(_ db: Database) throws {
        try db.execute(
            sql: """
                -- No scope and no inputs: the server was not reached, or the input not prepared.
                -- directory: where the job's paths start; endpoint: of the call, or the kind of job
                -- files: what it would have read, as JSON; replaced: other files stand there by now, and
                -- it is listed once the job's org is known
                CREATE TABLE pending (
                    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, job TEXT NOT NULL,
                    job_text TEXT NOT NULL, job_file TEXT NOT NULL, directory TEXT NOT NULL,
                    connection TEXT NOT NULL, endpoint TEXT NOT NULL, started INTEGER NOT NULL,
                    ended INTEGER, exit_code INTEGER, ending TEXT,
                    files TEXT, replaced INTEGER NOT NULL DEFAULT 0);
                -- input_gone: when the rest of the run was closed, since its input was replaced
                ALTER TABLE run ADD COLUMN input_gone INTEGER;
                -- Records that a person has closed: nobody will fix them.
                CREATE TABLE closed (
                    run INTEGER NOT NULL, record INTEGER NOT NULL, at INTEGER NOT NULL, reason TEXT NOT NULL,
                    PRIMARY KEY (run, record)) WITHOUT ROWID;
                -- keeps_folder: some of its rejects were open when it was pruned
                ALTER TABLE tombstone ADD COLUMN keeps_folder INTEGER NOT NULL DEFAULT 0;
                -- made: which file it is, as it was when it got its name
                ALTER TABLE export ADD COLUMN made TEXT;
                """)
    }
}
