package import Configuring
package import JSON

/// What came of all conditions of a configuration: of resources, outputs, check blocks and input variables.
package struct CheckResults: Hashable, Sendable {
    /// What kind of thing has conditions; the words are those of state files.
    package enum Kind: String, Hashable, Sendable, Comparable {
        /// A `check` block.
        case check
        /// An output value.
        case output
        /// A resource or a data source.
        case resource
        /// An input variable.
        case variable = "var"

        /// In the order of the words.
        package static func < (left: Kind, right: Kind) -> Bool { left.rawValue < right.rawValue }
    }

    /// Something of the configuration that has conditions.
    package struct Subject: Hashable, Sendable, Comparable {
        /// What it is.
        package let kind: Kind
        /// Its address in the configuration, such as `module.m.output.o`.
        package let address: String

        /// Makes a subject.
        package init(_ kind: Kind, _ address: String) {
            self.kind = kind
            self.address = address
        }

        /// By kind, then by address.
        package static func < (left: Subject, right: Subject) -> Bool {
            (left.kind, left.address) < (right.kind, right.address)
        }
    }

    /// One instance of a subject.
    package struct Object: Hashable, Sendable {
        /// Its address, such as `terraform_data.a[0]`.
        package let address: String
        /// What came of its conditions together.
        package var status: CheckStatus
        /// What the user was told of those that do not hold.
        package var failures: [String]
    }

    private var objects: [Subject: [Object]] = [:]
    private var positions: [String: Int] = [:]
    /// The subjects of which it is known which instances there are.
    private var expanded: Set<Subject> = []

    /// Nothing has conditions.
    package init() {}

    /// Whether nothing has conditions.
    package var isEmpty: Bool { objects.isEmpty }

    /// What has conditions, in order.
    package var subjects: [Subject] { objects.keys.sorted() }

    /// The instances of a subject, in order.
    package subscript(subject: Subject) -> [Object] { objects[subject] ?? [] }

    /// What came of a subject's conditions in all its instances.
    package func status(of subject: Subject) -> CheckStatus {
        expanded.contains(subject) ? Self.together(self[subject].map(\.status)) : .unknown
    }

    /// Takes note that something has conditions, even if there is no instance of it.
    ///
    /// - Parameters:
    ///   - subject: What has conditions.
    ///   - isExpanded: Whether it is known which instances of it there are.
    package mutating func add(_ subject: Subject, isExpanded: Bool) {
        objects[subject, default: []] += []
        if isExpanded { expanded.insert(subject) }
    }

    /// Takes the results of an instance's conditions, in place of those that it had.
    package mutating func note(_ subject: Subject, _ address: String, _ results: [CheckRule.Result]) {
        note(subject, address, Self.together(results.map(\.status)), results.compactMap(\.message))
    }

    /// Takes what came of an instance's conditions, in place of what was known.
    package mutating func note(
        _ subject: Subject, _ address: String, _ status: CheckStatus, _ failures: [String] = []
    ) {
        let object = Object(address: address, status: status, failures: failures)
        expanded.insert(subject)
        let name = "\(subject.kind.rawValue) \(address)"
        if let position = positions[name] {
            objects[subject]?[position] = object
        } else {
            positions[name] = objects[subject]?.count ?? 0
            objects[subject, default: []].append(object)
        }
    }

    private static func together(_ statuses: [CheckStatus]) -> CheckStatus {
        for worst in [CheckStatus.error, .fail, .unknown] where statuses.contains(worst) { return worst }
        return .pass
    }

    // MARK: - JSON

    /// The results as state files have them; nil when nothing has conditions.
    package var json: JSONValue? {
        guard !isEmpty else { return nil }
        return .array(
            subjects.map { subject in
                let objects = self[subject].map { object -> JSONValue in
                    var result: JSONObject = [
                        "object_addr": .string(object.address), "status": .string(object.status.rawValue),
                    ]
                    if !object.failures.isEmpty {
                        result["failure_messages"] = .array(object.failures.map { .string($0) })
                    }
                    return .object(result)
                }
                return [
                    "object_kind": .string(subject.kind.rawValue), "config_addr": .string(subject.address),
                    "status": .string(status(of: subject).rawValue),
                    "objects": objects.isEmpty ? .null : .array(objects),
                ]
            })
    }

    /// Reads what `json` writes; what is of no known kind or status is left out.
    package init(json: JSONValue) {
        for entry in json.array ?? [] {
            guard let kind = entry["object_kind"]?.string.flatMap(Kind.init(rawValue:)),
                let address = entry["config_addr"]?.string
            else { continue }
            let subject = Subject(kind, address)
            add(subject, isExpanded: entry["status"]?.string != CheckStatus.unknown.rawValue)
            for object in entry["objects"]?.array ?? [] {
                guard let name = object["object_addr"]?.string,
                    let status = object["status"]?.string.flatMap(CheckStatus.init(rawValue:))
                else { continue }
                note(subject, name, status, (object["failure_messages"]?.array ?? []).compactMap(\.string))
            }
        }
    }
}

extension CheckResults.Subject {
    /// A resource or a data source.
    package static func resource(_ address: ResourceAddress) -> Self {
        Self(.resource, address.inConfiguration.description)
    }

    /// Something else of a module.
    package static func named(_ kind: CheckResults.Kind, _ name: String, in module: ModuleAddress) -> Self {
        Self(kind, address(kind, name, in: module.inConfiguration))
    }

    /// The address of an instance of something that is no resource.
    package static func address(_ kind: CheckResults.Kind, _ name: String, in module: ModuleAddress) -> String {
        (module.isRoot ? "" : "\(module).") + "\(kind.rawValue).\(name)"
    }
}
