import ArgumentParser
import ConfluentClient
import ConfluentProvider
import Reporting

/// `flinkform flink`.
struct FlinkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flink", abstract: "Apache Flink at Confluent Cloud.", subcommands: [RegionCommand.self])

    /// `flinkform flink region`.
    struct RegionCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "region", abstract: "Regions in which Flink runs.", subcommands: [FlinkRegionListCommand.self])
    }
}

/// `flinkform flink region list`.
struct FlinkRegionListCommand: Subcommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List Flink regions.")

    @Option(
        name: .both("cloud"),
        help: ArgumentHelp("Only regions of this cloud: \"aws\", \"azure\", or \"gcp\".", valueName: "cloud"))
    var cloud: String?

    @Option(
        name: .both("region"), help: ArgumentHelp("Only the region of this name.", valueName: "region"))
    var region: String?

    @OptionGroup var output: FormatOptions

    func run(_ invocation: Invocation) async throws -> Int32 {
        let regions = try await CloudConnection.with(invocation) { client in
            try await Calls.perform { () async throws(APIError) in
                try await client.flinkRegions(cloud: cloud, region: region).items
            }
        }
        let records = regions.sorted { ($0.cloud, $0.regionName) < ($1.cloud, $1.regionName) }.map { region in
            Record([
                .init("Current", "is_current", .flag(false)), .init("Name", "name", .text(region.displayName)),
                .init("Cloud", "cloud", .text(region.cloud)), .init("Region", "region", .text(region.regionName)),
            ])
        }
        invocation.terminal.write(RecordText.list(records, output.format))
        return 0
    }
}

/// `flinkform environment`.
struct EnvironmentCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "environment", abstract: "Environments of Confluent Cloud.",
        subcommands: [EnvironmentListCommand.self])
}

/// `flinkform environment list`.
struct EnvironmentListCommand: Subcommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List environments.")

    @OptionGroup var output: FormatOptions

    func run(_ invocation: Invocation) async throws -> Int32 {
        let environments = try await CloudConnection.with(invocation) { client in
            try await Calls.perform { () async throws(APIError) in try await client.environments().items }
        }
        let records = environments.sorted { $0.id < $1.id }.map { environment in
            Record([
                .init("Current", "is_current", .flag(false)), .init("ID", "id", .text(environment.id)),
                .init("Name", "name", .text(environment.displayName)),
                .init(
                    "Stream Governance Package", "stream_governance_package",
                    .text(environment.streamGovernancePackage ?? "")),
            ])
        }
        invocation.terminal.write(RecordText.list(records, output.format))
        return 0
    }
}
