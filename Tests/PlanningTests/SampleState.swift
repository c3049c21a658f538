import Configuring
import JSON
import Planning

/// States with keys, for tests.
enum SampleState {
    static let provider = "provider[\"registry.terraform.io/confluentinc/confluent\"]"
    static let resource = ResourceAddress(mode: .managed, type: "confluent_api_key", name: "k")

    static func key(_ index: Int) -> InstanceAddress { InstanceAddress(resource, .index(index)) }

    static func object(_ index: Int) -> ObjectState {
        ObjectState(
            schemaVersion: 0,
            attributes: ["display_name": .string("key \(index)"), "id": .string("ID\(index)"), "secret": nil],
            sensitiveAttributes: [[["type": "get_attr", "value": "secret"]]],
            record: ObjectRecord(organization: "o", endpoint: "e", secretStore: "s"))
    }

    static func state(keys: Int) -> State {
        var state = State(lineage: "11111111-2222-3333-4444-555555555555")
        for index in 0..<keys { state.set(object(index), at: key(index), deposed: nil, provider: provider) }
        return state
    }

    static func intent(_ index: Int) -> Intent {
        Intent(
            id: "intent\(index)", address: key(index), provider: "confluent", organization: "o", endpoint: "e",
            fingerprint: Fingerprint(["name": "n\(index)", "owner": "sa-1", "description": ""]),
            known: ["A", "B"], openedAt: 1_795_400_000)
    }
}
