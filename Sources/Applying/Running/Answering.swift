package import Configuring
package import Diagnostics
package import Planning
import Values

/// Plans, by asking the cloud and the secret store what planning must be told.
package struct Answering: Sendable {
    private let providers: Providers
    private let secrets: any SecretStore
    private let catalog: Catalog
    private let parallelism: Int
    private let elapsed: @Sendable () -> Duration
    private let report: @Sendable (ApplyEvent) -> Void

    /// Makes the means to plan.
    ///
    /// - Parameters:
    ///   - providers: The providers of the run.
    ///   - secrets: Where secrets of interrupted creates are looked up.
    ///   - catalog: The resource types there are.
    ///   - parallelism: How many data sources are read at once.
    ///   - elapsed: The time since some moment, for progress.
    ///   - report: Told what is being read.
    package init(
        providers: Providers, secrets: any SecretStore, catalog: Catalog, parallelism: Int,
        elapsed: @escaping @Sendable () -> Duration, report: @escaping @Sendable (ApplyEvent) -> Void
    ) {
        self.providers = providers
        self.secrets = secrets
        self.catalog = catalog
        self.parallelism = parallelism
        self.elapsed = elapsed
        self.report = report
    }

    /// What came of planning.
    package struct Planned: Sendable {
        /// The plan; nil exactly when a diagnostic is an error.
        package var plan: Plan?
        /// What was planned although no plan can be made; nil with a plan, and when planning did not come to that.
        package var remains: Plan?
        /// Errors and warnings.
        package var diagnostics: [Diagnostic]
    }

    /// Makes a plan.
    package func plan(_ inputs: PlanInputs) async -> Planned {
        var planner = Planner(inputs)
        let unasked = planner.unasked
        var progress = planner.advance()
        // What is refused before anything is looked at is refused without a word of objects.
        for (address, id) in planner.hasLooked ? unasked : [] {
            report(.refreshing(address, id: id))
            report(.refreshed(address, id: id))
        }
        while true {
            switch progress {
            case .settled(let plan, let diagnostics): return Planned(plan: plan, diagnostics: diagnostics)
            case .failed(let remains, let diagnostics): return Planned(remains: remains, diagnostics: diagnostics)
            case .needs(let requests):
                for (key, answer) in await answers(to: requests) { planner.answer(key, with: answer) }
                progress = planner.advance()
            }
        }
    }

    /// Answers a batch; each kind of question goes to each provider at once.
    private func answers(to requests: [Request]) async -> [(Request.Key, Answer)] {
        var groups: [String: [Request]] = [:]
        for request in requests { groups[request.provider, default: []].append(request) }
        var result: [(Request.Key, Answer)] = []
        for (name, group) in groups.sorted(by: { $0.key < $1.key }) {
            result += await answers(to: group, of: name)
        }
        return result
    }

    private func answers(to requests: [Request], of name: String) async -> [(Request.Key, Answer)] {
        var result: [(Request.Key, Answer)] = []
        for request in requests {
            guard case .configure(let configuration) = request.question else { continue }
            do {
                let place = try await providers.configure(name, configuration).place
                result.append(
                    (
                        request.key,
                        .place(organization: place?.organization ?? "", endpoint: place?.endpoint ?? "")
                    ))
            } catch {
                result.append((request.key, .failed(error)))
            }
        }
        let rest = requests.filter { if case .configure = $0.question { false } else { true } }
        guard !rest.isEmpty else { return result }
        let provider: any Provider
        do {
            provider = try await providers.provider(name)
        } catch {
            return rest.map { ($0.key, .failed(error)) }
        }
        result += await reads(rest, provider)
        result += await evidence(rest, provider)
        result += await resemblances(rest, provider)
        result += await imports(rest, provider)
        result += await data(rest, provider)
        return result
    }

    private func reads(_ requests: [Request], _ provider: any Provider) async -> [(Request.Key, Answer)] {
        var keys: [Request.Key] = []
        var reads: [ReadRequest] = []
        for request in requests {
            guard case .read(let type, let prior) = request.question else { continue }
            keys.append(request.key)
            reads.append(ReadRequest(type: type, prior: prior))
            if case .object(let address, _) = request.key, let id = prior.fields?["id"]?.string {
                report(.refreshing(address, id: id))
            }
        }
        guard !reads.isEmpty else { return [] }
        let answers = await provider.read(reads)
        for (request, key) in zip(reads, keys) {
            if case .object(let address, _) = key, let id = request.prior.fields?["id"]?.string {
                report(.refreshed(address, id: id))
            }
        }
        return zip(keys, answers).map { key, answer in
            switch answer {
            case .object(let object): (key, .object(object))
            case .gone: (key, .gone)
            case .failed(let diagnostic): (key, .failed(diagnostic))
            }
        }
    }

    /// What finding one object to import gave.
    private struct ImportAnswer: Sendable {
        let key: Request.Key
        let answer: Answer
    }

    private func imports(_ requests: [Request], _ provider: any Provider) async -> [(Request.Key, Answer)] {
        await withTaskGroup(of: ImportAnswer.self) { group in
            var result: [ImportAnswer] = []
            var running = 0
            for request in requests {
                guard case .imported(let type, let importID) = request.question else { continue }
                if running == parallelism, let answer = await group.next() {
                    result.append(answer)
                    running -= 1
                }
                running += 1
                if case .imported(let address) = request.key { report(.preparingImport(address, id: importID)) }
                let secrets = secrets
                group.addTask {
                    do throws(Diagnostic) {
                        let found = try await provider.importObject(type: type, id: importID)
                        let isSecretKnown = try await secrets.entry(found.id) != nil
                        let store = isSecretKnown ? try await secrets.id() : nil
                        return ImportAnswer(
                            key: request.key, answer: .imported(found.object, id: found.id, secretStore: store))
                    } catch {
                        return ImportAnswer(key: request.key, answer: .failed(error))
                    }
                }
            }
            for await answer in group { result.append(answer) }
            // What was found was read with it.
            for found in result {
                guard case .imported(let address) = found.key, case .imported(_, let id, _) = found.answer else {
                    continue
                }
                report(.refreshing(address, id: id))
                report(.refreshed(address, id: id))
            }
            return result.map { ($0.key, $0.answer) }
        }
    }

    /// What reading one data source gave.
    private struct SourceAnswer: Sendable {
        let key: Request.Key
        let answer: Answer
    }

    private func data(_ requests: [Request], _ provider: any Provider) async -> [(Request.Key, Answer)] {
        await withTaskGroup(of: SourceAnswer.self) { group in
            var result: [SourceAnswer] = []
            var running = 0
            for request in requests {
                guard case .data(let type, let configuration) = request.question,
                    case .data(let address) = request.key
                else { continue }
                if running == parallelism, let answer = await group.next() {
                    result.append(answer)
                    running -= 1
                }
                running += 1
                report(.started(address, .reading, id: nil))
                let start = elapsed()
                group.addTask {
                    do throws(Diagnostic) {
                        let value = try await provider.readData(type: type, configuration: configuration)
                        let id = value.fields?["id"]?.string
                        report(.finished(address, .reading, id: id, elapsed: elapsed() - start))
                        return SourceAnswer(key: request.key, answer: .object(value))
                    } catch {
                        return SourceAnswer(key: request.key, answer: .failed(error))
                    }
                }
            }
            for await answer in group { result.append(answer) }
            return result.map { ($0.key, $0.answer) }
        }
    }

    // MARK: - Interrupted creates and look-alikes

    private func evidence(_ requests: [Request], _ provider: any Provider) async -> [(Request.Key, Answer)] {
        var wanted: [String: [(key: Request.Key, intents: [Intent])]] = [:]
        for request in requests {
            guard case .evidence(let type, let intents) = request.question else { continue }
            wanted[type, default: []].append((request.key, intents))
        }
        var result: [(Request.Key, Answer)] = []
        for (type, groups) in wanted.sorted(by: { $0.key < $1.key }) {
            do throws(Diagnostic) {
                let found = try await evidence(type, groups.map(\.intents), provider)
                result += zip(groups, found).map { ($0.key, .evidence($1)) }
            } catch {
                result += groups.map { ($0.key, .failed(error)) }
            }
        }
        return result
    }

    /// What is known of unfinished intents, each group of one fingerprint: the secret store first, then the cloud.
    ///
    /// All groups are looked up with one question to the cloud; the answers are in the groups' order.
    func evidence(
        _ type: String, _ groups: [[Intent]], _ provider: any Provider
    ) async throws(Diagnostic) -> [SettlementEvidence] {
        let fingerprints = groups.compactMap(\.first?.fingerprint)
        let findings = try await provider.find(type: type, like: fingerprints, matching: nil)
        var found: [Fingerprint: [Candidate]] = [:]
        for item in findings.found {
            found[item.fingerprint, default: []].append(
                Candidate(id: item.id, createdAt: item.createdAt, object: item.object))
        }
        var kept: [String: String] = [:]
        if !findings.found.isEmpty {
            for entry in try await secrets.entries() { kept[entry.key] = entry.intent ?? "" }
        }
        var result: [SettlementEvidence] = []
        for group in groups {
            let ids = Set(group.map(\.id))
            let candidates = (group.first.flatMap { found[$0.fingerprint] } ?? []).filter { candidate in
                kept[candidate.id].map { ids.contains($0) } ?? true
            }
            var evidence = SettlementEvidence(candidates: candidates, stored: [:], serverTime: findings.serverTime)
            for intent in group {
                if let entry = try await secrets.entry(intent: intent.id) { evidence.stored[intent.id] = entry.key }
            }
            evidence.candidates += try await unlisted(type, evidence, group, provider)
            result.append(evidence)
        }
        return result
    }

    /// What the secret store names and the list has not: a list proves no absence, so it is asked for by its id.
    private func unlisted(
        _ type: String, _ evidence: SettlementEvidence, _ group: [Intent], _ provider: any Provider
    ) async throws(Diagnostic) -> [Candidate] {
        let missing = Set(evidence.stored.values).subtracting(evidence.candidates.map(\.id)).sorted()
        guard !missing.isEmpty, let schema = catalog.schema(for: ResourceAddress(mode: .managed, type: type, name: ""))
        else { return [] }
        let requests = missing.map {
            ReadRequest(type: type, prior: schema.object(id: $0), fingerprint: group.first?.fingerprint)
        }
        var result: [Candidate] = []
        for (id, answer) in zip(missing, await provider.read(requests)) {
            switch answer {
            case .object(let object): result.append(Candidate(id: id, createdAt: nil, object: object))
            case .gone: continue
            case .failed(let diagnostic): throw diagnostic
            }
        }
        return result
    }

    private func resemblances(_ requests: [Request], _ provider: any Provider) async -> [(Request.Key, Answer)] {
        var wanted: [String: [(key: Request.Key, fingerprint: Fingerprint)]] = [:]
        for request in requests {
            guard case .resemblances(let type, let fingerprint) = request.question else { continue }
            wanted[type, default: []].append((request.key, fingerprint))
        }
        var result: [(Request.Key, Answer)] = []
        for (type, group) in wanted.sorted(by: { $0.key < $1.key }) {
            let parts = Set(group.flatMap { $0.fingerprint.parts.keys }).subtracting(["description"])
            func narrowed(_ fingerprint: Fingerprint) -> Fingerprint {
                Fingerprint(fingerprint.parts.filter { parts.contains($0.key) })
            }
            do {
                let findings = try await provider.find(type: type, like: group.map(\.fingerprint), matching: parts)
                var found: [Fingerprint: [(id: String, importID: String)]] = [:]
                for item in findings.found {
                    found[narrowed(item.fingerprint), default: []].append((item.id, item.importID))
                }
                result += group.map { ($0.key, .resemblances(found[narrowed($0.fingerprint)] ?? [])) }
            } catch {
                result += group.map { ($0.key, .failed(error)) }
            }
        }
        return result
    }
}
