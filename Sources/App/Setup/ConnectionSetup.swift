import Foundation
import Jobs
import Model
import Reports

/// Adds a connection to the connections file, then checks it as `sluice doctor` does. Secrets stay in files of their own.
package struct ConnectionSetup: Sendable {
    /// A name that the file does not have yet.
    package var name: String
    /// Scheme and host of the API; nil: asked.
    package var url: String?
    /// The id of the org, where the server does not tell it.
    package var org: String?
    /// As the file has it: `90/min`.
    package var rate: String?
    /// Of OAuth, with `secretFile`.
    package var keyFile: String?
    /// Of OAuth, with `keyFile`.
    package var secretFile: String?
    /// Of Basic authentication, with `passwordFile`.
    package var username: String?
    /// Of Basic authentication, with `username`.
    package var passwordFile: String?
    /// Takes what is given without asking.
    package var isQuick = false
    /// Nothing is sent to the server.
    package var isUnchecked = false

    package init(name: String) { self.name = name }

    /// - Returns: As `sluice doctor`.
    /// - Throws: ``Failure``: something is missing, or the file has a connection of that name.
    package func run(_ options: AppOptions) async throws -> ExitStatus {
        var setup = self
        if !isQuick, Questions.canAsk { setup.ask() }
        let file = try AppContext.connectionsFile(options)
        let path = file?.path ?? options.connections ?? "connections.yaml"
        let old = file?.text ?? "connections:\n"
        if let file,
            try Connections.names(yaml: file.text, file: file.path).contains(name) || name == "sandbox"
        {
            throw Failure(
                .usage,
                "\(file.path) has a connection \(name) already: edit it there, or choose another name.")
        }
        let text = try setup.adding(to: old)
        // What was added has to be what was meant, whatever the file looked like.
        do {
            let before = file == nil ? [] : try Connections.names(yaml: old, file: path)
            guard try Connections.names(yaml: text, file: path) == before + [name],
                try Connections.find(name, yaml: text, file: path) != nil
            else { throw Failure(.usage, "\(path): it cannot be added to this file: add it by hand.") }
        } catch let error as JobError {
            throw Failure(.usage, error.message)
        }
        try Self.write(text, to: path)
        if !options.quiet { Console.warn("\(path): added \(name)") }
        if isUnchecked { return .fine }
        var checking = options
        checking.connections = path
        return try await Diagnostics.report(connection: name, checking)
    }

    private mutating func ask() {
        if url == nil {
            url = Questions.ask("URL of the API", ["such as https://eu.api.capillarytech.com"])
        }
        if org == nil { org = Questions.ask("Id of the org, if the server does not tell it") }
        guard keyFile == nil, secretFile == nil, username == nil, passwordFile == nil else { return }
        switch Questions.ask("Credentials", ["oauth", "basic", "none"], usual: "oauth") {
        case "oauth":
            keyFile = Questions.ask("File that has the key", usual: "secrets/\(name)-key")
            secretFile = Questions.ask("File that has the secret", usual: "secrets/\(name)-secret")
        case "basic":
            username = Questions.ask("User name")
            passwordFile = Questions.ask(
                "File that has the password", usual: "secrets/\(name)-password")
        default: break
        }
    }

    /// The text of the file with the connection at its end.
    private func adding(to old: String) throws -> String {
        guard let url else {
            throw Failure(.usage, "--url is missing: https://eu.api.capillarytech.com, for example.")
        }
        var lines = ["base_url: \(quoted(url))"]
        switch (keyFile, secretFile, username, passwordFile) {
        case (let key?, let secret?, nil, nil):
            lines.append(
                "auth: { oauth: { key_file: \(quoted(key)), secret_file: \(quoted(secret)) } }")
        case (nil, nil, let user?, let password?):
            lines.append(
                "auth: { basic: { username: \(quoted(user)), password_file: \(quoted(password)) } }")
        case (nil, nil, nil, nil): break
        default:
            throw Failure(
                .usage,
                "give --key-file with --secret-file, or --username with --password-file: the secrets themselves are in these files."
            )
        }
        if let rate { lines.append("rate: \(rate)") }
        if let org { lines.append("org: \(quoted(org))") }
        let indent =
            old.split(separator: "\n").first { $0.hasPrefix(" ") && !$0.contains("#") }
            .map { String($0.prefix { $0 == " " }) } ?? "  "
        let start = old.hasSuffix("\n") || old.isEmpty ? old : old + "\n"
        return start + "\(indent)\(quoted(name)):\n"
            + lines.map { "\(indent)\(indent)\($0)\n" }.joined()
    }

    private func quoted(_ text: String) -> String {
        let isPlain = text.allSatisfy {
            $0.isASCII && ($0.isLetter || $0.isNumber || "_./:-".contains($0))
        }
        return isPlain && text.first?.isLetter == true
            ? text : "\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
    }

    /// A new file is the owner's alone; one that is there keeps its mode.
    private static func write(_ text: String, to path: String) throws {
        let mode = try? FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
        do {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
            try FileManager.default.setAttributes(
                [.posixPermissions: mode ?? 0o600], ofItemAtPath: path)
        } catch {
            throw Failure(.usage, "\(path): \(SystemError.message(error)).")
        }
    }
}
