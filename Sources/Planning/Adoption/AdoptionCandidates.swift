import Configuring
import Diagnostics
import JSON
import Values

/// Which objects of a Terraform state flinkform can manage.
extension TerraformState.Entry {
    /// Why an object stays in the Terraform state, as a sentence.
    struct Refusal: Error {
        let text: String

        init(_ text: String) { self.text = text }
    }

    /// The object, ready to be taken; throws why it stays.
    ///
    /// - Parameters:
    ///   - catalog: The resource types there are.
    ///   - configured: The resources of the configuration; nil when that does not matter.
    func taking(
        _ catalog: Catalog, configured: Set<ResourceAddress>?
    ) throws(Refusal) -> Adoption.Taking {
        if mode == .data { throw Refusal("A data source is read anew in each plan.") }
        guard let address else { throw Refusal("Its address is not written as it should be.") }
        let schema = try schema(of: address, catalog)
        let object = try object(schema)
        let value: Value
        do {
            value = try object.value(schema)
        } catch {
            throw Refusal("Its attributes do not fit its type: \(error.message)")
        }
        if let problem = schema.block.problem(in: value) { throw Refusal(problem) }
        if let configured, !configured.contains(address.resource.inConfiguration) {
            throw Refusal("It is not in the configuration: the next apply would destroy it.")
        }
        let secret = schema.secretAttribute.flatMap { instance["attributes"]?[$0]?.string }
        return Adoption.Taking(
            address: address, deposed: deposed, provider: resource["provider"]?.string ?? "", object: object,
            value: value, isBuiltin: catalog.provider(having: address.resource)?.isBuiltin == true,
            hasSecret: schema.secretAttribute != nil, secret: secret?.isEmpty == true ? nil : secret)
    }

    /// The schema of the object's type, if this is the provider's and the provider is the default one.
    private func schema(of address: InstanceAddress, _ catalog: Catalog) throws(Refusal) -> Schema {
        guard let provider = catalog.providers.values.first(where: { $0.resourceTypes[type] != nil }),
            let schema = provider.resourceTypes[type]
        else { throw Refusal("This version of flinkform does not support its type.") }
        guard let reference = (resource["provider"]?.string).flatMap(ProviderReference.init(stateText:)),
            reference.isProvider(provider.source)
        else { throw Refusal("Another provider than \(provider.source) made it.") }
        guard reference.alias == nil else {
            throw Refusal("Its provider configuration has an alias, which this version of flinkform does not support.")
        }
        return schema
    }

    /// The object without its secret.
    private func object(_ schema: Schema) throws(Refusal) -> ObjectState {
        guard var attributes = instance["attributes"]?.object else {
            throw Refusal("Its attributes are not written as they should be: let Terraform write the state once more.")
        }
        let version = instance["schema_version"]?.int ?? 0
        guard version == schema.version else {
            throw Refusal(
                version > schema.version
                    ? "A newer version of its provider wrote it."
                    : "An older version of its provider wrote it: let Terraform bring it up to date with \"terraform apply -refresh-only\"."
            )
        }
        guard attributes["id"]?.string?.isEmpty == false else { throw Refusal("It has no id.") }
        let unknown = schema.block.unknownNames(in: attributes)
        guard unknown.isEmpty else {
            throw Refusal(
                "It has attributes that this version of flinkform does not know: \(unknown.joined(separator: ", ")).")
        }
        if let name = schema.secretAttribute, attributes[name] != nil { attributes[name] = .null }
        return ObjectState(instance, attributes)
    }
}

extension BlockSchema {
    /// The names in an object that neither an attribute nor a nested block has.
    fileprivate func unknownNames(in object: JSONObject) -> [String] {
        object.flatMap { name, value -> [String] in
            if attribute(name) != nil { return [] }
            guard let nested = nestedBlock(name) else { return [VisibleText.escaped(name)] }
            return (value.array ?? [value]).flatMap { nested.block.unknownNames(in: $0.object ?? [:]) }
        }
    }

    /// What its type says against an object; nil when nothing.
    ///
    /// What is empty was not set, and counts as right.
    fileprivate func problem(in value: Value) -> String? {
        guard let fields = value.fields else { return nil }
        for attribute in attributes {
            guard let value = fields[attribute.name]?.unmarked, !value.isNull, value.string?.isEmpty != true else {
                continue
            }
            if let problem = attribute.problem?(value) { return problem }
        }
        for nested in blocks {
            for item in nested.items(of: fields[nested.name]) ?? [] {
                if let problem = nested.block.problem(in: item) { return problem }
            }
        }
        return nil
    }
}
