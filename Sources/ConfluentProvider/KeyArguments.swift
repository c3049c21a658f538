package import ConfluentClient
package import Configuring
package import Values

/// The arguments of a `confluent_api_key` block, for those who write one.
package enum KeyArguments {
    /// The resource type.
    package static let typeName = APIKeyResource.typeName
    /// The schema of the type.
    package static let schema = APIKeyResource.schema

    /// The arguments of a block that makes the key of a request; what the request leaves empty is null.
    package static func value(of request: KeyRequest) -> Value {
        let key = APIKey(
            id: "", displayName: request.displayName, description: request.description, ownerID: request.ownerID,
            ownerKind: request.ownerKind, resource: request.scope)
        let object = APIKeyResource.object(of: key)
        guard var fields = object.fields else { return object }
        for attribute in schema.block.attributes {
            let isSaid = attribute.isConfigurable && fields[attribute.name]?.string?.isEmpty == false
            if !isSaid { fields = fields.replacing(attribute.name, with: .null(attribute.type)) }
        }
        return Value(.object(fields), marks: object.marks)
    }
}
