import Applying
import ConfluentClient
import Configuring
import Diagnostics
import Values

/// Reading objects: many with few calls, and gone only when that is proven.
extension Operations {
    func read(_ requests: [ReadRequest]) async -> [ReadAnswer] {
        let objects = requests.map { request in
            request.fingerprint.map { type.object(id: request.prior.id, like: $0) } ?? request.prior
        }
        var shown = await listed(objects)
        var doubtful: [(index: Int, error: APIError)] = []
        var answers = [ReadAnswer?](repeating: nil, count: requests.count)
        let missing = objects.indices.filter { shown[objects[$0].id] == nil }
        for single in await readTwice(missing, objects) {
            switch single.result {
            case .success(let object):
                await cloud.visible.note([object], of: type)
                shown[object.id] = object
            case .failure(let error) where error.kind == .notFound: answers[single.index] = .gone
            case .failure(let error) where error.kind == .forbidden: doubtful.append((single.index, error))
            case .failure(let error): answers[single.index] = .failed(.api(error))
            }
        }
        for (index, request) in requests.enumerated() {
            guard let object = shown[request.prior.id] else { continue }
            answers[index] = .object(type.completed(object.value, like: request.prior))
        }
        // Only now is it known what these credentials can see.
        for (index, error) in doubtful {
            do throws(Diagnostic) {
                try await proveGone(objects[index], because: error)
                answers[index] = .gone
            } catch {
                answers[index] = .failed(error)
            }
        }
        return answers.map {
            $0 ?? .failed(.error("Object not read", "An object was not asked for. This is a bug in flinkform."))
        }
    }

    // MARK: - Lists

    /// What one walk along a list gave.
    ///
    /// No tuple: see `TaskResultRule` of the tidy tests.
    private struct Walk: Sendable {
        let objects: [CloudObject]
    }

    /// The wanted objects that lists show, where lists are cheaper than asking for each; id to object.
    private func listed(_ objects: [Value]) async -> [String: CloudObject] {
        var shown: [String: CloudObject] = [:]
        // One list of all objects may turn out too long; then what it did not show is looked for in narrower ones.
        for allowsWholeList in type.needsFilter ? [false] : [true, false] {
            let missing = objects.filter { shown[$0.id] == nil }
            let wanted = Dictionary(grouping: missing) { type.filter(of: $0) }
                .mapValues { Set($0.map(\.id)) }
            let lists = ListChoice.lists(
                wanted, needsFilter: type.needsFilter, allowsWholeList: allowsWholeList)
            for object in await walk(lists) { shown[object.id] = object }
            if lists.allSatisfy({ $0.filter != nil }) { break }
        }
        return shown
    }

    private func walk(_ lists: [ListChoice]) async -> [CloudObject] {
        await withTaskGroup(of: Walk.self) { group in
            var found: [CloudObject] = []
            var running = 0
            for list in lists {
                if running == Self.parallelRequests, let walk = await group.next() {
                    found += walk.objects
                    running -= 1
                }
                running += 1
                group.addTask {
                    var missing = list.ids
                    // Should the list fail, the objects are asked for one by one, and that says what is wrong.
                    let listing = try? await type.list(cloud.client, filter: list.filter) { page in
                        missing.subtract(page.ids)
                        return missing.isEmpty || page.number >= list.pagesMaximum
                    }
                    let objects = listing?.items ?? []
                    await cloud.visible.note(objects, of: type)
                    return Walk(objects: objects)
                }
            }
            for await walk in group { found += walk.objects }
            return found
        }
    }

    // MARK: - Single reads

    /// What asking for one object gave; `index` is the request's.
    private struct SingleRead: Sendable {
        let index: Int
        let result: Result<CloudObject, APIError>

        /// Whether the object is gone or out of sight.
        var isMissing: Bool {
            guard case .failure(let error) = result else { return false }
            return error.kind == .notFound || error.kind == .forbidden
        }
    }

    /// A new object may be out of sight for some seconds after its creation, so nothing is missing that was looked for only once.
    private static let secondLookAfter = Duration.seconds(5)

    /// Asks for objects, and once more, some seconds later, for those that are missing.
    private func readTwice(_ indices: [Int], _ objects: [Value]) async -> [SingleRead] {
        let reads = await readSingly(indices, objects)
        let missing = reads.filter(\.isMissing)
        guard !missing.isEmpty, (try? await cloud.surroundings.clock.sleep(for: Self.secondLookAfter)) != nil else {
            return reads
        }
        return reads.filter { !$0.isMissing } + (await readSingly(missing.map(\.index), objects))
    }

    private func readSingly(_ indices: [Int], _ objects: [Value]) async -> [SingleRead] {
        await withTaskGroup(of: SingleRead.self) { group in
            var results: [SingleRead] = []
            var running = 0
            for index in indices {
                if running == Self.parallelRequests, let result = await group.next() {
                    results.append(result)
                    running -= 1
                }
                running += 1
                let object = objects[index]
                group.addTask {
                    do throws(APIError) {
                        let found = try await type.read(cloud.client, object)
                        return SingleRead(index: index, result: .success(found))
                    } catch {
                        return SingleRead(index: index, result: .failure(error))
                    }
                }
            }
            for await result in group { results.append(result) }
            return results.sorted { $0.index < $1.index }
        }
    }
}

/// A list that is worth walking, for the objects that it is to show.
struct ListChoice: Hashable, Sendable {
    /// The value of its filter; nil is the list of all objects.
    let filter: String?
    /// The ids that are looked for.
    let ids: Set<String>
    /// After so many pages it is cheaper to ask for the rest in another way, so that no more than twice the requests of the
    /// best way are made, however long the list is.
    let pagesMaximum: Int

    /// From so many objects under one filter on, a list is walked.
    private static let listMinimum = 4
    /// How many objects a page shows.
    private static let pageSize = 100

    /// The lists to walk, given the ids that are wanted under each filter; none where asking for each object is cheaper.
    ///
    /// Costs are counted in requests. One list of all objects takes the place of narrower ones when these are many for
    /// few objects each; a few requests more are accepted for narrower ones, since they are walked at the same time.
    static func lists(
        _ wanted: [String?: Set<String>], needsFilter: Bool, allowsWholeList: Bool
    ) -> [ListChoice] {
        var narrow: [ListChoice] = []
        var cost = 0
        for (filter, ids) in wanted {
            if let filter, ids.count >= listMinimum {
                narrow.append(ListChoice(filter: filter, ids: ids, pagesMaximum: ids.count))
                cost += pages(ids.count)
            } else {
                cost += ids.count
            }
        }
        narrow.sort { ($0.filter ?? "") < ($1.filter ?? "") }
        let all = wanted.values.reduce(into: Set<String>()) { $0.formUnion($1) }
        let isWholeListWorth =
            allowsWholeList && !needsFilter && all.count >= listMinimum
            && (wanted.keys.allSatisfy { $0 == nil } || cost > 2 * pages(all.count) + Operations.parallelRequests)
        return isWholeListWorth ? [ListChoice(filter: nil, ids: all, pagesMaximum: cost)] : narrow
    }

    private static func pages(_ count: Int) -> Int { (count + pageSize - 1) / pageSize }
}
