import Configuring
import JSON
import Planning
import TestSupport
import Testing

/// State files, against files that Terraform wrote.
@Suite struct StateJSONTests {
    @Test("What Terraform wrote comes back byte for byte")
    func roundTrip() throws {
        let names = try Fixtures.names(in: "state/terraform", endingWith: ".tfstate")
        #expect(names.count >= 6)
        for name in names {
            let bytes = try Fixtures.bytes(name)
            let state = try State(json: JSONValue(parsing: bytes))
            #expect(
                String(decoding: state.fileBytes(), as: UTF8.self) == String(decoding: bytes, as: UTF8.self), "\(name)")
        }
    }

    @Test("A tainted and a deposed object are read")
    func interrupted() throws {
        let state = try State(json: JSONValue(parsing: Fixtures.bytes("state/terraform/interrupted.tfstate")))
        let tainted = InstanceAddress(ResourceAddress(mode: .managed, type: "terraform_data", name: "tainted"))
        let replaced = ResourceAddress(mode: .managed, type: "terraform_data", name: "replaced")
        #expect(state[tainted]?.isTainted == true)
        #expect(state.resources[replaced]?.instances[.none]?.deposed.count == 1)
        #expect(state.resources[replaced]?.instances[.none]?.current?.createBeforeDestroy == true)
        #expect(state.instanceAddresses.count == 19)
    }

    @Test("What flinkform adds comes last, and comes back")
    func ours() throws {
        var state = SampleState.state(keys: 2)
        state.origin = Origin(organization: "o", endpoint: "https://e", secretStore: "s", run: "r")
        let text = String(decoding: state.fileBytes(), as: UTF8.self)
        #expect(
            text.hasSuffix(
                """
                  "check_results": null,
                  "flinkform": {
                    "organization": "o",
                    "endpoint": "https://e",
                    "secret_store": "s",
                    "run": "r"
                  }
                }

                """))
        #expect(try State(json: JSONValue(parsing: text)) == state)
    }

    @Test("The record of an object survives, and so does what a provider put beside it")
    func record() throws {
        let all: [JSONValue?] = [Optional.none, .some(.null), .some(["schema_version": "0"])]
        for foreign in all {
            var state = SampleState.state(keys: 0)
            state.note(AdoptedState(lineage: "l", serial: 2, isWhole: true))
            let records = [
                ObjectRecord(foreign: foreign),
                ObjectRecord(
                    organization: "o", endpoint: "e", secretStore: "s", isSecretKnown: false,
                    adopted: AdoptedState(lineage: "l", serial: 2, isWhole: true), foreign: foreign),
            ]
            for (index, record) in records.enumerated() {
                state.set(
                    ObjectState(schemaVersion: 0, attributes: ["id": "x"], record: record),
                    at: SampleState.key(index), deposed: nil, provider: SampleState.provider)
            }
            #expect(try State(json: JSONValue(parsing: state.fileBytes())) == state)
        }
    }

    @Test("Dependencies are sorted by their text, as Terraform does")
    func dependencies() throws {
        var state = SampleState.state(keys: 1)
        let data = ResourceAddress(mode: .data, type: "confluent_environment", name: "e")
        let account = ResourceAddress(mode: .managed, type: "confluent_service_account", name: "a")
        let other = ResourceAddress(mode: .managed, type: "terraform_data", name: "t")
        var object = try #require(state[SampleState.key(0)])
        object.dependencies = [data, account, other]
        state.set(object, at: SampleState.key(0), deposed: nil, provider: SampleState.provider)
        let json = try JSONValue(parsing: state.fileBytes())
        let written = json["resources"]?.array?.first?["instances"]?.array?.first?["dependencies"]
        #expect(written == ["confluent_service_account.a", "data.confluent_environment.e", "terraform_data.t"])
        #expect(try State(json: json) == state)
    }

    @Test(
        "What is no state of this version is refused",
        arguments: [
            (#"[]"#, "one JSON object"), (#"{}"#, "version"), (#"{"version":4}"#, "lineage"),
            (#"{"version":4,"lineage":"l","serial":-1}"#, "serial"),
            (#"{"version":4,"lineage":"l","serial":9223372036854775807}"#, "serial"),
            (#"{"version":4,"lineage":"l","serial":1,"resources":{}}"#, "\"resources\" is not an array"),
            (#"{"version":4,"lineage":"l","serial":1,"outputs":[]}"#, "\"outputs\" is not an object"),
            (#"{"version":4,"lineage":"l","serial":1,"resources":[{}]}"#, "lacks its mode"),
            (
                #"{"version":4,"lineage":"l","serial":1,"resources":[{"module":"m"}]}"#,
                "no address of a module"
            ),
            (instance(#"{"attributes_flat":{"id":"x"}}"#), "has no attributes"),
            (instance(#"{"index_key":1.5,"attributes":{}}"#), "not a whole number"),
            (instance(#"{"index_key":true,"attributes":{}}"#), "neither a number nor a string"),
            (instance(#"{"attributes":{}},{"attributes":{}}"#), "twice"),
            (instance(#"{"deposed":"a","attributes":{}},{"deposed":"a","attributes":{}}"#), "twice"),
        ])
    func refused(text: String, reason: String) throws {
        let json = try JSONValue(parsing: text)
        do throws(StateFileError) {
            _ = try State(json: json)
            Issue.record("it was read")
        } catch {
            guard case .malformed(let sentence) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(sentence.contains(reason))
        }
    }

    private static func instance(_ instances: String) -> String {
        """
        {"version":4,"lineage":"l","serial":1,"resources":[{"mode":"managed","type":"t","name":"n",\
        "provider":"p","instances":[\(instances)]}]}
        """
    }

    @Test("Another format version is named", arguments: [3, 5])
    func version(_ version: Int) throws {
        let json: JSONValue = ["version": .number(JSONNumber(version)), "lineage": "l", "serial": 1]
        #expect(throws: StateFileError.version(version)) { try State(json: json) }
    }
}
