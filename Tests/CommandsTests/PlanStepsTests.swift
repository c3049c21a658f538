import BuiltinProvider
import Configuring
import ConfluentProvider
import Diagnostics
import HCL
import JSON
import Planning
import Reporting
import TestSupport
import Testing
import Values

/// The steps of plans, against golden texts: a configuration, a state and what is answered make a program, and nothing else does.
///
/// Each folder of `fixtures/plans` has `main.tf`, perhaps modules, `state.tfstate`, `options` and `interrupted.json`, and `steps.txt`.
/// Run with `UPDATE=1`, the texts are written anew.
@Suite struct PlanStepsTests {
    static let cases: [String] = {
        let names = (try? Fixtures.names(in: "plans", endingWith: "main.tf")) ?? []
        return names.map { $0.split(separator: "/") }.filter { $0.count == 3 }.map { String($0[1]) }
    }()

    private static let catalog = Catalog([BuiltinProvider.schema { _, _ in nil }, Catalogue.schema])

    @Test("The steps are as they were", arguments: cases)
    func steps(_ name: String) throws {
        let plan = try Self.plan(name)
        #expect(Snapshot.difference(StepText.text(plan), golden: "plans/\(name)/steps.txt") == nil)
        // A plan that was saved is performed as it stands.
        let saved = try Plan(fileBytes: plan.fileBytes())
        #expect(saved.steps == plan.steps)
    }

    @Test("Every step comes after those that it waits for, and the outputs come last", arguments: cases)
    func order(_ name: String) throws {
        let plan = try Self.plan(name)
        for (index, step) in plan.steps.enumerated() { #expect(step.waits.allSatisfy { (0..<index).contains($0) }) }
        #expect(plan.steps.last?.work == .outputs)
    }

    // MARK: - Planning

    private static func plan(_ name: String) throws -> Plan {
        func read(_ file: String) -> String? { try? Fixtures.text("plans/\(name)/\(file)") }
        let source = [(name: "main.tf", bytes: Array(try Fixtures.text("plans/\(name)/main.tf").utf8))]
        let (configuration, problems) = Configuration.load(source, catalog: catalog) { directory in
            read("\(directory)/main.tf").map { [(name: "\(directory)/main.tf", bytes: Array($0.utf8))] }
        }
        try #require(!problems.hasErrors, "\(problems)")
        let state = try read("state.tfstate").map { try State(json: try JSONValue(parsing: Array($0.utf8))) }
        let interrupted = try read("interrupted.json").map { try JSONValue(parsing: Array($0.utf8)) } ?? [:]
        var planner = Planner(
            PlanInputs(
                configuration: configuration, variables: [:], variablesSet: [], state: state ?? State(lineage: "l"),
                intents: (interrupted["intents"]?.array ?? []).compactMap(Intent.init(json:)), catalog: catalog,
                functions: FunctionTable([]), directory: "/here", options: try options(read("options") ?? "")))
        while true {
            switch planner.advance() {
            case .settled(let plan, _): return plan
            case .failed(_, let diagnostics): try #require(Bool(false), "\(diagnostics)")
            case .needs(let requests):
                for request in requests { planner.answer(request.key, with: try answer(request.question, interrupted)) }
            }
        }
    }

    private static func options(_ text: String) throws -> PlanOptions {
        var options = PlanOptions()
        for word in text.split(whereSeparator: \.isWhitespace) {
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            switch parts[0] {
            case "-destroy": options.mode = .destroy
            case "-target": options.targets = (options.targets ?? []) + [try Target(parsing: parts[1], as: "target")]
            case "-replace": options.replaced.append(try InstanceAddress(parsing: parts[1]))
            default: Issue.record("\(word)")
            }
        }
        return options
    }

    private static func answer(_ question: Request.Question, _ interrupted: JSONValue) throws -> Answer {
        switch question {
        case .configure: return .place(organization: "o", endpoint: "https://api.example")
        case .read(_, let prior): return .object(prior)
        case .evidence(let type, _):
            let schema = try #require(catalog.providers["confluent"]?.resourceTypes[type])
            return .evidence(
                SettlementEvidence(
                    candidates: (interrupted["found"]?.array ?? []).compactMap(\.string).map {
                        Candidate(id: $0, createdAt: 1_000, object: schema.object(id: $0))
                    },
                    stored: Dictionary(
                        (interrupted["stored"]?.object ?? [:]).compactMap { entry in
                            entry.value.string.map { (entry.key, $0) }
                        }, uniquingKeysWith: { first, _ in first }),
                    serverTime: interrupted["now"]?.int ?? 1_000))
        case .resemblances: return .resemblances([])
        case .imported(_, let id): return .failed(.error("Not found", id))
        case .data(_, let configuration):
            let fields = try #require(configuration.fields)
            return .object(
                Value(.object(fields.replacing("outputs", with: .object(["name": .string("hello")])))))
        }
    }
}
