import ConfluentClient
import Configuring
import Diagnostics
import Values

/// A data source: what it looks like, and how it is read.
///
/// There is one file for each in `DataSources`, and `Catalogue` lists them.
protocol DataSource: Sendable {
    /// What `data` blocks call it.
    static var typeName: String { get }
    /// Its schema.
    static var schema: Schema { get }
    /// Reads it; throws what the user is to be told.
    static func read(_ configuration: Value, _ cloud: CloudAccess) async throws(Diagnostic) -> Value
}

extension Value {
    /// The parts of an object that a schema knows.
    func keeping(_ schema: Schema) -> Value {
        let names = schema.block.attributes.map(\.name) + schema.block.blocks.map(\.name)
        return .object(Dictionary(uniqueKeysWithValues: names.map { ($0, fields?[$0] ?? .null(.dynamic)) }))
    }
}
