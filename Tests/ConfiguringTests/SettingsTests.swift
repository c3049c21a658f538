import Configuring
import Diagnostics
import Testing

/// What stands in `flinkform.hcl`.
@Suite struct SettingsTests {
    private func read(_ text: String) -> (settings: Settings, problems: [String]) {
        let (settings, diagnostics) = Settings.read(Array(text.utf8))
        return (
            settings,
            diagnostics.map { diagnostic in
                let place = diagnostic.subject.map { range in
                    String(decoding: Array(text.utf8)[range.start..<range.end], as: UTF8.self)
                }
                return "\(diagnostic.summary) @ \(place ?? "-")"
            }
        )
    }

    @Test("Without a file, secrets are in clear beside the state")
    func nothing() {
        #expect(Settings().secrets == .file(SecretStoreSettings.File()))
        let (settings, problems) = read("# nothing\n")
        #expect(problems.isEmpty)
        #expect(settings.secrets == .file(SecretStoreSettings.File()))
    }

    @Test("The three kinds of stores are read with all they take")
    func stores() throws {
        let file = read(
            #"""
            secrets "file" {
              path = "secrets/prod.json"
              encryption { passphrase = env("PROD_PASSPHRASE") }
            }
            """#)
        #expect(file.problems.isEmpty)
        guard case .file(let store) = file.settings.secrets else { throw WrongKind() }
        #expect(store.path?.source == .written("secrets/prod.json"))
        guard case .passphrase(let text) = try #require(store.key) else { throw WrongKind() }
        #expect(text.source == .variable("PROD_PASSPHRASE"))

        let usual = read("secrets \"file\" {\n  encryption {}\n}")
        #expect(usual.problems.isEmpty)
        guard case .file(let store) = usual.settings.secrets, case .passphrase(let text)? = store.key else {
            throw WrongKind()
        }
        #expect(text.source == .variable("FLINKFORM_SECRETS_PASSPHRASE"))

        let command = read(#"secrets "command" { command = ["pass-helper", "prod"] }"#)
        #expect(command.settings.secrets == .command(.init(words: ["pass-helper", "prod"], timeout: 60)))

        let vault = read(
            #"""
            secrets "vault" {
              address   = "https://vault.example.com:8200"
              namespace = env("TEAM")
              mount     = "kv"
              path      = "flinkform/prod"
              ca_file   = "ca.pem"
              approle {
                role_id   = env("ROLE")
                secret_id = env("SECRET_ID")
              }
            }
            """#)
        #expect(vault.problems.isEmpty)
        guard case .vault(let store) = vault.settings.secrets else { throw WrongKind() }
        #expect(store.address?.source == .written("https://vault.example.com:8200"))
        #expect(store.namespace?.source == .variable("TEAM"))
        #expect(store.mount == "kv" && store.path.source == .written("flinkform/prod"))
        guard case .appRole("approle", let role, let secret) = store.login else { throw WrongKind() }
        #expect(role.source == .variable("ROLE") && secret?.source == .variable("SECRET_ID"))
    }

    private struct WrongKind: Error {}

    @Test("Deliver blocks say which keys go where")
    func deliveries() throws {
        let (settings, problems) = read(
            #"""
            deliver "app" {
              keys   = [confluent_api_key.app, confluent_api_key.team["a"]]
              format = "properties"
              file   = "/etc/app/{name}.properties"
            }
            deliver "cluster" {
              format  = "kubernetes"
              command = ["kubectl", "apply", "-f", "-"]
              timeout = 30
            }
            """#)
        #expect(problems.isEmpty)
        let (app, cluster) = (settings.deliveries[0], settings.deliveries[1])
        func address(_ text: String) throws -> InstanceAddress { try InstanceAddress(parsing: text) }
        #expect(app.takes(try address("confluent_api_key.app[3]")))
        #expect(app.takes(try address(#"confluent_api_key.team["a"]"#)))
        #expect(!app.takes(try address(#"confluent_api_key.team["b"]"#)))
        #expect(cluster.takes(try address("confluent_api_key.any")))
        #expect(!cluster.takes(try address("data.confluent_user.any")))
        #expect(cluster.target == .command(["kubectl", "apply", "-f", "-"]) && cluster.timeout == 30)
        var other = app
        #expect(other.mark == app.mark)
        other.format = .json
        #expect(other.mark != app.mark)
    }

    @Test(
        "What is wrong is said at its place",
        arguments: [
            ("secretes \"file\" {}", ["Unsupported block type @ secretes"]),
            ("path = 1", ["Unsupported argument @ path"]),
            ("secrets {}", ["Missing label @ secrets"]),
            ("secrets \"file\" \"x\" {}", ["Extraneous label @ \"x\""]),
            ("secrets \"volt\" {}", ["Unsupported secret store @ \"volt\""]),
            (
                "secrets \"file\" {}\nsecrets \"file\" {}", ["Duplicate secrets block @ secrets \"file\""]
            ),
            ("secrets \"file\" {\n  pth = \"x\"\n}", ["Unsupported argument @ pth"]),
            ("secrets \"file\" {\n  path = var.x\n}", ["Unsuitable value type @ var.x"]),
            ("secrets \"vault\" {\n  address = \"https://v\"\n}", ["Missing required argument @ secrets \"vault\""]),
            (
                "secrets \"vault\" {\n  path  = \"p\"\n  token = \"hvs.x\"\n}",
                ["Secret in the settings @ \"hvs.x\""]
            ),
            (
                "secrets \"command\" {\n  command = \"pass\"\n}", ["Unsuitable value type @ \"pass\""]
            ),
            (
                "secrets \"file\" {\n  encryption {\n    passphrase = env(\"A\")\n    key_file = \"k\"\n  }\n}",
                ["Several encryption keys @ encryption"]
            ),
            (
                "deliver \"a\" {\n  format = \"yaml\"\n  file = \"f\"\n}", ["Unsuitable value @ \"yaml\""]
            ),
            (
                "deliver \"a\" {\n  format = \"json\"\n}", ["Where secrets go @ deliver \"a\""]
            ),
            (
                "deliver \"a\" {\n  keys = [\"x\"]\n  format = \"json\"\n  file = \"f\"\n}",
                ["Invalid address @ \"x\""]
            ),
            (
                "deliver \"a\" {\n  format = \"json\"\n  file = \"f\"\n}\ndeliver \"a\" {\n}",
                ["Duplicate deliver block @ \"a\""]
            ),
        ])
    func problems(text: String, expected: [String]) {
        #expect(read(text).problems == expected)
    }

    @Test("A variable of the environment that is not set is an error at its place")
    func variables() throws {
        let text = SettingText(.variable("PASSPHRASE"))
        #expect(try text.text(["PASSPHRASE": "x"]) == "x")
        for environment in [[:], ["PASSPHRASE": ""]] {
            #expect(throws: Diagnostic.self) { try text.text(environment) }
        }
    }
}
