import Model
import Sandbox
import Transport

/// An open connection to the API.
struct APISession {
    let connection: Connection
    let sender: HTTPClient
    /// The server behind the built-in connection `sandbox`; nil: any other connection.
    let sandbox: SandboxServer?

    /// Where it leads, for people. The path of the built-in sandbox is its secret.
    var address: String { sandbox == nil ? connection.baseURL : "built in" }

    func close() async {
        await sender.shutdown()
        await sandbox?.stop()
    }

    /// Runs `body`, and closes the connection in any case.
    func use<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            let value = try await body()
            await close()
            return value
        } catch {
            await close()
            throw error
        }
    }
}
