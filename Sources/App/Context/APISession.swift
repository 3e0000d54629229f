package import Model
import Sandbox
package import Transport

/// An open connection to the API.
package struct APISession {
    package let connection: Connection
    package let sender: HTTPClient
    /// The server behind the built-in connection `sandbox`; nil: any other connection.
    let sandbox: SandboxServer?

    package func close() async {
        await sender.shutdown()
        await sandbox?.stop()
    }

    /// Runs `body`, and closes the connection in any case.
    package func use<Value>(_ body: () async throws -> Value) async throws -> Value {
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
