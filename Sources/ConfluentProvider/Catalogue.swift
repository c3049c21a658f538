package import Configuring

/// The one list of what this provider has.
package enum Catalogue {
    /// The provider's schema, as values.
    package static let schema = ProviderSchema(
        name: "confluent", source: "registry.terraform.io/confluentinc/confluent",
        configuration: ProviderArguments.schema,
        resourceTypes: ["confluent_api_key": APIKeyResource.schema],
        dataSources: [
            "confluent_environment": EnvironmentData.schema,
            "confluent_flink_region": FlinkRegionData.schema,
            "confluent_organization": OrganizationData.schema,
            "confluent_service_account": ServiceAccountData.schema,
        ])
}
