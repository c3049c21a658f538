package import Configuring

/// The one list of what this provider has.
package enum Catalogue {
    /// The resource types.
    static let resourceTypes: [any ResourceType.Type] = [
        APIKeyResource.self, ComputePoolResource.self, EnvironmentResource.self, RoleBindingResource.self,
        ServiceAccountResource.self,
    ]

    /// The data sources.
    static let dataSources: [any DataSource.Type] = [
        ComputePoolDataSource.self, EnvironmentDataSource.self, EnvironmentsDataSource.self,
        FlinkRegionDataSource.self, OrganizationDataSource.self, RoleBindingDataSource.self,
        ServiceAccountDataSource.self, UserDataSource.self, UsersDataSource.self,
    ]

    /// The provider's schema, as values.
    package static let schema = ProviderSchema(
        name: "confluent", source: "registry.terraform.io/confluentinc/confluent",
        configuration: ProviderArguments.schema,
        resourceTypes: Dictionary(uniqueKeysWithValues: resourceTypes.map { ($0.typeName, $0.schema) }),
        dataSources: Dictionary(uniqueKeysWithValues: dataSources.map { ($0.typeName, $0.schema) }))

    /// The resource type of that name, or nil.
    static func resourceType(_ name: String) -> (any ResourceType.Type)? {
        resourceTypes.first { $0.typeName == name }
    }

    /// The data source of that name, or nil.
    static func dataSource(_ name: String) -> (any DataSource.Type)? { dataSources.first { $0.typeName == name } }
}
