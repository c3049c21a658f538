import Configuring
import JSON
import Planning
import Testing

/// Records of the journal, as lines and replayed.
@Suite struct JournalRecordJSONTests {
    private static let catalog = Catalog([])

    static let records: [JournalRecord] = {
        var missed = SampleState.intent(1)
        missed.missedAt = 7
        var unmanaged = SampleState.intent(2)
        unmanaged.isManaged = false
        var object = SampleState.object(0)
        object.isTainted = true
        object.createBeforeDestroy = true
        object.dependencies = [ResourceAddress(mode: .data, type: "confluent_environment", name: "e")]
        object.record.foreign = ["schema_version": "0"]
        let named = InstanceAddress(SampleState.resource, .key("a\"\u{2028}<"))
        return [
            .opened(SampleState.intent(0)), .opened(missed), .opened(unmanaged), .missed(intent: "intent0", at: 99),
            .settled(intent: "intent0"),
            .recorded(SampleState.key(0), object, provider: "confluent", intent: "intent1"),
            .recorded(named, object, provider: "terraform", intent: nil),
            .delivered(SampleState.key(0), to: "app \"x\"", mark: "0123456789abcdef"),
            .deposed(named, key: "0a1b2c3d"), .restored(named, key: "0a1b2c3d"), .deposed(named, key: "0a1b2c3d"),
            .moved([Plan.Move(from: named, to: SampleState.key(3)), Plan.Move(from: SampleState.key(3), to: named)]),
            .moved([]), .removed(named, deposed: "0a1b2c3d"), .removed(SampleState.key(0), deposed: nil),
            .origin(Origin(organization: "o", endpoint: "e", secretStore: nil, run: "r")),
            .origin(Origin(organization: "o", endpoint: "e", secretStore: "s", run: "r")),
            .outputs(["a": OutputState(value: [1, "x", nil], type: ["tuple", ["number"]], isSensitive: true)]),
            .outputs([:]),
        ]
    }()

    @Test("Every record comes back", arguments: records)
    func roundTrip(_ record: JournalRecord) throws {
        let text = record.json.text(.compact)
        #expect(!text.contains("\n"))
        #expect(try JournalRecord(json: JSONValue(parsing: text)) == record)
    }

    @Test("A record that lacks a member, or is of another kind, is not guessed at", arguments: records)
    func damaged(_ record: JournalRecord) throws {
        let object = try #require(record.json.object)
        let optional: Set<String> = ["intent", "key"]
        for key in object.keys where !(optional.contains(key) && isOptional(key, record)) {
            var less = object
            less[key] = nil
            #expect(JournalRecord(json: .object(less)) == nil, "without \(key)")
        }
        var other = object
        other["record"] = "invented"
        #expect(JournalRecord(json: .object(other)) == nil)
    }

    private func isOptional(_ key: String, _ record: JournalRecord) -> Bool {
        switch record {
        case .recorded: key == "intent"
        case .removed: key == "key"
        default: false
        }
    }

    @Test("A replacement that deposes first ends with the new object alone")
    func replacement() {
        var state = SampleState.state(keys: 1)
        let address = SampleState.key(0)
        let new = SampleState.object(5)
        state.apply(.deposed(address, key: "0a1b2c3d"), catalog: Self.catalog)
        #expect(state[address] == nil)
        state.apply(.recorded(address, new, provider: "confluent", intent: nil), catalog: Self.catalog)
        #expect(state.resources[address.resource]?.instances[address.key]?.deposed["0a1b2c3d"] == SampleState.object(0))
        state.apply(.removed(address, deposed: "0a1b2c3d"), catalog: Self.catalog)
        #expect(state.resources[address.resource]?.instances[address.key] == InstanceState(current: new))
        state.apply(.removed(address, deposed: nil), catalog: Self.catalog)
        #expect(state.resources.isEmpty)
    }

    @Test("A deposed object comes back when its successor was not made, and not over one that was")
    func restoring() {
        var state = SampleState.state(keys: 1)
        let before = state
        let address = SampleState.key(0)
        state.apply(.deposed(address, key: "0a1b2c3d"), catalog: Self.catalog)
        state.apply(.restored(address, key: "0a1b2c3d"), catalog: Self.catalog)
        #expect(state == before)
        state.apply(.deposed(address, key: "0a1b2c3d"), catalog: Self.catalog)
        state.apply(
            .recorded(address, SampleState.object(2), provider: "confluent", intent: nil), catalog: Self.catalog)
        state.apply(.restored(address, key: "0a1b2c3d"), catalog: Self.catalog)
        #expect(state[address] == SampleState.object(2))
    }

    @Test("Intents are open until they are settled or recorded; the first miss counts")
    func intents() {
        var intents: [Intent] = []
        for index in 0..<3 { intents.apply(.opened(SampleState.intent(index))) }
        intents.apply(.missed(intent: "intent1", at: 5))
        intents.apply(.missed(intent: "intent1", at: 9))
        intents.apply(.recorded(SampleState.key(0), SampleState.object(0), provider: "confluent", intent: "intent0"))
        intents.apply(.recorded(SampleState.key(2), SampleState.object(0), provider: "confluent", intent: nil))
        #expect(intents.map(\.id) == ["intent1", "intent2"])
        #expect(intents.first?.missedAt == 5)
        intents.apply(.settled(intent: "intent1"))
        intents.apply(.settled(intent: "intent2"))
        #expect(intents.isEmpty)
    }
}
