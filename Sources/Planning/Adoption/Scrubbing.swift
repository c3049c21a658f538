package import Configuring
import JSON

/// Taking secrets out of a Terraform state.
extension TerraformState {
    /// A Terraform state without secrets, and what became of them.
    package struct Scrubbed: Sendable {
        /// The content without the secrets, with the same serial.
        package var content: TerraformState
        /// The names of the objects whose secrets were taken out, in the order of the file.
        package var objects: [String] = []
        /// The names of the outputs that held one of these secrets, and are null, or null in part, now.
        package var outputs: [String] = []
        /// The names of objects that have a secret which stays, because flinkform does not have the same one.
        package var kept: [String] = []
        /// The names of other objects that hold one of the secrets: they stay as they are.
        package var elsewhere: [String] = []

        /// Whether something was taken out.
        package var isChanged: Bool { !objects.isEmpty || !outputs.isEmpty }
    }

    /// The content without the secrets that are known to be kept elsewhere.
    ///
    /// Outputs that hold one of them, as it is or in Base64, become null there; Terraform works them out anew.
    ///
    /// - Parameters:
    ///   - secrets: The secrets that may go, by the ids of their objects.
    ///   - catalog: The resource types there are.
    package func scrubbed(of secrets: [String: String], catalog: Catalog) -> Scrubbed {
        var result = Scrubbed(content: self)
        let search = SecretSearch(Array(secrets.values))
        result.content.updateEntries { entry in
            guard var instance = entry.instance.object, var attributes = instance["attributes"]?.object else {
                return entry.instance
            }
            guard let name = entry.secretAttribute(catalog) else {
                if search.isFound(in: .object(attributes)) { result.elsewhere.append(entry.name) }
                return entry.instance
            }
            guard let secret = attributes[name], !secret.isNull, secret.string != "" else { return entry.instance }
            guard let id = attributes["id"]?.string, let known = secrets[id], secret.string == known else {
                result.kept.append(entry.name)
                return entry.instance
            }
            result.objects.append(entry.name)
            attributes[name] = .null
            instance["attributes"] = .object(attributes)
            return .object(instance)
        }
        var outputs = outputs
        for (name, output) in self.outputs {
            guard var members = output.object, let value = members["value"], search.isFound(in: value) else { continue }
            members["value"] = search.removed(from: value)
            outputs[name] = .object(members)
            result.outputs.append(name)
        }
        if !result.outputs.isEmpty { result.content.setOutputs(outputs) }
        return result
    }
}

extension TerraformState.Entry {
    /// The name of the attribute with the secret, for an object of a provider of ours; nil when it has none.
    fileprivate func secretAttribute(_ catalog: Catalog) -> String? {
        guard mode == .managed,
            let provider = catalog.providers.values.first(where: { $0.resourceTypes[type] != nil }),
            (resource["provider"]?.string).flatMap(ProviderReference.init(stateText:))?.isProvider(provider.source)
                == true
        else { return nil }
        return provider.resourceTypes[type]?.secretAttribute
    }
}

/// Looks for secrets in texts, as they are and in Base64.
///
/// The cost grows with the texts, not with the number of secrets.
private struct SecretSearch {
    /// What to look for, by its first bytes.
    private var needles: [[UInt8]: [[UInt8]]] = [:]
    /// A needle is found by so many bytes of it first; what is shorter is not looked for.
    private static let headLength = 8

    init(_ secrets: [String]) {
        for secret in secrets {
            for needle in [Array(secret.utf8)] + (0..<3).map({ Self.base64(Array(secret.utf8), at: $0) })
            where needle.count >= Self.headLength {
                needles[Array(needle.prefix(Self.headLength)), default: []].append(needle)
            }
        }
    }

    /// The characters that a secret alone decides in a Base64 text in which it starts at an offset modulo three.
    private static func base64(_ secret: [UInt8], at offset: Int) -> [UInt8] {
        let encoded = Array(Base64.encoded([UInt8](repeating: 0, count: offset) + secret).utf8)
        let end = 8 * (offset + secret.count) / 6
        return Array(encoded[min((8 * offset + 5) / 6, end)..<end])
    }

    private func isFound(in text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count >= Self.headLength else { return false }
        for start in 0...(bytes.count - Self.headLength) {
            guard let candidates = needles[Array(bytes[start..<start + Self.headLength])] else { continue }
            if candidates.contains(where: { bytes[start...].starts(with: $0) }) { return true }
        }
        return false
    }

    /// Whether a secret is in a string inside a value.
    func isFound(in value: JSONValue) -> Bool {
        guard !needles.isEmpty else { return false }
        switch value {
        case .string(let text): return isFound(in: text)
        case .array(let items): return items.contains { isFound(in: $0) }
        case .object(let object): return object.contains { isFound(in: $0.key) || isFound(in: $0.value) }
        default: return false
        }
    }

    /// The value with null in the place of each string that has a secret, and of each object that has one among its keys.
    func removed(from value: JSONValue) -> JSONValue {
        switch value {
        case .string(let text): isFound(in: text) ? .null : value
        case .array(let items): .array(items.map { removed(from: $0) })
        case .object(let object):
            object.contains { isFound(in: $0.key) }
                ? .null : .object(JSONObject(object.map { ($0.key, removed(from: $0.value)) }))
        default: value
        }
    }
}
