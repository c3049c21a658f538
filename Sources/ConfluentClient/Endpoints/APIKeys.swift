import JSON
import Networking

/// API keys: `/iam/v2/api-keys`.
extension ConfluentClient {
    private static var keys: String { "/iam/v2/api-keys" }

    /// All keys that these credentials may see, without secrets; those of one owner when its id is given.
    ///
    /// That a key is not listed proves nothing; see `key(id:)`.
    ///
    /// The list is not walked further once `isEnough` says so of what was found.
    package func listKeys(
        owner: String? = nil, until isEnough: (Page) -> Bool = { _ in false }
    ) async throws(APIError) -> Listing<APIKey> {
        let query = owner.map { [(name: "spec.owner", value: $0)] } ?? []
        return try await Pagination(exchange: exchange).all(
            Self.keys, query: query, id: \.id, until: isEnough, read: APIKey.init)
    }

    /// One key.
    ///
    /// A missing one throws `.notFound`, or `.forbidden` as some services do.
    package func key(id: String) async throws(APIError) -> APIKey {
        try await object(Request(.get, Request.path(Self.keys, id)), read: APIKey.init)
    }

    /// Changes the name, the description, or both; nil leaves one as it is and an empty text empties it.
    ///
    /// With nothing to change the key is only read.
    package func updateKey(
        id: String, displayName: String?, description: String?
    ) async throws(APIError) -> APIKey {
        var spec: [(String, JSONValue)] = []
        if let displayName { spec.append(("display_name", .string(displayName))) }
        if let description { spec.append(("description", .string(description))) }
        if spec.isEmpty { return try await key(id: id) }
        let body = JSONValue.object(JSONObject([("spec", .object(JSONObject(spec)))]))
        return try await object(Request(.patch, Request.path(Self.keys, id), body: body), read: APIKey.init)
    }

    /// Removes a key.
    ///
    /// A missing one throws `.notFound` or `.forbidden`, also when an earlier attempt of this call removed it.
    package func deleteKey(id: String) async throws(APIError) {
        try await remove(Request(.delete, Request.path(Self.keys, id)))
    }

    /// Asks for a new key, once; see `PostAnswer` for what may come of it.
    ///
    /// The request is repeated only after 429 or when it is certain that nothing was sent. Once it is on its way,
    /// cancelling the calling task does not give it up: the call returns when the answer is there or the time is over.
    package func createKey(_ wanted: KeyRequest) async -> PostAnswer<APIKey> {
        await make(Request(.post, Self.keys, body: wanted.body)) { body throws(AnswerMistake) in
            try Self.created(body, wanted: wanted)
        }
    }

    /// Reads id and secret; anything else that is missing or odd is taken from the request, since a secret that was
    /// shown must not be lost over a detail.
    private static func created(
        _ body: [UInt8], wanted: KeyRequest
    ) throws(AnswerMistake) -> (object: APIKey, secret: Secret?) {
        let reader = try AnswerReader(try AnswerReader.json(body))
        let id = try reader.id()
        guard let secret = try reader.object("spec").optionalText("secret"), !secret.isEmpty else {
            throw AnswerMistake(text: "key \"\(ServerText.cleaned(id, hiding: [], limit: 64))\" came without a secret")
        }
        let asked = APIKey(
            id: id, displayName: wanted.displayName, description: wanted.description, ownerID: wanted.ownerID,
            ownerKind: wanted.ownerKind, resource: wanted.scope,
            createdText: (try? reader.optionalObject("metadata")?.text("created_at")) ?? "")
        return ((try? APIKey(reader)) ?? asked, Secret(secret))
    }
}
