import Configuring
import HCL
import JSON
import Planning
import Values

/// Configurations and a state of so many keys.
struct Workload {
    static let lineage = "00000000-0000-4000-8000-000000000000"

    /// One resource whose `for_each` is a map of all keys.
    let configuration: Configuration

    /// A block of its own for each key.
    let manyBlocks: [UInt8]

    /// Every key of the configuration, as it was created.
    let state: State
    let stateBytes: [UInt8]

    init(keys count: Int) {
        let loaded = Configuration.load([("main.tf", Array(Workload.oneBlock(count).utf8))], catalog: Workload.catalog)
        precondition(loaded.diagnostics.isEmpty)
        configuration = loaded.configuration
        manyBlocks = Array((0..<count).map(Workload.block).joined().utf8)
        var state = State(lineage: Workload.lineage)
        state.resources[Workload.address] = ResourceState(
            provider: "provider[\"registry.terraform.io/example/cloud\"]",
            instances: Dictionary(
                uniqueKeysWithValues: (0..<count).map { number in
                    let object = ObjectState(schemaVersion: 0, attributes: Workload.attributes(number))
                    return (.key(Workload.name(number)), InstanceState(current: object))
                }))
        self.state = state
        stateBytes = state.fileBytes()
    }

    /// Plans with a cloud that agrees with the state, and gives the number of changes.
    func plan(from state: State) -> Int {
        var planner = Planner(
            PlanInputs(
                configuration: configuration, variables: [:], variablesSet: [], state: state, intents: [],
                catalog: Workload.catalog, functions: FunctionTable([]), directory: "/", options: PlanOptions()))
        // Each round answers something new; so many there cannot be.
        for _ in 0..<100 {
            switch planner.advance() {
            case .failed(_, let diagnostics): fatalError("\(diagnostics)")
            case .settled(let plan, _):
                return plan.changes.count { $0.action != .noOp }
            case .needs(let requests):
                for request in requests { planner.answer(request.key, with: Workload.answer(request.question)) }
            }
        }
        fatalError("planning does not end")
    }

    private static func answer(_ question: Request.Question) -> Answer {
        switch question {
        case .configure: .place(organization: "organization", endpoint: "https://localhost")
        case .read(_, let prior): .object(prior)
        case .evidence, .data, .imported: .gone
        case .resemblances: .resemblances([])
        }
    }
}

// MARK: - What it is made of

extension Workload {
    private static let address = ResourceAddress(mode: .managed, type: "cloud_key", name: "all")

    /// A resource type of the size and form of an API key.
    static let catalog: Catalog = {
        let owner = NestedBlockSchema(
            "owner", minimum: 1, maximum: 1, forcesReplacement: true,
            block: BlockSchema(attributes: [
                AttributeSchema("id", .string, .required, forcesReplacement: true),
                AttributeSchema("kind", .string, .required, forcesReplacement: true),
            ]))
        let key = Schema(
            block: BlockSchema(
                attributes: [
                    AttributeSchema("id", .string, .computed),
                    AttributeSchema("display_name", .string, .optional),
                    AttributeSchema("description", .string, .optional),
                    AttributeSchema("secret", .string, .computed, isSensitive: true, isSecret: true),
                ], blocks: [owner]))
        return Catalog([
            ProviderSchema(
                name: "cloud", source: "registry.terraform.io/example/cloud",
                configuration: Schema(block: BlockSchema(attributes: [])), resourceTypes: ["cloud_key": key],
                dataSources: [:])
        ])
    }()

    private static func name(_ number: Int) -> String { "key-\(number)" }

    private static func oneBlock(_ count: Int) -> String {
        let entries = (0..<count).map { "    \"\(name($0))\" = \"words on \($0)\"\n" }.joined()
        return """
            locals {
              keys = {
            \(entries)  }
            }

            resource "cloud_key" "all" {
              for_each     = local.keys
              display_name = each.key
              description  = "${each.value}, ${each.key == "key-0" ? "first" : "later"}"
              owner {
                id   = "sa-1"
                kind = "ServiceAccount"
              }
            }

            """
    }

    private static func block(_ number: Int) -> String {
        """
        resource "cloud_key" "key_\(number)" {
          display_name = "\(name(number))"
          description  = "words on ${1 + \(number)}"
          owner {
            id   = "sa-1"
            kind = "ServiceAccount"
          }
        }

        """
    }

    private static func attributes(_ number: Int) -> JSONObject {
        [
            "description": .string("words on \(number), \(number == 0 ? "first" : "later")"),
            "display_name": .string(name(number)),
            "id": .string("ID\(number)"),
            "owner": [["id": "sa-1", "kind": "ServiceAccount"]],
            "secret": nil,
        ]
    }
}
