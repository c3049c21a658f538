package import Configuring
import JSON
package import Planning
import Values

/// A state as `show -json` prints it: format 1.0 of Terraform's.
package struct StateDocument: Sendable {
    private let state: State
    private let catalog: Catalog

    /// Makes the document of a state.
    package init(_ state: State, catalog: Catalog) {
        self.state = state
        self.catalog = catalog
    }

    /// The document, on one line.
    package var text: String {
        var writer = JSONWriter(.compact)
        write(into: &writer, withChecks: true)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// Whether there is nothing to show.
    var isEmpty: Bool { state.resources.isEmpty && state.outputs.isEmpty }

    /// Writes the document, with the results of checks or without.
    func write(into writer: inout JSONWriter, withChecks: Bool) {
        writer.beginObject()
        writer.key("format_version")
        writer.string("1.0")
        if !isEmpty {
            writer.key("terraform_version")
            writer.string(state.terraformVersion)
            writer.key("values")
            writer.beginObject()
            if !state.outputs.isEmpty {
                writer.key("outputs")
                writer.value(outputs)
            }
            writer.key("root_module")
            let sorted = resources.sorted {
                ($0.address, $0.deposed ?? "") < ($1.address, $1.deposed ?? "")
            }
            ModuleDocument(sorted).write(into: &writer)
            writer.endObject()
            if withChecks, let results = state.checkResults.flatMap(CheckDocument.json) {
                writer.key("checks")
                writer.value(results)
            }
        }
        writer.endObject()
    }

    private var outputs: JSONValue {
        .object(
            JSONObject(
                state.outputs.sorted { $0.key < $1.key }.map { name, output in
                    (name, ["sensitive": .bool(output.isSensitive), "value": output.value, "type": output.type])
                }))
    }

    private var resources: [ResourceDocument] {
        state.resources.flatMap { address, resource in
            let provider = Self.source(ofReference: resource.provider)
            let schema = catalog.schema(for: address)
            return resource.instances.flatMap { key, instance in
                let objects = [(String?.none, instance.current)] + instance.deposed.map { ($0.key, $0.value) }
                return objects.compactMap { deposed, object in
                    guard let object else { return ResourceDocument?.none }
                    return ResourceDocument(
                        address: InstanceAddress(address, key), provider: provider, schemaVersion: object.schemaVersion,
                        value: object.shown(schema), dependencies: object.dependencies, isTainted: object.isTainted,
                        deposed: deposed)
                }
            }
        }
    }

    /// The source address in a reference such as `provider["HOST/NAMESPACE/NAME"].ALIAS`.
    private static func source(ofReference reference: String) -> String {
        let parts = reference.split(separator: "\"", omittingEmptySubsequences: false)
        return parts.count >= 3 ? String(parts[1]) : reference
    }
}

extension ObjectState {
    /// The object as a value; what does not fit its type, or has none here, is shown as the state has it.
    fileprivate func shown(_ schema: Schema?) -> Value {
        if let schema, let value = try? self.value(schema) { return value }
        return (try? Value(impliedFrom: .object(attributes))) ?? .object([:])
    }
}
