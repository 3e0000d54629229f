import App
import ArgumentParser
import Foundation

struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Write a job for a file, or add a connection: guess, ask, and say what is left open.",
        discussion: """
            Examples:
              sluice init till.csv
              sluice init till.csv --yes --zone Europe/Berlin -o nightly.yaml
              sluice init till.csv --set billNumber=Bon --set attribution=Filiale
              sluice init --connection eu-prod --url https://eu.api.capillarytech.com \\
                  --key-file secrets/key --secret-file secrets/secret

            It reads the beginning, the middle and the end of the file, and guesses
            encoding, delimiter, header, dates, numbers, phone numbers, the API call and
            the column of each field. What is not certain is not guessed: it is a line
            `# TODO` in the job, and `sluice validate` lists these. On a terminal it asks
            first; Enter takes the answer in brackets.

            Without FILE it adds the connection to connections.yaml and checks it like
            `sluice doctor`. Secrets are never options: they are in files that you name.

            Exit status: 0 the job is complete · 1 something is left to decide
            """)

    @Argument(help: "The file of records, or - for standard input.", completion: .dataFiles)
    var file: String?

    @Option(
        name: .shortAndLong,
        help: "The job file to write, or - for standard output. By default the file's name with .yaml.",
        completion: .jobFiles)
    var output: String?

    @Flag(
        name: .shortAndLong, help: "Ask nothing: take the guesses. Without a terminal nothing is asked."
    )
    var yes = false

    @Flag(name: .shortAndLong, help: "Replace an existing job file.")
    var force = false

    @Option(
        help: "The connection that the job uses; without FILE, the name of a new one.",
        completion: .connections)
    var connection: String?

    @Option(help: "The API call, if the guess is wrong.", completion: .endpoints)
    var endpoint: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "The column of a field, such as billNumber=Bon; can be repeated.", valueName: "field=column"
        ))
    var columns: [String] = []

    @Option(help: "The time zone of dates without an offset, such as Europe/Berlin.")
    var zone: String?

    @Option(help: "The country of phone numbers without a code, such as DE.")
    var country: String?

    @Option(help: "The format of the dates, such as dd/MM/yyyy.")
    var dateFormat: String?

    @OptionGroup(title: "New connection") var login: ConnectionLogin
    @OptionGroup(title: "Common options") var options: StateOptions
    @OptionGroup(title: "Common options") var connections: ConnectionOptions

    func validate() throws {
        guard file == nil else {
            if login.isGiven {
                throw ValidationError("The options of a new connection are for use without a file.")
            }
            return
        }
        guard connection != nil else {
            throw ValidationError("Name a file of records, or a new connection with --connection.")
        }
    }

    func run() async throws {
        let app = options.app(connections)
        guard let file else { throw ExitCode(try await login.setup(connection ?? "", yes).run(app)) }
        var setup = JobSetup(file: file)
        setup.output = output
        setup.connection = connection
        setup.endpoint = endpoint
        setup.zone = zone
        setup.country = country?.uppercased()
        setup.dateFormat = dateFormat
        setup.isQuick = yes
        setup.overwrites = force
        for pair in columns {
            guard let sign = pair.firstIndex(of: "="), sign != pair.startIndex else {
                throw Failure(.usage, "--set: expected FIELD=COLUMN, found \(pair).")
            }
            setup.columns[String(pair[..<sign])] = String(pair[pair.index(after: sign)...])
        }
        throw ExitCode(try setup.run(app))
    }
}

/// Where a new connection leads, and what it logs in with.
struct ConnectionLogin: ParsableArguments {
    @Option(help: "The URL of the API.")
    var url: String?

    @Option(help: "The file that has the OAuth key.", completion: .file())
    var keyFile: String?

    @Option(help: "The file that has the OAuth secret.", completion: .file())
    var secretFile: String?

    @Option(help: "The user name, for Basic authentication.")
    var username: String?

    @Option(help: "The file that has the password.", completion: .file())
    var passwordFile: String?

    @Option(help: "The id of the org, if the server does not tell it.")
    var org: String?

    @Option(help: "The most requests a minute, such as 90/min.")
    var rate: String?

    @Flag(help: "Do not check the new connection with a request.")
    var noCheck = false

    var isGiven: Bool {
        noCheck || [url, keyFile, secretFile, username, passwordFile, org, rate].contains { $0 != nil }
    }

    func setup(_ name: String, _ isQuick: Bool) -> ConnectionSetup {
        var setup = ConnectionSetup(name: name)
        setup.url = url
        setup.keyFile = keyFile
        setup.secretFile = secretFile
        setup.username = username
        setup.passwordFile = passwordFile
        setup.org = org
        setup.rate = rate
        setup.isQuick = isQuick
        setup.isUnchecked = noCheck
        return setup
    }
}
