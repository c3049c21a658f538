/// Reads the names that Confluent gives its resources: `crn://confluent.cloud/organization=…/environment=…`.
enum ResourceName {
    /// The value of one part, nil when the name does not have it or it is empty.
    static func part(_ key: String, of name: String) -> String? {
        for part in name.split(separator: "/") where part.hasPrefix("\(key)=") {
            let value = part.dropFirst(key.count + 1)
            return value.isEmpty ? nil : String(value)
        }
        return nil
    }
}
