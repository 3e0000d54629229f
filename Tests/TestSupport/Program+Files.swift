extension Program {
    /// Writes the connections file: one connection, without a limit unless `settings` says otherwise.
    package func connect(
        _ name: String = "there", to url: String, _ settings: String = "rate: none",
        file: String = "connections.yaml"
    ) throws {
        try connect([(name, url)], settings, file: file)
    }

    /// Writes the connections file: several that differ in their URL.
    package func connect(
        _ urls: [(String, String)], _ settings: String = "rate: none",
        file: String = "connections.yaml"
    ) throws {
        let lines = urls.map { "  \($0): { base_url: \"\($1)\", \(settings) }\n" }
        try write("connections:\n" + lines.joined(), to: file)
    }

    /// The text of a job: what each one says, and `more` lines.
    package static func job(
        _ name: String = "bills", _ endpoint: String = "transactions.add",
        connection: String = "there", files: String, _ more: String = ""
    ) -> String {
        """
        job: \(name)
        endpoint: \(endpoint)
        connection: \(connection)
        input: { files: \(files) }
        \(more)

        """
    }

    /// Writes such a job to `job.yaml`, or to `file`.
    package func writeJob(
        _ name: String = "bills", _ endpoint: String = "transactions.add",
        connection: String = "there", files: String, _ more: String = "", to file: String = "job.yaml"
    ) throws {
        try write(
            Self.job(name, endpoint, connection: connection, files: files, more), to: file)
    }
}
