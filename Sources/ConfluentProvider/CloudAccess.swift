import Applying
import ConfluentClient

/// What resource types and data sources work with: the client, and what the run learnt through it.
struct CloudAccess: Sendable {
    let client: ConfluentClient
    let place: ProviderPlace
    let surroundings: Surroundings
    let visible = Visible()
    let shared = SharedReads()
}

/// What these credentials have been seen to see, in this run.
actor Visible {
    private var circles: [String: Set<String>] = [:]
    private var ids: Set<String> = []

    /// Takes note of objects that were shown.
    func note(_ objects: [CloudObject], of type: any ResourceType.Type) {
        for object in objects {
            ids.insert(object.id)
            for circle in type.circles(of: object.value) {
                circles["\(type.typeName) \(circle)", default: []].insert(object.id)
            }
        }
    }

    /// Whether an object was shown.
    func hasSeen(_ id: String) -> Bool { ids.contains(id) }

    /// Whether another object was shown in one of these circles.
    func showsOthers(in circles: [String], of type: any ResourceType.Type, than id: String) -> Bool {
        circles.contains { (self.circles["\(type.typeName) \($0)"] ?? []).contains { $0 != id } }
    }
}

/// What was read once and serves all data sources of a run, until the run changes something.
actor SharedReads {
    /// What a read gave.
    private struct Outcome: Sendable {
        let result: Result<any Sendable, APIError>
    }

    private var reads: [String: Task<Outcome, Never>] = [:]
    private var counts: [String: Int] = [:]

    /// The result of a read, which is made only once for each name; a failed one is shared, too.
    func value<Result: Sendable>(
        _ name: String, _ read: @escaping @Sendable () async throws(APIError) -> Result
    ) async throws(APIError) -> Result {
        let task =
            reads[name]
            ?? Task {
                do throws(APIError) {
                    return Outcome(result: .success(try await read()))
                } catch {
                    return Outcome(result: .failure(error))
                }
            }
        reads[name] = task
        switch await task.value.result {
        case .success(let value):
            guard let value = value as? Result else {
                preconditionFailure("the read \"\(name)\" is made for two types")
            }
            return value
        case .failure(let error): throw error
        }
    }

    /// How often this was asked for before.
    func uses(_ name: String) -> Int {
        counts[name, default: 0] += 1
        return counts[name, default: 0] - 1
    }

    /// Forgets everything: the run changed something at the cloud.
    func forget() { reads = [:] }
}
