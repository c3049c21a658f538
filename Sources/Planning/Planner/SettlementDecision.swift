import Configuring
package import Diagnostics
package import Values

/// An object at the cloud that may be what an interrupted create made.
package struct Candidate: Hashable, Sendable {
    /// Its id.
    package var id: String
    /// When it was created, seconds since 1970 by the cloud's clock; nil when the cloud did not say.
    package var createdAt: Int?
    /// The object as the cloud has it.
    package var object: Value

    /// Makes a candidate.
    package init(id: String, createdAt: Int?, object: Value) {
        self.id = id
        self.createdAt = createdAt
        self.object = object
    }
}

/// What was found out about unfinished intents of one fingerprint.
package struct SettlementEvidence: Sendable {
    /// The objects at the cloud with that fingerprint, and those whose ids the secret store has for one of the intents.
    ///
    /// Those whose secrets the store has from elsewhere are not among them: nothing of them is lost.
    package var candidates: [Candidate]
    /// Intent id to object id, for the intents that the secret store has a secret of.
    package var stored: [String: String]
    /// The cloud's clock when the candidates were listed, seconds since 1970.
    package var serverTime: Int

    /// Makes evidence.
    package init(candidates: [Candidate], stored: [String: String], serverTime: Int) {
        self.candidates = candidates
        self.stored = stored
        self.serverTime = serverTime
    }
}

extension Settlement {
    /// How long after an unanswered call its object may still show at the cloud, in seconds of the cloud's clock.
    package static let lateCommitSeconds = 600

    /// Decides how unfinished intents of one fingerprint are settled, and which objects are theirs.
    ///
    /// 1. An intent whose secret is stored is finished with the object that the store names, or over if that is gone.
    /// 2. Other candidates count only if no state has them, they were not known before, and they are not older than an intent.
    /// 3. As many of those as intents, or fewer: they are ours. Without their secrets they are of no use and are discarded;
    ///    objects of a type that has none are finished.
    /// 4. More: nobody can tell which are ours; throws a diagnostic that shows them.
    /// 5. An intent for which none is left is watched for ten minutes, then dropped.
    ///
    /// - Parameters:
    ///   - intents: The unfinished intents.
    ///   - evidence: What was found out.
    ///   - managed: The ids of all objects that the state has.
    ///   - hasSecret: Whether objects of this type have a secret, which the cloud shows once.
    package static func decide(
        _ intents: [Intent], evidence: SettlementEvidence, managed: Set<String>, hasSecret: Bool
    ) throws(Diagnostic) -> [Settlement] {
        let existing = Set(evidence.candidates.map(\.id))
        var result: [Settlement] = []
        var open: [Intent] = []
        for intent in intents {
            if let id = evidence.stored[intent.id] {
                result.append(existing.contains(id) ? .finish(intent, id: id) : .gone(intent, id: id))
            } else {
                open.append(intent)
            }
        }
        guard let earliest = open.map(\.openedAt).min() else { return result }
        let settled = Set(evidence.stored.values)
        let known = Set(open.flatMap(\.known))
        let ours = evidence.candidates.filter { candidate in
            !managed.contains(candidate.id) && !settled.contains(candidate.id) && !known.contains(candidate.id)
                && (candidate.createdAt ?? .max) >= earliest
        }.map(\.id).sorted()
        guard ours.count <= open.count else { throw .tooManyCandidates(open, ids: ours) }
        for (index, intent) in open.enumerated() {
            if index < ours.count {
                result.append(hasSecret ? .discard(intent, ids: [ours[index]]) : .finish(intent, id: ours[index]))
                continue
            }
            var missed = intent
            missed.missedAt = intent.missedAt ?? evidence.serverTime
            let waited = evidence.serverTime - (missed.missedAt ?? evidence.serverTime)
            result.append(waited > lateCommitSeconds ? .drop(missed) : .watch(missed))
        }
        return result
    }
}

// MARK: - Messages

extension Diagnostic {
    fileprivate static func tooManyCandidates(_ intents: [Intent], ids: [String]) -> Diagnostic {
        let addresses = Set(intents.map(\.address.description)).sorted().joined(separator: ", ")
        let keys = ids.map { "    " + VisibleText.escaped($0) }.joined(separator: "\n")
        return .error(
            "Interrupted create cannot be settled",
            """
            An earlier run was interrupted while it created \(addresses). At the cloud there are now \(ids.count) objects \
            with the same owner, scope, name and description that no state knows, and at most \(intents.count) of them can \
            be from that run:

            \(keys)

            Nothing was changed. Find out which of them are in use. Import one that is to stay with "flinkform import", \
            delete the others in the Confluent Cloud Console, and run the command again.
            """)
    }
}
