package import Diagnostics

/// The settings of a directory: what `flinkform.hcl`, beside the `.tf` files, says of this tool alone.
package struct Settings: Sendable {
    /// The name of the file; Terraform ignores it.
    package static let fileName = "flinkform.hcl"

    /// The file, for diagnostics.
    package var files = SourceFiles()
    /// Where secrets rest; a file beside the state unless said otherwise.
    package var secrets = SecretStoreSettings.file(SecretStoreSettings.File())
    /// Whether there is a `secrets` block.
    package var namesSecretStore = false
    /// Who is handed new secrets, in the order of the source.
    package var deliveries: [DeliverySettings] = []

    /// The settings of a directory without a file of them.
    package init() {}
}

/// A text in the settings: written out, or the name of the environment variable that has it.
package struct SettingText: Hashable, Sendable {
    /// Where the text is.
    package enum Source: Hashable, Sendable {
        /// There.
        case written(String)
        /// In an environment variable of this name.
        case variable(String)
    }

    /// Where the text is.
    package var source: Source
    /// Where that stands; nil for what nobody wrote.
    package var range: SourceRange?

    /// Makes a text.
    package init(_ source: Source, at range: SourceRange? = nil) {
        self.source = source
        self.range = range
    }

    /// The text; throws when the environment variable is not set, or empty.
    package func text(_ environment: [String: String]) throws(Diagnostic) -> String {
        switch source {
        case .written(let text): return text
        case .variable(let name):
            if let text = environment[name], !text.isEmpty { return text }
            throw .error(
                "Environment variable is not set",
                "The settings in flinkform.hcl take a value from the environment variable \(VisibleText.escaped(name)), which is not set. Set it for this command."
            )
        }
    }
}

/// Where secrets rest: a `secrets` block.
package enum SecretStoreSettings: Hashable, Sendable {
    /// `secrets "file"`: a file of this machine.
    case file(File)
    /// `secrets "vault"`: a key-value engine, version 2, of HashiCorp Vault or OpenBao.
    case vault(Vault)
    /// `secrets "command"`: a program that keeps them.
    case command(Command)

    /// The labels there are.
    package static let kinds = ["file", "vault", "command"]

    /// A file of this machine.
    package struct File: Hashable, Sendable {
        /// The file; nil means beside the state.
        package var path: SettingText?
        /// What its entries are encrypted with; nil means that they are in clear.
        package var key: KeySource?

        /// Makes it of its parts.
        package init(path: SettingText? = nil, key: KeySource? = nil) {
            self.path = path
            self.key = key
        }
    }

    /// Where the key of an encrypted file comes from.
    package enum KeySource: Hashable, Sendable {
        /// From a passphrase, by scrypt.
        case passphrase(SettingText)
        /// From a file that holds 32 bytes, as they are, in hexadecimal or in Base64.
        case file(SettingText)
        /// From a program that prints what such a file holds.
        case command([String])
    }

    /// A key-value engine of HashiCorp Vault or OpenBao.
    package struct Vault: Hashable, Sendable {
        /// How to log in.
        package enum Login: Hashable, Sendable {
            /// With a token; nil means the one of the environment.
            case token(SettingText?)
            /// As an application.
            case appRole(mount: String, role: SettingText, secret: SettingText?)
            /// As the service account of a pod.
            case kubernetes(mount: String, role: SettingText, tokenFile: SettingText)
        }

        /// The server's URL; nil means the one of the environment.
        package var address: SettingText?
        /// The namespace; nil means the one of the environment, or none.
        package var namespace: SettingText?
        /// The path that the engine is mounted at.
        package var mount: String
        /// The path below it that the secrets of this state are at.
        package var path: SettingText
        /// Certificates of authorities to trust instead of the system's; nil means the file that the environment names.
        package var authorityFile: SettingText?
        /// How to log in.
        package var login: Login

        /// Makes it of its parts.
        package init(
            address: SettingText?, namespace: SettingText? = nil, mount: String = "secret", path: SettingText,
            authorityFile: SettingText? = nil, login: Login = .token(nil)
        ) {
            self.address = address
            self.namespace = namespace
            self.mount = mount
            self.path = path
            self.authorityFile = authorityFile
            self.login = login
        }
    }

    /// A program that keeps secrets.
    package struct Command: Hashable, Sendable {
        /// The program and its arguments.
        package var words: [String]
        /// How many seconds one call may take.
        package var timeout: Int

        /// Makes it of its parts.
        package init(words: [String], timeout: Int = 60) {
            self.words = words
            self.timeout = timeout
        }
    }
}

/// How secrets are written for those that use them.
package enum SecretFormat: String, CaseIterable, Sendable {
    /// One JSON object, by address.
    case json
    /// `NAME=VALUE` lines, for shells and containers.
    case dotenv
    /// Manifests of Kubernetes secrets.
    case kubernetes
    /// What Flink and Kafka clients read.
    case properties
    /// What `curl` and other HTTP clients read.
    case netrc
}

/// Who is handed new secrets: a `deliver` block.
package struct DeliverySettings: Hashable, Sendable {
    /// Where secrets go.
    package enum Target: Hashable, Sendable {
        /// To a file for each key; `{id}` and `{name}` in the path stand for the key's.
        case file(SettingText)
        /// To the standard input of a program, once for each key; `{id}` and `{name}` in its arguments stand for the key's.
        case command([String])
    }

    /// The label.
    package var name: String
    /// The keys: resources, with all their instances, or single instances; nil means every key.
    package var keys: [DeliveredKey]?
    /// How they are written.
    package var format: SecretFormat
    /// Where they go.
    package var target: Target
    /// For netrc, the host that the keys are for; nil means what the key itself tells.
    package var machine: String?
    /// How many seconds a program may take for one key.
    package var timeout: Int
    /// Where the block begins.
    package var range: SourceRange?

    /// Whether the secret of an instance goes there.
    package func takes(_ address: InstanceAddress) -> Bool {
        guard address.resource.mode == .managed else { return false }
        return keys?.contains { $0.matches(address) } ?? true
    }

    /// Tells whether a secret was handed on by this block as it is now; a digest, since it goes into the state.
    package var mark: String {
        var text = format.rawValue + "\n" + (machine ?? "")
        switch target {
        case .file(let path):
            switch path.source {
            case .written(let path): text += "\nfile\n\(path)"
            case .variable(let name): text += "\nfile in\n\(name)"
            }
        case .command(let words): text += "\ncommand\n" + words.joined(separator: "\n")
        }
        // FNV-1a: a changed block must be noticed, nobody must be kept from anything.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// Which keys a delivery takes.
package struct DeliveredKey: Hashable, Sendable {
    /// The resource.
    package var resource: ResourceAddress
    /// The one instance that is meant; nil means all.
    package var instance: InstanceKey?
    /// Where it is written.
    package var range: SourceRange?

    func matches(_ address: InstanceAddress) -> Bool {
        address.resource == resource && (instance == nil || instance == address.key)
    }
}
