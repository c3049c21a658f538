import Applying
import Diagnostics

/// The journal below a state: an object for each part, `{state}.journal/{generation}.{number}`, eight digits each, made only where there
/// is none.
///
/// An empty object is a *fence*: it takes the place of the next part of a generation, so that a run which has lost its lock without
/// noticing can add nothing more. A generation without its first part is what was left of one that was taken away.
extension S3Engine {
    private var prefix: String { key + ".journal/" }

    /// The parts of a generation that are there.
    private struct Generation {
        var lengths: [Int: Int] = [:]
        /// How many parts there are before a gap or the fence.
        var count: Int { (0...).first { lengths[$0, default: 0] == 0 } ?? 0 }
        var isFenced: Bool { lengths.values.contains(0) }
    }

    private func partKey(_ generation: Int, _ number: Int) -> String { prefix + Self.name(generation, number) }

    private static func name(_ generation: Int, _ number: Int) -> String {
        [generation, number].map { number in
            let digits = String(number)
            return String(repeating: "0", count: max(0, 8 - digits.count)) + digits
        }.joined(separator: ".")
    }

    private func generations(_ what: String) async throws(EngineError) -> [Int: Generation] {
        var found: [Int: Generation] = [:]
        for object in try await client.list(what, prefix: prefix) {
            let numbers = object.key.dropFirst(prefix.count).split(separator: ".").compactMap { Int($0) }
            guard numbers.count == 2, object.key == partKey(numbers[0], numbers[1]) else { continue }
            found[numbers[0], default: Generation()].lengths[numbers[1]] = object.length
        }
        return found
    }

    func journal() async throws(EngineError) -> EngineJournal? {
        let what = "The journal could not be read"
        let found = try await generations(what)
        guard let newest = found.filter({ $0.value.count > 0 }).max(by: { $0.key < $1.key }) else {
            seenJournal = SeenJournal(generation: 0, count: 0)
            return nil
        }
        let keys = (0..<newest.value.count).map { partKey(newest.key, $0) }
        let client = client
        let parts = try await Concurrently.map(keys, width: 16) { key throws(EngineError) in
            guard let part = try await client.get(what, key) else {
                throw EngineError(.away, "\(what): \(client.place(key)) was there a moment ago, and is gone.")
            }
            return part.bytes
        }
        seenJournal = SeenJournal(generation: newest.key, count: parts.count)
        return EngineJournal(generation: newest.key, parts: parts)
    }

    func append(_ part: [UInt8], generation: Int, number: Int) async throws(EngineError) {
        let what = "The journal could not be written"
        if number == 0 { try await begin(generation, what) }
        // Both at once, since the journal is what a run waits for most: what was written is of no effect if the lock is lost.
        async let checked = lockCheck()
        let written: Result<S3Client.Writing, EngineError>
        do throws(EngineError) {
            written = .success(try await client.put(what, partKey(generation, number), part, if: .absent))
        } catch {
            written = .failure(error)
        }
        try await checked.get()
        if case .unmet(let mayBeOurs) = try written.get() {
            guard mayBeOurs, try await client.get(what, partKey(generation, number))?.bytes == part else {
                throw EngineError(.lockLost, "Another run goes on with the journal of \(place).")
            }
        }
        seenJournal = SeenJournal(generation: generation, count: number + 1)
    }

    private func lockCheck() async -> Result<Void, EngineError> {
        do throws(EngineError) {
            try await checkLock()
            return .success(())
        } catch {
            return .failure(error)
        }
    }

    /// Before the first part of a generation: nothing can be added to those before any more.
    private func begin(_ generation: Int, _ what: String) async throws(EngineError) {
        try await checkLock()
        let found = try await generations(what)
        for (other, content) in found.sorted(by: { $0.key < $1.key }) {
            guard content.count > 0 else {
                try await remove(other, content, what)
                continue
            }
            if other > generation {
                throw EngineError(.lockLost, "Another run has begun a later journal of \(place).")
            }
            guard other < generation, !content.isFenced else { continue }
            let isAsRead = seenJournal.map {
                $0 == SeenJournal(generation: other, count: content.count) || other < $0.generation
            }
            guard isAsRead ?? true, try await fence(other, content.count, what) else {
                throw EngineError(
                    .conflict,
                    "Another run wrote to the journal of \(place) after it was read: it did not notice that it lost its lock."
                )
            }
        }
    }

    /// Puts a fence behind the parts of a generation; false when there is another part instead.
    private func fence(_ generation: Int, _ number: Int, _ what: String) async throws(EngineError) -> Bool {
        switch try await client.put(what, partKey(generation, number), [], if: .absent) {
        case .done: true
        case .unmet: try await client.get(what, partKey(generation, number))?.bytes.isEmpty == true
        }
    }

    func removeJournal(through generation: Int) async throws(EngineError) {
        let what = "The journal could not be removed"
        for (other, content) in try await generations(what).sorted(by: { $0.key < $1.key }) where other <= generation {
            try await remove(other, content, what)
        }
        if let seen = seenJournal, seen.generation <= generation { seenJournal = SeenJournal(generation: 0, count: 0) }
    }

    /// Takes a generation away: its first part first, since without that nobody reads the others.
    private func remove(_ generation: Int, _ content: Generation, _ what: String) async throws(EngineError) {
        if content.lengths[0] != nil { try await client.delete(what, partKey(generation, 0)) }
        let keys = content.lengths.keys.filter { $0 > 0 }.sorted().map { partKey(generation, $0) }
        let client = client
        _ = try await Concurrently.map(keys, width: 16) { key throws(EngineError) in try await client.delete(what, key)
        }
    }
}
