package import Diagnostics
import HCL
import Values

extension Settings {
    /// Reads `flinkform.hcl`; problems do not stop it: what is faulty is left out.
    package static func read(
        _ bytes: [UInt8], name: String = fileName
    ) -> (settings: Settings, diagnostics: [Diagnostic]) {
        var reader = SettingsReader()
        reader.read(bytes, name: name)
        return (reader.settings, reader.diagnostics)
    }
}

/// Turns the blocks of a settings file into settings.
///
/// Each kind of block has a line in `blocks` and a function of its own.
struct SettingsReader {
    private(set) var settings = Settings()
    var diagnostics: [Diagnostic] = []
    /// The first block of each kind that there may be once.
    private var first: [String: Block] = [:]

    private static let blocks = ["secrets", "deliver"]

    mutating func read(_ bytes: [UInt8], name: String) {
        let file = settings.files.add(name: name, bytes: bytes)
        let (tree, problems) = SyntaxTree.parse(bytes, file: file)
        diagnostics += problems
        for attribute in tree.body.attributes {
            diagnostics.append(
                .error(
                    "Unsupported argument",
                    "An argument named \"\(VisibleText.escaped(attribute.name))\" is not expected at the top level of the settings: they are blocks.\(Suggestion.phrase(attribute.name, among: Self.blocks))",
                    at: attribute.nameRange))
        }
        for block in tree.body.blocks {
            switch block.type {
            case "secrets":
                settings.namesSecretStore = true
                readSecrets(block)
            case "deliver": readDelivery(block)
            default:
                diagnostics.append(
                    .error(
                        "Unsupported block type",
                        "Blocks of type \"\(VisibleText.escaped(block.type))\" are not expected in the settings, which have \(Self.blocks.map { "\"\($0)\"" }.joined(separator: " and ")).\(Suggestion.phrase(block.type, among: Self.blocks))",
                        at: block.typeRange))
            }
        }
    }

    /// The one label of a block; nil, and reported, when there is another number of them.
    private mutating func label(_ block: Block, _ what: String) -> Block.Label? {
        if let label = block.labels.first, block.labels.count == 1 { return label }
        diagnostics.append(
            block.labels.isEmpty
                ? .error(
                    "Missing label",
                    "A \(block.type) block says its \(what): \(block.type) \"\(what.uppercased())\" {}",
                    at: block.headerRange)
                : .error(
                    "Extraneous label", "A \(block.type) block has one label, its \(what).", at: block.labels[1].range))
        return nil
    }

    /// Whether no such block came before; reports it when one did.
    private mutating func isFirst(_ block: Block) -> Bool {
        guard let earlier = first[block.type] else {
            first[block.type] = block
            return true
        }
        diagnostics.append(
            .error(
                "Duplicate \(block.type) block", "The settings may have only one \(block.type) block.",
                at: block.headerRange,
                notes: [Diagnostic.Note(range: earlier.headerRange, text: "The first one is here.")]))
        return false
    }

    // MARK: - Secrets

    private mutating func readSecrets(_ block: Block) {
        guard let label = label(block, "kind"), isFirst(block) else { return }
        var fields = SettingFields(block)
        switch label.text {
        case "file": settings.secrets = .file(file(&fields))
        case "vault": if let vault = vault(&fields) { settings.secrets = .vault(vault) }
        case "command": if let command = command(&fields) { settings.secrets = .command(command) }
        default:
            let kinds = SecretStoreSettings.kinds
            diagnostics.append(
                .error(
                    "Unsupported secret store",
                    "There is no secret store \"\(VisibleText.escaped(label.text))\"; there are \(kinds.joined(separator: ", ")).\(Suggestion.phrase(label.text, among: kinds))",
                    at: label.range))
            return
        }
        diagnostics += fields.finish()
    }

    private func file(_ fields: inout SettingFields) -> SecretStoreSettings.File {
        var file = SecretStoreSettings.File(path: fields.text("path"))
        guard var inner = fields.block("encryption") else { return file }
        let passphrase = inner.credential("passphrase")
        let keyFile = inner.text("key_file")
        let command = inner.words("key_command")
        let given = [passphrase != nil, keyFile != nil, command != nil].count { $0 }
        if given > 1 {
            inner.report(
                "Several encryption keys", "Give one of \"passphrase\", \"key_file\" and \"key_command\".")
        }
        if let keyFile {
            file.key = .file(keyFile)
        } else if let command {
            file.key = .command(command)
        } else {
            file.key = .passphrase(passphrase ?? SettingText(.variable("FLINKFORM_SECRETS_PASSPHRASE")))
        }
        fields.finish(inner)
        return file
    }

    private func command(_ fields: inout SettingFields) -> SecretStoreSettings.Command? {
        let timeout = fields.seconds("timeout") ?? 60
        guard let words = fields.required("command", fields.words("command")) else { return nil }
        return SecretStoreSettings.Command(words: words, timeout: timeout)
    }

    private func vault(_ fields: inout SettingFields) -> SecretStoreSettings.Vault? {
        var login = SecretStoreSettings.Vault.Login.token(fields.credential("token"))
        var logins = login == .token(nil) ? 0 : 1
        if var inner = fields.block("approle") {
            logins += 1
            let (mount, secret) = (inner.name("mount") ?? "approle", inner.credential("secret_id"))
            if let role = inner.required("role_id", inner.text("role_id")) {
                login = .appRole(mount: mount, role: role, secret: secret)
            }
            fields.finish(inner)
        }
        if var inner = fields.block("kubernetes") {
            logins += 1
            let mount = inner.name("mount") ?? "kubernetes"
            let tokenFile =
                inner.text("token_file")
                ?? SettingText(.written("/var/run/secrets/kubernetes.io/serviceaccount/token"))
            if let role = inner.required("role", inner.text("role")) {
                login = .kubernetes(mount: mount, role: role, tokenFile: tokenFile)
            }
            fields.finish(inner)
        }
        if logins > 1 {
            fields.report("Several ways to log in", "Give one of \"token\", \"approle\" and \"kubernetes\".")
        }
        let (address, namespace) = (fields.text("address"), fields.text("namespace"))
        let (mount, authority) = (fields.name("mount") ?? "secret", fields.text("ca_file"))
        guard let path = fields.required("path", fields.text("path")) else { return nil }
        return SecretStoreSettings.Vault(
            address: address, namespace: namespace, mount: mount, path: path, authorityFile: authority, login: login)
    }

    // MARK: - Delivery

    private mutating func readDelivery(_ block: Block) {
        guard let label = label(block, "name") else { return }
        if let other = settings.deliveries.first(where: { $0.name == label.text }) {
            diagnostics.append(
                .error(
                    "Duplicate deliver block", "A deliver block of this name was declared already.", at: label.range,
                    notes: other.range.map { [Diagnostic.Note(range: $0, text: "The first one is here.")] } ?? []))
            return
        }
        var fields = SettingFields(block)
        defer { diagnostics += fields.finish() }
        let keys = fields.keys("keys")
        let (machine, timeout) = (fields.name("machine"), fields.seconds("timeout") ?? 60)
        let (file, command) = (fields.text("file"), fields.words("command"))
        let format = fields.choice("format", SecretFormat.allCases.map(\.rawValue)).flatMap(SecretFormat.init)
        guard let format = fields.required("format", format) else { return }
        let target: DeliverySettings.Target
        switch (file, command) {
        case (let file?, nil): target = .file(file)
        case (nil, let command?): target = .command(command)
        default:
            fields.report("Where secrets go", "A deliver block has either \"file\" or \"command\".")
            return
        }
        settings.deliveries.append(
            DeliverySettings(
                name: label.text, keys: keys, format: format, target: target, machine: machine, timeout: timeout,
                range: block.headerRange))
    }
}
