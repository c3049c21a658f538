import Applying
import Configuring
import Diagnostics
import Planning
import Storage

/// The state of a directory, for commands that read it or change nothing but it.
///
/// The configuration need not be whole.
struct StateReading {
    let store: any StateStore
    let settings: Settings
    let secrets: any SecretStore
    let location: StateLocation
    private let newLineage: String

    init(_ invocation: Invocation) throws {
        let configuration = try Project.partialConfiguration(invocation)
        location = try StateLocation(configuration, invocation)
        newLineage = invocation.surroundings.uuid()
        store = try location.store(
            invocation, run: invocation.surroundings.hexadecimal(digits: 16), newLineage: newLineage,
            encryption: try EncryptionSource.encryption(of: configuration, nil, invocation))
        settings = try Settings.load(invocation)
        secrets = try settings.secretStore(of: location, invocation)
    }

    /// The state of now, the journal of an interrupted run included; empty when there is none.
    func state() async throws -> State {
        try await existing() ?? State(lineage: newLineage)
    }

    /// The state; nil when there is none yet.
    func existing() async throws -> State? { try await store.read().state }

    /// The ids of the keys whose secrets are known; none when the store cannot be read.
    func knownSecrets() async -> Set<String> {
        Set(((try? await secrets.entries()) ?? []).map(\.key))
    }
}
