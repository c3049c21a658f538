import Applying
import ConfluentClient
import Configuring
import Values

/// `confluent_role_binding`: a role that an account has on something.
///
/// A binding is what it says: two of the same principal, role and pattern cannot be told apart and are one. So an answer that
/// was lost is settled by looking, and there is nothing to record before.
enum RoleBindingResource: ResourceType {
    static let typeName = "confluent_role_binding"
    static let noun = "role binding"
    static let localArguments = ["disable_wait_for_ready"]
    static let needsFilter = true

    static let schema = Schema(
        block: BlockSchema(attributes: [
            AttributeSchema(
                "crn_pattern", .string, .required, forcesReplacement: true,
                problem: Validation.beginning(with: "crn://", as: "crn://confluent.cloud/organization=…")),
            AttributeSchema("disable_wait_for_ready", .bool, .optional, defaultValue: .bool(false)),
            AttributeSchema("id", .string, .computed),
            AttributeSchema(
                "principal", .string, .required, forcesReplacement: true,
                problem: Validation.beginning(with: "User:", as: "User:sa-abc123")),
            AttributeSchema("role_name", .string, .required, forcesReplacement: true, problem: Validation.notEmpty),
        ]))

    static func cloudObject(_ binding: RoleBinding) -> CloudObject {
        let value = Value.object([
            "crn_pattern": .string(binding.crnPattern), "disable_wait_for_ready": .bool(false),
            "id": .string(binding.id), "principal": .string(binding.principal), "role_name": .string(binding.roleName),
        ])
        return CloudObject(id: binding.id, createdAt: binding.createdAt, value: value)
    }

    static func filter(of object: Value) -> String? { object["crn_pattern"] }

    /// The organisation and its environments: bindings on narrower things are not to be found without knowing these.
    static func filters(_ cloud: CloudAccess, owner: String?) async throws(APIError) -> [String?] {
        let organization = Organization(id: cloud.place.organization, displayName: "").resourceName
        return [organization] + (try await EnvironmentDataSource.environments(cloud).map(\.resourceName))
    }

    static func list(
        _ client: ConfluentClient, filter: String?, until isEnough: (Page) -> Bool
    ) async throws(APIError) -> Listing<CloudObject> {
        guard let filter else { return Listing(items: [], serverDate: nil) }
        return try await client.roleBindings(crnPattern: filter, until: isEnough).map(cloudObject)
    }

    static func read(_ client: ConfluentClient, _ object: Value) async throws(APIError) -> CloudObject {
        cloudObject(try await client.roleBinding(id: object.id))
    }

    static func create(_ client: ConfluentClient, _ planned: Value) async -> PostAnswer<CloudObject> {
        let (principal, role) = (planned["principal"] ?? "", planned["role_name"] ?? "")
        let pattern = planned["crn_pattern"] ?? ""
        let answer = await client.createRoleBinding(principal: principal, roleName: role, crnPattern: pattern)
        switch answer {
        case .created: return answer.map(cloudObject)
        case .refused(let error) where error.kind != .conflict: return answer.map(cloudObject)
        case .refused, .ambiguous:
            let listing = try? await client.roleBindings(crnPattern: pattern, principal: principal, roleName: role)
            let found = listing?.items.first {
                $0.principal == principal && $0.roleName == role && $0.crnPattern == pattern
            }
            guard let found else { return answer.map(cloudObject) }
            return .created(cloudObject(found), secret: nil, serverDate: listing?.serverDate)
        }
    }

    /// Nothing of a binding can be changed but what the cloud does not know.
    static func update(
        _ client: ConfluentClient, prior: Value, planned: Value
    ) async throws(APIError) -> CloudObject {
        CloudObject(id: prior.id, createdAt: nil, value: prior)
    }

    static func delete(_ client: ConfluentClient, _ object: Value) async throws(APIError) {
        try await client.deleteRoleBinding(id: object.id)
    }

    static func circles(of object: Value) -> [String] { object["crn_pattern"].map { ["pattern \($0)"] } ?? [] }

    /// The bindings of an account go with it.
    ///
    /// And who sees bindings of the whole organisation, sees those of what is in it.
    static func isProvenGone(_ client: ConfluentClient, _ object: Value) async -> Bool {
        if let organization = object["crn_pattern"].flatMap(Organization.resourceName(in:)) {
            let seen = try? await client.roleBindings(crnPattern: organization) { _ in true }
            if seen?.items.contains(where: { $0.id != object.id && $0.crnPattern == organization }) == true {
                return true
            }
        }
        guard let principal = object["principal"], principal.hasPrefix("User:sa-") else { return false }
        do throws(APIError) {
            _ = try await client.serviceAccount(id: String(principal.dropFirst("User:".count)))
            return false
        } catch {
            return error.kind == .notFound
        }
    }

    /// A binding works when the service that keeps it shows it.
    static func probe(_ cloud: CloudAccess, _ object: Value, secret: String?) async -> Probe? {
        Probe(place: "The role binding") {
            do throws(APIError) {
                _ = try await cloud.client.roleBinding(id: object.id)
                return .ready
            } catch {
                return error.probeAnswer
            }
        }
    }
}

extension APIError {
    /// What an object's own read says about whether it is ready.
    var probeAnswer: ProbeAnswer {
        guard let status else { return .unreachable(reason: detail) }
        return status == 429 || status >= 500
            ? .busy(status: status, wait: nil) : .notYet(status: status, detail: detail)
    }
}
