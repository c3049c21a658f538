package import Applying
package import Diagnostics
package import Networking

/// A state at an address that is read, written and locked by plain requests, as GitLab and Gitea offer it: a `backend "http"` block.
package struct HTTPBackend: Backend {
    /// What it takes.
    package static let arguments = [
        BackendArgument("address", environment: ["TF_HTTP_ADDRESS"]),
        BackendArgument("update_method", environment: ["TF_HTTP_UPDATE_METHOD"]),
        BackendArgument("lock_address", environment: ["TF_HTTP_LOCK_ADDRESS"]),
        BackendArgument("lock_method", environment: ["TF_HTTP_LOCK_METHOD"]),
        BackendArgument("unlock_address", environment: ["TF_HTTP_UNLOCK_ADDRESS"]),
        BackendArgument("unlock_method", environment: ["TF_HTTP_UNLOCK_METHOD"]),
        BackendArgument("username", environment: ["TF_HTTP_USERNAME"]),
        BackendArgument("password", environment: ["TF_HTTP_PASSWORD"], isSecret: true),
        BackendArgument("skip_cert_verification", .bool, environment: ["TF_HTTP_SKIP_CERT_VERIFICATION"]),
        BackendArgument("retry_max", .number, environment: ["TF_HTTP_RETRY_MAX"]),
        BackendArgument("retry_wait_min", .number, environment: ["TF_HTTP_RETRY_WAIT_MIN"]),
        BackendArgument("retry_wait_max", .number, environment: ["TF_HTTP_RETRY_WAIT_MAX"]),
        BackendArgument("client_ca_certificate_pem", environment: ["TF_HTTP_CLIENT_CA_CERTIFICATE_PEM"]),
        BackendArgument("client_certificate_pem", environment: ["TF_HTTP_CLIENT_CERTIFICATE_PEM"]),
        BackendArgument(
            "client_private_key_pem", environment: ["TF_HTTP_CLIENT_PRIVATE_KEY_PEM"], isSecret: true),
    ]

    private let client: HTTPStateClient
    private let surroundings: Surroundings

    /// Makes a backend; nothing is sent yet.
    ///
    /// - Parameters:
    ///   - arguments: The arguments by name, as text.
    ///   - environment: The environment variables, for the arguments that are missing and for proxies.
    ///   - surroundings: The clock and chance for pauses.
    ///   - transport: The way to the server; nil makes one of the arguments.
    /// - Throws: What is wrong with the arguments.
    package init(
        arguments: [String: String], environment: [String: String], surroundings: Surroundings,
        transport: (any Transport)? = nil
    ) throws(Diagnostic) {
        let values = BackendValues("http", Self.arguments, given: arguments, environment: environment)
        func address(_ name: String) throws(Diagnostic) -> WebAddress? {
            guard let text = values.text(name) else { return nil }
            do throws(ClientError) {
                return try WebAddress(text)
            } catch {
                throw values.problem("\(name) cannot be used", error.description)
            }
        }
        func method(_ name: String, _ usual: String) throws(Diagnostic) -> String {
            let method = values.text(name) ?? usual
            guard method.utf8.count <= 32, method.utf8.allSatisfy({ (65...90).contains($0) }) else {
                throw values.problem(
                    "\(name) is \"\(VisibleText.escaped(method))\"", "A method is a word such as \(usual).")
            }
            return method
        }
        guard let place = try address("address") else {
            throw values.problem("address is missing", "Give the address of the state, here or in TF_HTTP_ADDRESS.")
        }
        let (lock, unlock) = (try address("lock_address"), try address("unlock_address"))
        if let unlock, lock == nil {
            throw values.problem(
                "unlock_address is \(unlock.shown), and lock_address is missing", "Give both, or none for no locks.")
        }
        let settings = HTTPStateClient.Settings(
            address: place, lock: lock, unlock: unlock ?? lock, updateMethod: try method("update_method", "POST"),
            lockMethod: try method("lock_method", "LOCK"), unlockMethod: try method("unlock_method", "UNLOCK"),
            credentials: values.text("username").map { Credentials(key: $0, secret: values.text("password") ?? "") })
        let patience = WebRequests.Patience(
            retries: try values.number("retry_max") ?? 2, shortest: .seconds(try values.number("retry_wait_min") ?? 1),
            longest: .seconds(try values.number("retry_wait_max") ?? 30))
        let way: any Transport
        if let transport { way = transport } else { way = try Self.transport(values, environment) }
        client = HTTPStateClient(
            settings, WebRequests(over: way, surroundings: surroundings, patience: patience))
        self.surroundings = surroundings
    }

    private static func transport(
        _ values: BackendValues, _ environment: [String: String]
    ) throws(Diagnostic) -> any Transport {
        let tls = TLSSettings(
            authorities: values.text("client_ca_certificate_pem"), certificates: values.text("client_certificate_pem"),
            privateKey: values.text("client_private_key_pem").map { Secret($0) },
            verifiesServer: try !values.flag("skip_cert_verification"))
        do throws(ClientError) {
            try tls.check()
            return HTTPTransport(
                proxy: try ProxySettings(environment: environment), connectTimeout: .seconds(10),
                readTimeout: .seconds(60), tls: tls)
        } catch {
            throw values.problem("no connection can be made", error.description)
        }
    }

    /// The engine that keeps the state.
    package func engine(workspace: String) throws(EngineError) -> any StateEngine {
        guard workspace == "default" else {
            throw EngineError(
                .refused, "Backend \"http\" has the workspace \"default\" alone, as with Terraform.",
                advice: "Give each workspace an address of its own, with -backend-config or TF_HTTP_ADDRESS.")
        }
        return HTTPEngine(client: client, surroundings: surroundings)
    }

    /// Nil: there is no workspace but `default`.
    package func workspaces() async throws(EngineError) -> [String]? { nil }

    /// Throws: there is no workspace that could be taken away.
    package func remove(workspace: String) async throws(EngineError) {
        throw EngineError(.refused, "Backend \"http\" has the workspace \"default\" alone, which stays.")
    }

    /// Lets connections go; nothing is asked afterwards.
    package func close() async { await client.shutdown() }
}
