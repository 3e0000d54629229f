import Catalog
import Engine
import Foundation
import Hashing
import Ledger
import Mapping
import Model

/// The salt of hashed fields: a secret, in a file that the connection names.
enum Salt {
    /// A connection that nothing is sent over.
    static func placeholder(_ name: String) -> Connection {
        Connection(name: name, baseURL: "http://127.0.0.1", rate: nil, saltFile: "")
    }

    /// The salt's bytes; the line end after them is no part of it.
    ///
    /// - Throws: ``Failure`` where there is none, or others may read it.
    static func read(for connection: Connection) throws -> [UInt8] {
        guard let path = connection.saltFile else {
            // A rehearsal needs one, and no secret.
            if connection.name == "sandbox" { return Array("sandbox".utf8) }
            throw Failure(
                .usage,
                "the job hashes a field, but the connection \(connection.name) has no `salt_file:`. Add one, "
                    + "or set `salt: none` beside `hash` in the job.")
        }
        if path.isEmpty { return [] }
        guard let data = FileManager.default.contents(atPath: path), data.count <= 4096 else {
            throw Failure(
                .usage, "\(path): the salt cannot be read. Check `salt_file:` of \(connection.name).")
        }
        if !connection.allowsReadableSecrets { try OwnFile.check(secret: path) }
        var salt = Array(data)
        while let last = salt.last, last == 0x0A || last == 0x0D { salt.removeLast() }
        guard salt.count >= 8 else {
            throw Failure(.usage, "\(path): the salt is too short: expected at least 8 bytes.")
        }
        return salt
    }

    /// Another salt makes other values, and other keys of what was sent already: the same file would go twice.
    ///
    /// - Throws: ``Failure`` where the file of that name held another salt before.
    static func check(_ plan: Plan, org: OrgSettings, ledger: Ledger) async throws {
        guard let mapping = plan.mapping, mapping.wantsSalt, let path = plan.connection.saltFile,
            !path.isEmpty
        else { return }
        let name = "salt " + path
        let mark = Array("mark of a salt".utf8) + mapping.salt
        let digest = SHA256.hash(mark).prefix(8).map { String($0, radix: 16) }
            .joined(separator: ".")
        let scope = "org " + (org.id ?? "")
        guard let known = try ledger.learnt(name, connection: scope) else {
            return try await ledger.learn(name, digest, connection: scope)
        }
        guard known == digest else {
            throw Failure(
                .usage,
                "\(path): the salt differs from the one of earlier runs: their records would not be recognized. "
                    + "Restore the old one; to change it for good, use a file of another name.")
        }
    }
}
