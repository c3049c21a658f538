import Applying
import ConfluentClient
import Configuring
import Diagnostics
import Values

/// Reading keys: many with few calls, and gone only when that is proven.
extension ConfluentProvider {
    /// From so many keys of an owner on, its keys are listed.
    private static let listMinimum = 4
    /// With more keys than this of owners with few, or with more owners than that, one list of all keys is cheaper.
    private static let scatteredMaximum = 100
    static let ownersMaximum = 20
    /// How many keys are asked for at once.
    private static let parallelReads = 10

    func read(_ requests: [ReadRequest]) async -> [ReadAnswer] {
        var listed: [String: APIKey] = [:]
        var counts: [String: Int] = [:]
        for request in requests {
            if let owner = APIKeyResource.owner(request.prior) { counts[owner, default: 0] += 1 }
        }
        for owner in Self.lists(counts) {
            // Should the list fail, the keys are asked for one by one, and that says what is wrong.
            guard let listing = try? await client.listKeys(owner: owner) else { continue }
            await visible.note(listing.items)
            for key in listing.items { listed[key.id] = key }
        }
        var answers = [ReadAnswer?](repeating: nil, count: requests.count)
        var missing: [Int] = []
        for (index, request) in requests.enumerated() {
            if let key = listed[APIKeyResource.id(request.prior)] {
                answers[index] = .object(
                    APIKeyResource.object(key, disableWaitForReady: APIKeyResource.disablesWait(request.prior)))
            } else {
                missing.append(index)
            }
        }
        var doubtful: [(index: Int, error: APIError)] = []
        for single in await readSingly(missing, requests) {
            let index = single.index
            switch single.result {
            case .success(let key):
                await visible.note([key])
                answers[index] = .object(
                    APIKeyResource.object(key, disableWaitForReady: APIKeyResource.disablesWait(requests[index].prior)))
            case .failure(let error) where error.kind == .notFound: answers[index] = .gone
            case .failure(let error) where error.kind == .forbidden: doubtful.append((index, error))
            case .failure(let error): answers[index] = .failed(.api(error))
            }
        }
        // Only now is it known what these credentials can see.
        for (index, error) in doubtful {
            do throws(Diagnostic) {
                let (prior, parts) = (requests[index].prior, requests[index].fingerprint?.parts)
                try await proveGone(
                    APIKeyResource.id(prior), owner: APIKeyResource.owner(prior) ?? parts?["owner"],
                    environment: APIKeyResource.environment(prior) ?? parts?["environment"], because: error)
                answers[index] = .gone
            } catch {
                answers[index] = .failed(error)
            }
        }
        return answers.map {
            $0 ?? .failed(.error("Object not read", "A key was not asked for. This is a bug in flinkform."))
        }
    }

    /// What asking for one key gave; `index` is the request's.
    ///
    /// No tuple: see `TaskResultRule` of the tidy tests.
    private struct SingleRead: Sendable {
        let index: Int
        let result: Result<APIKey, APIError>
    }

    /// Which lists to ask for, given how many keys of each owner are wanted; nil is the list of all keys.
    private static func lists(_ counts: [String: Int]) -> [String?] {
        let owners = counts.filter { $0.value >= listMinimum }.keys.sorted()
        let scattered = counts.values.filter { $0 < listMinimum }.reduce(0, +)
        return owners.count > ownersMaximum || scattered > scatteredMaximum ? [nil] : owners
    }

    private func readSingly(_ indices: [Int], _ requests: [ReadRequest]) async -> [SingleRead] {
        await withTaskGroup(of: SingleRead.self) { group in
            var results: [SingleRead] = []
            var running = 0
            for index in indices {
                if running == Self.parallelReads, let result = await group.next() {
                    results.append(result)
                    running -= 1
                }
                running += 1
                let id = APIKeyResource.id(requests[index].prior)
                group.addTask {
                    do throws(APIError) {
                        let key = try await client.key(id: id)
                        return SingleRead(index: index, result: .success(key))
                    } catch {
                        return SingleRead(index: index, result: .failure(error))
                    }
                }
            }
            for await result in group { results.append(result) }
            return results.sorted { $0.index < $1.index }
        }
    }

    /// Returns when a key that answered "forbidden" is proven gone; throws when it may be only out of sight.
    ///
    /// Confluent Cloud answers 403 for keys that are gone as for keys that the caller may not see. It is gone if another key of its
    /// owner or environment is in sight, or if its owner is gone.
    ///
    /// - Parameters:
    ///   - id: The key's id.
    ///   - owner: Its owner's id; nil when nobody knows it.
    ///   - environment: Its environment's id; nil when nobody knows it.
    ///   - error: What the cloud answered.
    func proveGone(
        _ id: String, owner: String?, environment: String?, because error: APIError
    ) async throws(Diagnostic) {
        if await visible.showsOthers(owner: owner, environment: environment, than: id) { return }
        if let owner, let listing = try? await client.listKeys(owner: owner) {
            await visible.note(listing.items)
            if await visible.showsOthers(owner: owner, environment: environment, than: id) { return }
        }
        if let owner, await isGone(owner: owner) { return }
        throw .notVisible(id, error)
    }

    private func isGone(owner: String) async -> Bool {
        do throws(APIError) {
            if owner.hasPrefix("u-") {
                _ = try await client.user(id: owner)
            } else {
                _ = try await client.serviceAccount(id: owner)
            }
            return false
        } catch {
            return error.kind == .notFound
        }
    }
}

extension Diagnostic {
    fileprivate static func notVisible(_ id: String, _ error: APIError) -> Diagnostic {
        .error(
            "Key not visible to these credentials",
            """
            \(error.description)

            Confluent Cloud answers like this for a key that is deleted and for one that the Cloud API key's owner may not see, \
            and nothing else of the same owner or environment is visible that would tell the two apart. Nothing was changed.

            Use credentials with the role OrganizationAdmin, or ResourceOwner on the key's owner. If you know that \
            \(VisibleText.escaped(id)) was deleted, take it out of the state with "flinkform state rm".
            """)
    }
}
