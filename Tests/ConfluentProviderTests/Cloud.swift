import Applying
import ConfluentProvider
import Configuring
import Diagnostics
import Emulator
import EngineSupport
import Values

/// A provider, and the cloud that it talks to.
struct Cloud {
    static let type = "confluent_api_key"

    let emulator: RunningEmulator
    let provider: any Provider

    /// Does something with a new cloud, and ends it afterwards; throws what the work throws.
    static func with(_ work: (Cloud) async throws -> Void) async throws {
        let emulator = try await RunningEmulator.start(EmulatorSettings())
        do {
            let source = ConfluentCloud.source(
                environment: [:], login: { nil }, version: "test", surroundings: HurriedClock().surroundings(seed: 1),
                announceWait: { _ in })
            let provider = try await source("confluent", Self.configuration(emulator))
            await emulator.forgetRequests()
            try await work(Cloud(emulator: emulator, provider: provider))
            await provider.close()
        } catch {
            await emulator.stop()
            throw error
        }
        await emulator.stop()
    }

    private static func configuration(_ emulator: RunningEmulator) -> Value {
        let fields: [String: Value] = [
            "endpoint": .string(emulator.url), "cloud_api_key": .string(emulator.cloudAPIKey),
            "cloud_api_secret": .string(emulator.cloudAPISecret),
        ]
        var all = fields
        for attribute in Catalogue.schema.configuration.block.attributes where all[attribute.name] == nil {
            all[attribute.name] = .null(attribute.type)
        }
        return .object(all)
    }

    /// A key as state knows it.
    static func object(
        id: String, name: String = "k", description: String? = nil, owner: String = "sa-demo1",
        environment: String = "env-demo1", disablesWait: Bool = true
    ) -> Value {
        func list(_ object: Value) -> Value { .list(object.type, [object]) }
        return .object([
            "id": .string(id), "display_name": .string(name), "secret": .null(.string),
            "description": description.map { .string($0) } ?? .null(.string),
            "disable_wait_for_ready": .bool(disablesWait),
            "owner": list(
                .object([
                    "id": .string(owner), "api_version": .string("iam/v2"), "kind": .string("ServiceAccount"),
                ])),
            "managed_resource": list(
                .object([
                    "id": .string("aws.us-east-1"), "api_version": .string("fcpm/v2"), "kind": .string("Region"),
                    "environment": list(.object(["id": .string(environment)])),
                ])),
        ])
    }

    /// What reading keys gives, in words: the name of what was found, `gone`, or the summary of what went wrong.
    func read(_ priors: [Value]) async -> [String] {
        await provider.read(priors.map { ReadRequest(type: Self.type, prior: $0) }).map { answer in
            switch answer {
            case .object(let object): object.fields?["display_name"]?.string ?? ""
            case .gone: "gone"
            case .failed(let diagnostic): diagnostic.summary
            }
        }
    }

    /// The requests since the provider was made: method and path.
    func requests() async -> [String] { await emulator.requests().map { "\($0.method) \($0.path)" } }
}
