/// Texts of configurations.
package enum Configurations {
    /// The provider, configured by environment variables.
    package static let provider = """
        terraform {
          required_providers {
            confluent = {
              source = "confluentinc/confluent"
            }
          }
        }

        provider "confluent" {}


        """

    /// The block of a Flink key.
    ///
    /// - Parameters:
    ///   - name: The resource's name.
    ///   - displayName: An expression.
    ///   - owner: The owner's id.
    ///   - more: Lines at the beginning of the block, such as `for_each` or `description`.
    ///   - lifecycle: Lines of the `lifecycle` block; none when empty.
    package static func key(
        _ name: String, displayName: String? = nil, owner: String = "sa-demo1", more: String = "",
        lifecycle: String = ""
    ) -> String {
        """
        resource "confluent_api_key" "\(name)" {
          \(more)
          display_name           = \(displayName ?? "\"\(name)\"")
          disable_wait_for_ready = true

          owner {
            id          = "\(owner)"
            api_version = "iam/v2"
            kind        = "ServiceAccount"
          }

          managed_resource {
            id          = "aws.us-east-1"
            api_version = "fcpm/v2"
            kind        = "Region"

            environment {
              id = "env-demo1"
            }
          }
          \(lifecycle.isEmpty ? "" : "lifecycle {\n    \(lifecycle)\n  }")
        }


        """
    }

    /// An output with the secret of a key.
    package static func secretOutput(_ name: String) -> String {
        """
        output "\(name)_secret" {
          value     = confluent_api_key.\(name).secret
          sensitive = true
        }


        """
    }
}
