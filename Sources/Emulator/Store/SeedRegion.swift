/// A region in which Flink runs, as a new database knows it.
struct SeedRegion: Sendable {
    /// The cloud in capitals: `AWS`, `AZURE` or `GCP`.
    let cloud: String
    /// The cloud's name of the region: `us-east-1`.
    let name: String
    /// Where it is, for people.
    let place: String

    /// The id: `aws.us-east-1`.
    var id: String { "\(cloud.lowercased()).\(name)" }

    /// The name for people: `N. Virginia (us-east-1)`.
    var displayName: String { "\(place) (\(name))" }

    /// A sample of the regions that the service's documents list.
    static let all: [SeedRegion] = [
        SeedRegion(cloud: "AWS", name: "ap-east-1", place: "Hong Kong"),
        SeedRegion(cloud: "AWS", name: "ap-northeast-1", place: "Tokyo"),
        SeedRegion(cloud: "AWS", name: "ap-northeast-2", place: "Seoul"),
        SeedRegion(cloud: "AWS", name: "ap-south-1", place: "Mumbai"),
        SeedRegion(cloud: "AWS", name: "ap-southeast-1", place: "Singapore"),
        SeedRegion(cloud: "AWS", name: "ap-southeast-2", place: "Sydney"),
        SeedRegion(cloud: "AWS", name: "ca-central-1", place: "Canada Central"),
        SeedRegion(cloud: "AWS", name: "eu-central-1", place: "Frankfurt"),
        SeedRegion(cloud: "AWS", name: "eu-north-1", place: "Stockholm"),
        SeedRegion(cloud: "AWS", name: "eu-west-1", place: "Ireland"),
        SeedRegion(cloud: "AWS", name: "eu-west-2", place: "London"),
        SeedRegion(cloud: "AWS", name: "me-south-1", place: "Bahrain"),
        SeedRegion(cloud: "AWS", name: "sa-east-1", place: "Sao Paulo"),
        SeedRegion(cloud: "AWS", name: "us-east-1", place: "N. Virginia"),
        SeedRegion(cloud: "AWS", name: "us-east-2", place: "Ohio"),
        SeedRegion(cloud: "AWS", name: "us-west-2", place: "Oregon"),
        SeedRegion(cloud: "AZURE", name: "australiaeast", place: "New South Wales"),
        SeedRegion(cloud: "AZURE", name: "brazilsouth", place: "Sao Paulo State"),
        SeedRegion(cloud: "AZURE", name: "canadacentral", place: "Toronto"),
        SeedRegion(cloud: "AZURE", name: "centralindia", place: "Pune"),
        SeedRegion(cloud: "AZURE", name: "centralus", place: "Iowa"),
        SeedRegion(cloud: "AZURE", name: "eastasia", place: "Hong Kong"),
        SeedRegion(cloud: "AZURE", name: "eastus", place: "Virginia"),
        SeedRegion(cloud: "AZURE", name: "eastus2", place: "Virginia"),
        SeedRegion(cloud: "AZURE", name: "francecentral", place: "Paris"),
        SeedRegion(cloud: "AZURE", name: "germanywestcentral", place: "Frankfurt"),
        SeedRegion(cloud: "AZURE", name: "northeurope", place: "Ireland"),
        SeedRegion(cloud: "AZURE", name: "southcentralus", place: "Texas"),
        SeedRegion(cloud: "AZURE", name: "southeastasia", place: "Singapore"),
        SeedRegion(cloud: "AZURE", name: "spaincentral", place: "Madrid"),
        SeedRegion(cloud: "GCP", name: "europe-west3", place: "Frankfurt"),
        SeedRegion(cloud: "GCP", name: "us-central1", place: "Iowa"),
        SeedRegion(cloud: "GCP", name: "us-east1", place: "South Carolina"),
    ]
}
