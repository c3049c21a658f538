import Applying
import Configuring
import Diagnostics
import EngineSupport
import JSON
import Planning
import Storage
import Testing
import Values

/// What the tests of the stores keep in them.
enum Samples {
    static let directory = "/project"
    static let statePath = "/project/flinkform.tfstate"
    static let journalPath = statePath + ".journal"
    static let secretsPath = statePath + ".secrets.json"
    static let resource = ResourceAddress(mode: .managed, type: "confluent_api_key", name: "k")
    static let lineage = "11111111-2222-3333-4444-555555555555"

    static let catalog = Catalog([
        ProviderSchema(
            name: "confluent", source: "registry.terraform.io/confluentinc/confluent",
            configuration: Schema(block: BlockSchema(attributes: [])),
            resourceTypes: [
                "confluent_api_key": Schema(
                    block: BlockSchema(attributes: [
                        AttributeSchema("id", .string, .computed),
                        AttributeSchema("secret", .string, .computed, isSensitive: true, isSecret: true),
                    ]))
            ], dataSources: [:])
    ])

    static func key(_ index: Int) -> InstanceAddress { InstanceAddress(resource, .index(index)) }

    static func object(_ index: Int) -> ObjectState {
        ObjectState(
            schemaVersion: 0, attributes: ["id": .string("ID\(index)"), "secret": .null],
            record: ObjectRecord(organization: "o", endpoint: "e", secretStore: "s"))
    }

    static func recorded(_ index: Int, intent: String? = nil) -> JournalRecord {
        .recorded(key(index), object(index), provider: "confluent", intent: intent)
    }

    static func intent(_ index: Int) -> Intent {
        Intent(
            id: "intent\(index)", address: key(index), provider: "confluent", organization: "o", endpoint: "e",
            fingerprint: Fingerprint(["name": "n\(index)"]), known: ["A"], openedAt: 100)
    }

    static func state(keys: some Sequence<Int>, origin: Origin? = nil) -> State {
        var state = State(lineage: lineage)
        for index in keys { state.apply(recorded(index), catalog: catalog) }
        state.origin = origin
        return state
    }

    static func origin(_ run: String) -> Origin { Origin(organization: "o", endpoint: "e", secretStore: nil, run: run) }

    static func holder(_ path: String = statePath) -> LockHolder {
        LockHolder(
            id: "0f0f", operation: "OperationTypeApply", who: "me@here", version: "0.1.0",
            created: "2026-11-23T08:00:00.123456789Z", path: path)
    }

    static func store(
        _ files: any FileSystem, _ path: String = statePath, run: String = "run1", time: TestTime = TestTime(),
        encryption: Encryption = Encryption()
    ) -> LocalStateStore {
        LocalStateStore(
            path: path, files: files, catalog: catalog, surroundings: time.surroundings(), run: run,
            newLineage: lineage, encryption: encryption)
    }

    /// A store that holds the lock.
    static func locked(
        _ files: any FileSystem, _ path: String = statePath, run: String = "run1", encryption: Encryption = Encryption()
    ) async throws -> LocalStateStore {
        let store = store(files, path, run: run, encryption: encryption)
        try await store.lock(holder(path), timeout: .zero)
        return store
    }

    static func secrets(
        _ files: any FileSystem, _ path: String = secretsPath, id: String = "store1",
        standing: FileSecretStore.VersionControl.Standing = .unknown,
        encryption: FileSecretStore.Encryption? = nil
    ) -> FileSecretStore {
        FileSecretStore(
            path: path, encryption: encryption, files: files,
            versionControl: FileSecretStore.VersionControl { _ in standing }, newID: id)
    }

    /// A passphrase, with a cost that tests can afford.
    static func passphrase(_ text: String) -> FileSecretStore.Encryption {
        FileSecretStore.Encryption(source: SecretKeySource { .passphrase(Array(text.utf8)) }, cost: 16)
    }

    static func entry(_ index: Int, _ secret: String = "s") -> SecretEntry {
        SecretEntry(key: "ID\(index)", secret: secret, intent: "intent\(index)", stored: "2026-11-23T08:00:00Z")
    }
}

extension State {
    /// The indices of the keys that are there.
    var keys: [Int] {
        instanceAddresses.compactMap { if case .index(let index) = $0.key, self[$0] != nil { index } else { nil } }
    }
}

/// The error of something that must fail.
func failure(
    _ body: () async throws -> some Any, sourceLocation: SourceLocation = #_sourceLocation
) async -> Diagnostic {
    do {
        _ = try await body()
    } catch {
        if let diagnostic = error as? Diagnostic { return diagnostic }
        Issue.record("\(error)", sourceLocation: sourceLocation)
        return .error("", "")
    }
    Issue.record("it went well", sourceLocation: sourceLocation)
    return .error("", "")
}
