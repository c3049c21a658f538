package import Configuring
package import Diagnostics
import JSON
package import Values

/// Taking a Terraform state over into a state of ours: what is taken, what stays, what is in the way.
///
/// It is decided here, from both states and from what the cloud says; others do it. The file is never changed by it.
package struct Adoption: Sendable {
    /// An object of the file that flinkform can manage.
    package struct Taking: Sendable, CustomReflectable {
        /// What becomes of it.
        package enum Fate: Hashable, Sendable {
            /// The state does not have it: it is taken.
            case new
            /// It is taken in the place of an object that is gone from the cloud.
            case replaces(id: String)
            /// The state has it, and Terraform changed it since; the attributes that differ are taken.
            case changed([String])
            /// The state has it already: nothing but its secret is taken, if that is not known.
            case kept
        }

        /// Where it goes.
        package let address: InstanceAddress
        /// The key of a deposed object; nil for a current one.
        package let deposed: String?
        /// The provider as the file names it.
        let provider: String
        /// The object without its secret.
        let object: ObjectState
        /// The object as a value of its type.
        let value: Value
        /// Whether it lives in the state alone, so that no cloud is asked for it.
        package let isBuiltin: Bool
        /// Whether its type has a secret.
        package let hasSecret: Bool
        /// The secret that the file has in clear; nil when it has none.
        package let secret: String?
        /// What becomes of it.
        package internal(set) var fate = Fate.new

        /// Its id at the cloud.
        package var id: String { object.id ?? "" }
        /// What to call it.
        package var name: String { address.description + (deposed.map { " (deposed object \($0))" } ?? "") }
        /// The name alone, so that no dump shows the secret.
        package var customMirror: Mirror { Mirror(self, children: ["name": name]) }
    }

    /// Something that stays where it is.
    package struct Remainder: Hashable, Sendable {
        /// What to call it.
        package let name: String
        /// Why it stays, as a sentence.
        package let reason: String
        /// Whether it is a data source, which each plan reads anew.
        package let isData: Bool
    }

    /// An object to look for at the cloud before it is decided.
    package struct Question: Sendable {
        /// The address that it is about.
        package let address: InstanceAddress
        /// The object as its state has it.
        package let prior: Value
        /// The place of the taking that it is about.
        fileprivate let taking: Int
        /// Whether it is not the taking itself, but what the state has in its place.
        fileprivate let isRival: Bool
    }

    /// The file, as far as it is remembered.
    package private(set) var source: AdoptedState
    /// What flinkform can manage; sorted.
    package private(set) var takings: [Taking] = []
    /// What stays, in the order of the file.
    package private(set) var remainders: [Remainder] = []
    /// What is in the way; nothing is taken unless this is empty.
    package private(set) var conflicts: [Diagnostic] = []
    /// What the cloud is to be asked.
    package private(set) var questions: [Question] = []
    /// How many objects were found gone from the cloud.
    package private(set) var goneCount = 0

    /// Compares a file with a state.
    ///
    /// - Parameters:
    ///   - file: The Terraform state.
    ///   - state: The state that takes it over.
    ///   - catalog: The resource types there are.
    ///   - configured: The resources of the configuration: what is not among them stays. Nil takes everything.
    package init(of file: TerraformState, into state: State, catalog: Catalog, configured: Set<ResourceAddress>?) {
        source = AdoptedState(lineage: file.lineage, serial: file.serial, isWhole: true)
        var names: [String: String] = [:]
        for entry in file.entries {
            do {
                let taking = try entry.taking(catalog, configured: configured)
                if let other = names.updateValue(taking.name, forKey: taking.identity) {
                    conflicts.append(.twiceInFile(taking.id, other, taking.name))
                }
                takings.append(taking)
            } catch {
                remainders.append(Remainder(name: entry.name, reason: error.text, isData: entry.mode == .data))
            }
        }
        takings.sort { ($0.address, $0.deposed ?? "") < ($1.address, $1.deposed ?? "") }
        let known = Dictionary(
            state.places.map { ("\($0.address.resource.type) \($0.object.id ?? "")", $0.address) },
            uniquingKeysWith: { first, _ in first })
        for index in takings.indices { compare(index, with: state, known[takings[index].identity], catalog) }
        source.isWhole = remainders.allSatisfy(\.isData)
    }

    /// Finds out what an object of the file is to the state.
    ///
    /// - Parameters:
    ///   - index: The object.
    ///   - state: The state.
    ///   - present: Where the state has the same object, if it does.
    ///   - catalog: The resource types there are.
    private mutating func compare(
        _ index: Int, with state: State, _ present: InstanceAddress?, _ catalog: Catalog
    ) {
        let taking = takings[index]
        let there = state[taking.address, deposed: taking.deposed]
        if let there, there.id == taking.id {
            let isNewer = there.record.adopted.map { $0.lineage == source.lineage && $0.serial < source.serial }
            let names = there.differences(from: taking.object)
            takings[index].fate = isNewer == true && !names.isEmpty ? .changed(names) : .kept
        } else if let present {
            // At the same address, one of the two is deposed: a replacement is on its way.
            takings[index].fate = .kept
            if present != taking.address { conflicts.append(.elsewhere(taking.id, taking.name, present)) }
        } else if taking.isBuiltin {
            if let there { conflicts.append(.occupied(taking, there.id ?? "")) }
        } else {
            questions.append(Question(address: taking.address, prior: taking.value, taking: index, isRival: false))
            guard let there else { return }
            takings[index].fate = .replaces(id: there.id ?? "")
            guard let schema = catalog.schema(for: taking.address.resource), let rival = try? there.value(schema) else {
                conflicts.append(.occupied(taking, there.id ?? ""))
                return
            }
            questions.append(Question(address: taking.address, prior: rival, taking: index, isRival: true))
        }
    }

    // MARK: - What the cloud says

    /// Takes over what the cloud said, one answer for each question; returns what could not be found out.
    package mutating func answer(_ answers: [Answer]) -> [Diagnostic] {
        var problems: [Diagnostic] = []
        var gone: Set<Int> = []
        var standing: Set<Int> = []
        for (question, answer) in zip(questions, answers) {
            switch answer {
            case .object: if question.isRival { standing.insert(question.taking) }
            case .gone: if !question.isRival { gone.insert(question.taking) }
            case .failed(var diagnostic):
                diagnostic.address = diagnostic.address ?? question.address.description
                problems.append(diagnostic)
            default: problems.append(.unfittingAnswer)
            }
        }
        for index in standing.subtracting(gone).sorted() {
            if case .replaces(let id) = takings[index].fate { conflicts.append(.occupied(takings[index], id)) }
        }
        for index in gone.sorted() {
            remainders.append(
                Remainder(name: takings[index].name, reason: "It is gone from the cloud.", isData: false))
        }
        takings = takings.enumerated().filter { !gone.contains($0.offset) }.map(\.element)
        goneCount = gone.count
        questions = []
        return problems
    }

    /// Goes on without asking the cloud: which of two objects is gone cannot be told then.
    package mutating func goOnUnasked() {
        for question in questions where question.isRival {
            let taking = takings[question.taking]
            if case .replaces(let id) = taking.fate { conflicts.append(.occupied(taking, id)) }
        }
        questions = []
    }

    // MARK: - The state afterwards

    /// The secrets that the file has in clear, by the ids of their objects.
    package var secrets: [String: String] {
        Dictionary(
            takings.compactMap { taking in taking.secret.map { (taking.id, $0) } },
            uniquingKeysWith: { first, _ in first })
    }

    /// Whether the state gets no object that it does not have as it is.
    package var takesNothing: Bool { takings.allSatisfy { $0.fate == .kept } }

    /// The state with everything that is taken.
    ///
    /// - Parameters:
    ///   - state: The state that was compared.
    ///   - place: Where the objects were seen; nil when the cloud was not asked.
    ///   - known: The ids of the objects whose secrets are known.
    ///   - store: The id of the secret store that knows them.
    package func applied(to state: State, place: Origin?, known: Set<String>, store: String?) -> State {
        var result = state
        for taking in takings {
            let there = state[taking.address, deposed: taking.deposed]
            var object = taking.object
            switch taking.fate {
            case .kept:
                guard let there, there.id == taking.id else { continue }
                object = there
            case .changed: object.record = there?.record ?? object.record
            case .new, .replaces:
                if !taking.isBuiltin {
                    object.record.organization = object.record.organization ?? place?.organization
                    object.record.endpoint = object.record.endpoint ?? place?.endpoint
                }
                object.record.secretStore = nil
            }
            if taking.isTaken || object.record.adopted?.lineage == source.lineage { object.record.adopted = source }
            if taking.hasSecret, object.record.secretStore == nil {
                object.record.isSecretKnown = known.contains(taking.id)
                object.record.secretStore = object.record.isSecretKnown ? store : nil
            }
            result.set(object, at: taking.address, deposed: taking.deposed, provider: taking.provider)
        }
        result.note(source)
        if let place, result != state {
            result.origin = Origin(
                organization: place.organization, endpoint: place.endpoint,
                secretStore: (known.isEmpty ? nil : store) ?? state.origin?.secretStore, run: place.run)
        }
        return result
    }
}

extension Adoption.Taking {
    /// What tells it from every other object.
    fileprivate var identity: String { "\(address.resource.type) \(id)" }
    /// Whether the state gets something that it does not have.
    package var isTaken: Bool { fate != .kept }
}

extension State {
    /// The object at an address, current or deposed; nil when there is none.
    package subscript(address: InstanceAddress, deposed key: String?) -> ObjectState? {
        let instance = resources[address.resource]?.instances[address.key]
        return key.map { instance?.deposed[$0] } ?? instance?.current
    }

    /// All managed objects with their addresses; in no order.
    fileprivate var places: [(address: InstanceAddress, object: ObjectState)] {
        resources.filter { $0.key.mode == .managed }.flatMap { address, resource in
            resource.instances.flatMap { key, instance in
                ([instance.current].compactMap { $0 } + instance.deposed.values).map {
                    (InstanceAddress(address, key), $0)
                }
            }
        }
    }
}

extension ObjectState {
    /// The names of the attributes that another object of the same id has otherwise, and `status` for a taint.
    fileprivate func differences(from other: ObjectState) -> [String] {
        let names = Set(attributes.keys).union(other.attributes.keys).sorted()
        return names.filter { attributes[$0] ?? .null != other.attributes[$0] ?? .null }
            + (isTainted == other.isTainted ? [] : ["status"])
    }
}

// MARK: - Messages

extension Diagnostic {
    fileprivate static func twiceInFile(_ id: String, _ first: String, _ second: String) -> Diagnostic {
        .error(
            "Object at two addresses",
            """
            The Terraform state has \(VisibleText.escaped(id)) both as \(VisibleText.escaped(first)) and as \
            \(VisibleText.escaped(second)). Destroying or replacing one would take it from the other, too. Let Terraform forget \
            one of them: terraform state rm ADDRESS
            """)
    }

    fileprivate static func elsewhere(_ id: String, _ name: String, _ present: InstanceAddress) -> Diagnostic {
        .error(
            "Object already in state",
            """
            The Terraform state has \(VisibleText.escaped(id)) as \(VisibleText.escaped(name)), and flinkform manages it as \
            \(VisibleText.escaped(present.description)) already. Let Terraform forget it: terraform state rm \
            '\(VisibleText.escaped(name))'. Or take it out here and adopt it under its other address: flinkform state rm \
            '\(VisibleText.escaped(present.description))'
            """)
    }

    fileprivate static func occupied(_ taking: Adoption.Taking, _ present: String) -> Diagnostic {
        .error(
            "Address is taken",
            """
            \(VisibleText.escaped(taking.name)) is \(VisibleText.escaped(taking.id)) in the Terraform state and \
            \(VisibleText.escaped(present)) in flinkform's, and neither is known to be gone from the cloud. Let Terraform forget \
            its one with "terraform state rm", or take the other out here with "flinkform state rm", and adopt again.
            """)
    }
}
