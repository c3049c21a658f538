import Applying
import Configuring
import ConfluentClient
import Diagnostics
import Networking
import Planning
import Values

/// What can be done with the objects of a type, as the engine asks for it.
struct Operations: Sendable {
    let cloud: CloudAccess
    let type: any ResourceType.Type

    /// How many requests of one operation are made at once.
    static let parallelRequests = 10
    /// With more filters than this one list of all objects is cheaper.
    static let listsMaximum = 20

    // MARK: - Finding

    func find(
        like fingerprints: [Fingerprint], matching parts: Set<String>?
    ) async throws(Diagnostic) -> Findings {
        func narrowed(_ fingerprint: Fingerprint) -> Fingerprint {
            guard let parts else { return fingerprint }
            return Fingerprint(fingerprint.parts.filter { parts.contains($0.key) })
        }
        let wanted = Set(fingerprints.map(narrowed))
        let listing = try await Calls.perform { () async throws(APIError) in
            try await type.candidates(cloud.client, like: fingerprints)
        }
        await cloud.visible.note(listing.items, of: type)
        let found = listing.items.compactMap { object -> Findings.Found? in
            guard let fingerprint = type.schema.fingerprint?(object.value), wanted.contains(narrowed(fingerprint))
            else { return nil }
            return Findings.Found(
                id: object.id, importID: type.importID(of: object.value), fingerprint: fingerprint,
                createdAt: object.createdAt, object: object.value)
        }
        let serverTime = listing.serverDate.map { Int($0.microseconds / 1_000_000) }
        return Findings(found: found.sorted { $0.id < $1.id }, serverTime: serverTime ?? 0)
    }

    // MARK: - Listing

    func list(owner: String?) async throws(Diagnostic) -> [RemoteObject] {
        let objects = try await Calls.perform { () async throws(APIError) in
            var all: [CloudObject] = []
            for filter in try await type.filters(cloud, owner: owner) {
                all += try await type.list(cloud.client, filter: filter) { _ in false }.items
            }
            return all
        }
        await cloud.visible.note(objects, of: type)
        return objects.sorted { $0.id < $1.id }.map { object in
            RemoteObject(
                type: type.typeName, id: object.id, importID: type.importID(of: object.value),
                createdAt: object.createdAt, object: object.value)
        }
    }

    // MARK: - Making and changing

    func create(_ planned: Value) async -> CreateAnswer {
        let answer = await type.create(cloud.client, planned)
        await cloud.shared.forget()
        switch answer {
        case .created(let object, let secret, _):
            await cloud.visible.note([object], of: type)
            return .created(type.completed(object.value, like: planned), secret: secret?.revealed)
        case .refused(let error): return .refused(.api(error))
        case .ambiguous(let error): return .ambiguous(.api(error))
        }
    }

    func update(prior: Value, planned: Value) async throws(Diagnostic) -> Value {
        let object = try await Calls.perform { () async throws(APIError) in
            try await type.update(cloud.client, prior: prior, planned: planned)
        }
        await cloud.shared.forget()
        return type.completed(object.value, like: planned)
    }

    // MARK: - Importing

    func importObject(_ importID: String) async throws(Diagnostic) -> ImportedObject {
        let named = try type.object(importID: importID)
        let found: CloudObject
        do throws(APIError) {
            found = try await type.read(cloud.client, named)
        } catch {
            guard error.kind == .notFound || error.kind == .forbidden else { throw .api(error) }
            throw .objectNotFound(named.id, noun: type.noun, error)
        }
        if let mismatch = type.mismatch(found.value, named: named) { throw mismatch }
        await cloud.visible.note([found], of: type)
        return ImportedObject(object: type.completed(found.value, like: type.schema.defaults), id: found.id)
    }

    // MARK: - Deleting

    func delete(_ object: Value) async throws(Diagnostic) {
        do throws(APIError) {
            try await type.delete(cloud.client, object)
            await cloud.shared.forget()
        } catch {
            switch error.kind {
            case .notFound: return
            case .forbidden: try await checkGone(object, refusal: error)
            default: throw .api(error)
            }
        }
    }

    /// Returns when an object whose deletion was forbidden is gone; throws when it may be there.
    private func checkGone(_ object: Value, refusal: APIError) async throws(Diagnostic) {
        do throws(APIError) {
            _ = try await type.read(cloud.client, object)
        } catch {
            switch error.kind {
            case .notFound: return
            case .forbidden:
                // These credentials saw it in this run, and do not see it any more: an earlier attempt removed it.
                if await cloud.visible.hasSeen(object.id) { return }
                return try await proveGone(object, because: refusal)
            default: throw .api(error)
            }
        }
        // It can be seen, so it is the deletion that is not allowed.
        throw .api(refusal)
    }

    /// Returns when an object that answered "forbidden" is proven gone; throws when it may be only out of sight.
    ///
    /// Confluent Cloud answers 403 for many objects that are gone as for those that the caller may not see. It is gone if
    /// another object is in sight that nobody could see without seeing this one, or if what it hangs on is gone.
    ///
    /// - Parameters:
    ///   - object: What is known of the object.
    ///   - error: What the cloud answered.
    func proveGone(_ object: Value, because error: APIError) async throws(Diagnostic) {
        let circles = type.circles(of: object)
        if await cloud.visible.showsOthers(in: circles, of: type, than: object.id) { return }
        let filter = type.filter(of: object)
        if filter != nil, let listing = try? await type.list(cloud.client, filter: filter, until: { _ in false }) {
            await cloud.visible.note(listing.items, of: type)
            if await cloud.visible.showsOthers(in: circles, of: type, than: object.id) { return }
        }
        if await type.isProvenGone(cloud.client, object) { return }
        throw .notVisible(object.id, noun: type.noun, error)
    }
}

extension Schema {
    /// An object in which every argument has its default.
    fileprivate var defaults: Value {
        .object(
            Dictionary(
                uniqueKeysWithValues: block.attributes.map { ($0.name, $0.defaultValue ?? .null($0.type)) }
                    + block.blocks.map { ($0.name, $0.value(of: [])) }))
    }
}

// MARK: - Messages

extension Diagnostic {
    /// - Parameters:
    ///   - id: What the user gave.
    ///   - noun: What an object of the type is called.
    ///   - forms: The forms that an id for import has, such as `ENVIRONMENT_ID/API_KEY_ID`.
    ///   - example: An example of the first form; nil for none.
    static func malformedImportID(_ id: String, noun: String, forms: [String], example: String? = nil) -> Diagnostic {
        let shown = forms.map { "    " + $0 }.joined(separator: "\n")
        let introduction =
            forms.count == 1 ? "An id for import has this form:" : "An id for import is either of these:"
        let suffix = example.map { "\n\nsuch as \($0)." } ?? ""
        return .error(
            "Invalid import id",
            "\"\(VisibleText.escaped(id))\" does not name a \(noun). \(introduction)\n\(shown)\(suffix)")
    }

    fileprivate static func objectNotFound(_ id: String, noun: String, _ error: APIError) -> Diagnostic {
        let meaning =
            error.kind == .notFound
            ? "There is no such \(noun) in this organization. Check the id, and that the credentials are of the right organization."
            : """
            There is no \(noun) \(VisibleText.escaped(id)), or these credentials may not see it: Confluent Cloud answers alike for \
            both. Check the id, the organization, and the role of the Cloud API key's owner.
            """
        return .error(
            "\(noun.prefix(1).uppercased())\(noun.dropFirst()) not found", "\(error.description)\n\n\(meaning)")
    }

    fileprivate static func notVisible(_ id: String, noun: String, _ error: APIError) -> Diagnostic {
        .error(
            "\(noun.prefix(1).uppercased())\(noun.dropFirst()) not visible to these credentials",
            """
            \(error.description)

            Confluent Cloud answers like this for a \(noun) that is deleted and for one that the Cloud API key's owner may not see, \
            and nothing else near it is visible that would tell the two apart. Nothing was changed.

            Use credentials with the role OrganizationAdmin or, for a key, ResourceOwner on its owner. If you know that \
            \(VisibleText.escaped(id)) was deleted, take it out of the state with "flinkform state rm".
            """)
    }
}
