package import Configuring

/// The one list of what this provider has.
package enum Catalogue {
    /// The provider's schema, as values.
    package static let schema = ProviderSchema(
        name: "confluent", source: "registry.terraform.io/confluentinc/confluent",
        configuration: ProviderArguments.schema,
        resourceTypes: ["confluent_api_key": APIKeyResource.schema],
        dataSources: [
            "confluent_environment": EnvironmentDataSource.schema,
            "confluent_flink_region": FlinkRegionDataSource.schema,
            "confluent_organization": OrganizationDataSource.schema,
            "confluent_service_account": ServiceAccountDataSource.schema,
        ])
}
