package import Values

/// An object at the cloud, whether a state knows it or not.
package struct RemoteObject: Sendable {
    /// Its resource type.
    package let type: String
    /// Its id.
    package let id: String
    /// The id by which it is imported.
    package let importID: String
    /// When it was made, seconds since 1970 by the cloud's clock; nil when the cloud does not say.
    package let createdAt: Int?
    /// The object, of the type that its schema implies; the secret is null.
    package let object: Value

    /// Makes an object.
    package init(type: String, id: String, importID: String, createdAt: Int?, object: Value) {
        self.type = type
        self.id = id
        self.importID = importID
        self.createdAt = createdAt
        self.object = object
    }

    /// Its name; empty when it has none.
    package var name: String { object.text("display_name") ?? object.text("role_name") ?? "" }

    /// The account that it is of: a key's owner, a role binding's principal; nil for others.
    package var owner: String? {
        if let principal = object.text("principal") { return String(principal.drop { $0 != ":" }.dropFirst()) }
        return object.only("owner")?.text("id")
    }

    /// The environment that it is in, or is; nil for what is in none.
    package var environment: String? {
        if object.fields?["stream_governance"] != nil { return id }
        return (object.only("managed_resource") ?? object).only("environment")?.text("id")
    }

    /// The region of Flink that it is for, such as `aws.us-east-1`; nil for others.
    package var region: String? {
        if let scope = object.only("managed_resource") {
            return scope.text("kind") == "Region" ? scope.text("id") : nil
        }
        guard let cloud = object.text("cloud"), let region = object.text("region") else { return nil }
        return "\(cloud.lowercased()).\(region)"
    }

    /// The kind of key, in the Confluent CLI's words; nil for what is no key.
    package var kind: String? {
        guard object.fields?["managed_resource"] != nil else { return nil }
        guard let scope = object.only("managed_resource") else { return "cloud" }
        switch (scope.text("kind"), scope.text("api_version")?.split(separator: "/").first) {
        case ("Region", _): return "flink-region"
        case ("Tableflow", _): return "tableflow"
        case ("Global", _): return "global"
        case (_, "srcm"): return "schema-registry"
        case (_, "ksqldbcm"): return "ksql"
        default: return "kafka"
        }
    }

    /// What it opens or is about: the id of a key's resource, or a role binding's pattern; empty for others.
    package var resource: String {
        object.only("managed_resource")?.text("id") ?? object.text("crn_pattern") ?? region ?? ""
    }
}

extension Value {
    /// The text of an attribute of an object; nil when it is null or not known.
    fileprivate func text(_ name: String) -> String? { fields?[name]?.string }

    /// The only block of that type in an object, or nil.
    fileprivate func only(_ name: String) -> Value? { fields?[name]?.elements?.first }
}

/// Which objects at the cloud are wanted; a nil part does not matter.
package struct ObjectFilter: Hashable, Sendable {
    /// The id of the owner.
    package var owner: String?
    /// The id of the environment.
    package var environment: String?
    /// The region: `aws.us-east-1`, or its name without the cloud.
    package var region: String?
    /// The kind of key, in the Confluent CLI's words; `flink` means `flink-region`.
    package var kind: String?
    /// A pattern of the name, in which `*` stands for any text and `?` for any character.
    package var name: String?

    /// The kinds of keys there are.
    package static let kinds = ["cloud", "flink", "global", "kafka", "ksql", "schema-registry", "tableflow"]

    /// A filter that lets everything through.
    package init() {}

    /// Whether an object is wanted.
    package func accepts(_ object: RemoteObject) -> Bool {
        if let owner, object.owner != owner { return false }
        if let environment, object.environment != environment { return false }
        if let region {
            guard let found = object.region, found == region || found.drop(while: { $0 != "." }).dropFirst() == region
            else { return false }
        }
        if let kind, object.kind != (kind == "flink" ? "flink-region" : kind) { return false }
        return name.map { Self.matches(object.name, $0) } ?? true
    }

    /// Whether a text is of a pattern, in time linear in both for each star.
    static func matches(_ text: String, _ pattern: String) -> Bool {
        let (text, pattern) = (Array(text), Array(pattern))
        var (place, part) = (0, 0)
        // Where the last star is, and up to where it reaches so far.
        var star: (part: Int, place: Int)?
        while place < text.count {
            if part < pattern.count, pattern[part] == "*" {
                star = (part, place)
                part += 1
            } else if part < pattern.count, pattern[part] == "?" || pattern[part] == text[place] {
                place += 1
                part += 1
            } else if let last = star {
                star = (last.part, last.place + 1)
                (place, part) = (last.place + 1, last.part + 1)
            } else {
                return false
            }
        }
        return pattern[part...].allSatisfy { $0 == "*" }
    }
}
