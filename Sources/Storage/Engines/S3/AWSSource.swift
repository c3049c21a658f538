import Diagnostics
import Networking

/// Where credentials and region come from, in the order of AWS's own tools: the block's arguments, a profile that the block names, the
/// environment, then the files' profile.
struct AWSSource {
    /// Who asks.
    let credentials: AWSCredentials
    /// The region of the profile; nil when it has none.
    let region: String?

    /// Finds both; throws what is missing, or is there but not supported.
    init(
        _ values: BackendValues, _ environment: [String: String], _ files: any FileSystem
    ) throws(Diagnostic) {
        func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let named = values.text("profile")
        let name = named ?? variable("AWS_PROFILE") ?? "default"
        let profiles = try Self.profiles(values, environment, files, isNeeded: named != nil)
        let profile = profiles.settings[name]
        region = profile?["region"].flatMap { $0.isEmpty ? nil : $0 }
        if let key = values.text("access_key") {
            let secret = try values.required("secret_key", "An access_key is of use only together with its secret_key.")
            credentials = AWSCredentials(
                accessKey: key, secretKey: Secret(secret), sessionToken: values.text("token").map { Secret($0) })
        } else if named == nil, let key = variable("AWS_ACCESS_KEY_ID"), let secret = variable("AWS_SECRET_ACCESS_KEY")
        {
            credentials = AWSCredentials(
                accessKey: key, secretKey: Secret(secret),
                sessionToken: variable("AWS_SESSION_TOKEN").map { Secret($0) })
        } else if let found = profile.flatMap(AWSCredentials.init) {
            credentials = found
        } else {
            throw Self.missing(
                values, name, profile, environment, isNamed: named != nil || variable("AWS_PROFILE") != nil)
        }
        guard credentials.accessKey.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "/") }) else {
            throw values.problem("the access key's id has characters that none has", "Copy it again.")
        }
    }

    private static func profiles(
        _ values: BackendValues, _ environment: [String: String], _ files: any FileSystem, isNeeded: Bool
    ) throws(Diagnostic) -> AWSProfiles {
        let home = environment["HOME"] ?? ""
        func paths(_ names: [String], _ variable: String, _ usual: String) -> [String] {
            let given = names.flatMap { values.list($0) }
            let chosen = given.isEmpty ? [environment[variable].flatMap { $0.isEmpty ? nil : $0 } ?? usual] : given
            return chosen.map { $0.hasPrefix("~/") ? home + $0.dropFirst() : $0 }
        }
        var profiles = AWSProfiles()
        let settings = paths(["shared_config_files"], "AWS_CONFIG_FILE", home + "/.aws/config")
        let credentials = paths(
            ["shared_credentials_files", "shared_credentials_file"], "AWS_SHARED_CREDENTIALS_FILE",
            home + "/.aws/credentials")
        for (path, isCredentials) in settings.map({ ($0, false) }) + credentials.map({ ($0, true) }) {
            do throws(FileError) {
                if let bytes = try files.read(path, limit: 1 << 20) {
                    profiles.add(bytes, isCredentials: isCredentials)
                }
            } catch {
                if isNeeded {
                    throw values.problem(
                        "\(VisibleText.escaped(path)) cannot be read: \(error.reason)",
                        "The profile was looked for there.")
                }
            }
        }
        return profiles
    }

    private static func missing(
        _ values: BackendValues, _ name: String, _ profile: [String: String]?, _ environment: [String: String],
        isNamed: Bool
    ) -> Diagnostic {
        let shown = VisibleText.escaped(name)
        let remedy =
            "Give flinkform AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, for temporary credentials, AWS_SESSION_TOKEN: \"aws configure export-credentials --format env\" prints them."
        if let profile,
            let way = ["role_arn", "credential_process", "sso_session", "sso_start_url"].first(where: {
                profile[$0] != nil
            })
        {
            return values.problem(
                "profile \"\(shown)\" gets its credentials by \(way), which flinkform does not do", remedy)
        }
        if isNamed, profile == nil {
            return values.problem("there is no profile \"\(shown)\"", "Name one that the files of AWS's tools have.")
        }
        for variable in [
            "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        ] where environment[variable]?.isEmpty == false {
            return values.problem("credentials by way of \(variable) are not supported", remedy)
        }
        return values.problem("there are no credentials", remedy)
    }
}
