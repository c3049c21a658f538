import ArgumentParser
import Emulator

/// What exists at the start.
///
/// Counts and the organization are of new databases only.
struct SeedOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The id of the Cloud API key that may do everything. It is not listed among the keys.",
            valueName: "id"))
    var cloudAPIKey = EmulatorSettings.defaultCloudAPIKey

    @Option(help: ArgumentHelp("The secret of that key.", valueName: "secret"))
    var cloudAPISecret = EmulatorSettings.defaultCloudAPISecret

    @Option(help: ArgumentHelp("The organization's id.", valueName: "uuid"))
    var organization = EmulatorSettings.defaultOrganization

    @Option(
        help: ArgumentHelp(
            "A further organization with a Cloud API key of its own, whose objects are others: env-org2-1, sa-org2-1, … "
                + "May be repeated.", valueName: "uuid,id,secret"))
    var otherOrganization: [String] = []

    @Option(help: ArgumentHelp("How many environments there are: env-demo1, env-demo2, …", valueName: "count"))
    var environments = 1

    @Option(help: ArgumentHelp("How many service accounts there are: sa-demo1, sa-demo2, …", valueName: "count"))
    var serviceAccounts = 1

    @Option(help: ArgumentHelp("How many users there are: u-demo1, u-demo2, …", valueName: "count"))
    var users = 1

    @Option(
        help: ArgumentHelp(
            "A cluster that is there, too, such as env-demo1/lkc-a1 (Kafka), env-demo1/lsrc-a1 (Schema Registry) or "
                + "env-demo1/lksqlc-a1 (ksqlDB). May be repeated.", valueName: "environment/id"))
    var cluster: [String] = []

    func apply(to settings: inout EmulatorSettings) throws {
        for count in [environments, serviceAccounts, users] where !(0...100_000).contains(count) {
            throw ValidationError("Counts must be from 0 to 100000.")
        }
        settings.organization = SeedOrganization(
            id: organization, cloudAPIKey: cloudAPIKey, cloudAPISecret: cloudAPISecret)
        settings.otherOrganizations = try otherOrganization.map { text in
            do throws(EmulatorError) {
                return try SeedOrganization(parsing: text)
            } catch {
                throw ValidationError("--other-organization: \(error)")
            }
        }
        settings.environments = environments
        settings.serviceAccounts = serviceAccounts
        settings.users = users
        settings.clusters = try cluster.map { text in
            do throws(EmulatorError) {
                return try SeedCluster(parsing: text)
            } catch {
                throw ValidationError("--cluster: \(error)")
            }
        }
    }
}
