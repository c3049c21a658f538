package import Diagnostics
package import HCL
import JSON
package import Values

extension EncryptionSettings {
    /// Reads what is in `encryption` blocks, in OpenTofu's words; nil when they encrypt nothing.
    ///
    /// - Parameters:
    ///   - bodies: The block's body, then what goes before it: a later body's key provider, method or target replaces that of
    ///     the same name.
    ///   - variables: The values of input variables, which a passphrase may name.
    ///   - knowsVariables: Whether a passphrase that is not known is an error.
    package static func read(
        _ bodies: [Body], variables: [String: Value], knowsVariables: Bool = true
    ) -> (settings: EncryptionSettings?, diagnostics: [Diagnostic]) {
        var reader = EncryptionReader(variables: variables, knowsVariables: knowsVariables)
        for body in bodies { reader.collect(body) }
        let settings = EncryptionSettings(state: reader.target("state"), plan: reader.target("plan"))
        reader.checkUnused()
        let isEmpty = settings.state == nil && settings.plan == nil
        return (isEmpty ? nil : settings, reader.diagnostics)
    }

    /// Reads the text of an environment variable, HCL or JSON, as the body of an `encryption` block.
    ///
    /// The problems name no place: the text may hold a passphrase.
    package static func body(of text: String) -> (body: Body, diagnostics: [Diagnostic]) {
        var files = SourceFiles()
        var bytes = Array(text.utf8)
        var problems: [Diagnostic] = []
        if text.utf8.first(where: { !" \t\r\n".utf8.contains($0) }) == UInt8(ascii: "{") {
            do throws(JSONError) {
                bytes = Array(EncryptionJSON.language(try JSONValue(parsing: bytes)).utf8)
            } catch {
                problems.append(.error("Invalid encryption settings", "The text is not correct JSON."))
                bytes = []
            }
        }
        let (tree, faults) = SyntaxTree.parse(bytes, file: files.add(name: "encryption", bytes: bytes))
        if let first = faults.first {
            problems.append(
                .error("Invalid encryption settings", "The text is not correct: \(first.summary.lowercased())."))
        }
        return (tree.body, problems)
    }
}

/// Puts the blocks of an `encryption` block together.
private struct EncryptionReader {
    let variables: [String: Value]
    let knowsVariables: Bool
    var diagnostics: [Diagnostic] = []

    private var keyProviders: [String: Block] = [:]
    private var methods: [String: Block] = [:]
    private var targets: [String: Block] = [:]
    private var used: Set<String> = []

    init(variables: [String: Value], knowsVariables: Bool) {
        self.variables = variables
        self.knowsVariables = knowsVariables
    }

    // MARK: - Blocks

    mutating func collect(_ body: Body) {
        var seen: [String: SourceRange] = [:]
        for attribute in body.attributes {
            report("Unsupported argument", "An encryption block has blocks only.", at: attribute.nameRange)
        }
        for block in body.blocks {
            let before = diagnostics.count
            let name = ([block.type] + block.labels.map(\.text)).joined(separator: ".")
            defer { if block.type == "key_provider" { hidePlaces(since: before, name) } }
            if let first = seen.updateValue(block.headerRange, forKey: name), block.type != "remote_state_data_sources"
            {
                diagnostics.append(
                    .duplicate(
                        "Duplicate encryption block", "\(VisibleText.escaped(name)) was given already.", first,
                        at: block.headerRange
                    ).inside("encryption"))
            }
            switch block.type {
            case "key_provider": if hasLabels(block, 2) { keyProviders[name] = block }
            case "method": if hasLabels(block, 2) { methods[name] = block }
            case "state", "plan": if hasLabels(block, 0) { targets[block.type] = block }
            // What flinkform has no word for yet needs no encryption.
            case "remote_state_data_sources": continue
            default:
                report(
                    "Unsupported block type",
                    "Blocks of type \"\(VisibleText.escaped(block.type))\" are not expected here.\(Suggestion.phrase(block.type, among: ["key_provider", "method", "state", "plan"]))",
                    at: block.typeRange)
            }
        }
    }

    /// Names the block instead of its place: its lines may hold a passphrase, under whatever name.
    private mutating func hidePlaces(since count: Int, _ name: String) {
        for index in diagnostics.indices.dropFirst(count) {
            (diagnostics[index].subject, diagnostics[index].context, diagnostics[index].notes) = (nil, nil, [])
            diagnostics[index].detail = "In \(VisibleText.escaped(name)): \(diagnostics[index].detail)"
        }
    }

    private mutating func hasLabels(_ block: Block, _ count: Int) -> Bool {
        if block.labels.count == count { return true }
        report(
            "Invalid encryption block",
            count == 0 ? "\(block.type) has no label." : "\(block.type) has two labels: its type, and a name.",
            at: block.headerRange)
        return false
    }

    private mutating func report(_ summary: String, _ detail: String, at range: SourceRange) {
        diagnostics.append(Diagnostic.error(summary, detail, at: range).inside("encryption"))
    }

    /// Checks blocks that nothing refers to, so that a mistake is known before they are needed.
    mutating func checkUnused() {
        for (name, block) in methods.sorted(by: { $0.key < $1.key }) where !used.contains(name) {
            _ = method(name, block)
        }
        for (name, block) in keyProviders.sorted(by: { $0.key < $1.key }) where !used.contains(name) {
            _ = keyProvider(name, block)
        }
    }

    // MARK: - Targets

    mutating func target(_ name: String) -> EncryptionSettings.Target? {
        guard let block = targets[name] else { return nil }
        var found: [EncryptionSettings.Method] = []
        var isEnforced = false
        var next: Block? = block
        var isComplete = true
        while let level = next {
            next = nil
            var fields = BlockFields(level, of: "encryption")
            if found.isEmpty { isEnforced = fields.flag("enforced") ?? false }
            let reference = fields.take("method")
            diagnostics += fields.finish(["method", "enforced"])
            if let reference, let method = method(of: reference) {
                if isEnforced, method == .unencrypted {
                    report(
                        "Unencrypted method is forbidden",
                        "Encryption is enforced here, so nothing may be written or read unencrypted. Take \"enforced\" out until every file was written encrypted.",
                        at: reference.range)
                    isComplete = false
                }
                found.append(method)
            } else {
                if reference == nil {
                    report(
                        "Missing required argument",
                        "\(level.type) needs a method, such as: method = method.aes_gcm.NAME", at: level.headerRange)
                }
                isComplete = false
            }
            for inner in level.body.blocks {
                if inner.type == "fallback", inner.labels.isEmpty, next == nil {
                    next = inner
                } else {
                    report(
                        "Unsupported block type", "\(level.type) takes one block, \"fallback\", without labels.",
                        at: inner.headerRange)
                }
            }
        }
        return isComplete ? EncryptionSettings.Target(methods: found) : nil
    }

    private mutating func method(of attribute: Attribute) -> EncryptionSettings.Method? {
        guard let name = reference(attribute, to: "method") else { return nil }
        guard let block = methods[name] else {
            report(
                "Reference to undeclared method",
                "There is no \(VisibleText.escaped(name)).\(Suggestion.phrase(name, among: methods.keys))",
                at: attribute.expression.range)
            return nil
        }
        return method(name, block)
    }

    /// The three names of a reference such as `method.aes_gcm.NAME`, joined by dots.
    private mutating func reference(_ attribute: Attribute, to root: String) -> String? {
        if let traversal = attribute.expression.asTraversal, traversal.root == root, traversal.steps.count == 2,
            traversal.attributes.count == 2
        {
            return ([root] + traversal.attributes).joined(separator: ".")
        }
        report(
            "Invalid reference", "\(attribute.name) is a reference: \(root).TYPE.NAME, without quotes.",
            at: attribute.nameRange)
        return nil
    }

    // MARK: - Methods and key providers

    private mutating func method(_ name: String, _ block: Block) -> EncryptionSettings.Method? {
        used.insert(name)
        var fields = BlockFields(block, of: "encryption")
        defer { diagnostics += block.body.blocks.map { unexpected($0) } }
        switch block.labels[0].text {
        case "unencrypted":
            diagnostics += fields.finish([])
            return .unencrypted
        case "aes_gcm":
            let keys = fields.take("keys")
            diagnostics += fields.finish(["keys"])
            guard let keys else {
                report(
                    "Missing required argument",
                    "The method aes_gcm needs keys, such as: keys = key_provider.pbkdf2.NAME", at: block.headerRange)
                return nil
            }
            guard let name = reference(keys, to: "key_provider") else { return nil }
            guard let provider = keyProviders[name] else {
                report(
                    "Reference to undeclared key provider",
                    "There is no \(VisibleText.escaped(name)).\(Suggestion.phrase(name, among: keyProviders.keys))",
                    at: keys.expression.range)
                return nil
            }
            return keyProvider(name, provider).map { .aesGCM($0) }
        default:
            report(
                "Unsupported encryption method",
                "flinkform has the methods aes_gcm and unencrypted.\(Suggestion.phrase(block.labels[0].text, among: ["aes_gcm", "unencrypted"]))",
                at: block.labels[0].range)
            return nil
        }
    }

    private func unexpected(_ block: Block) -> Diagnostic {
        Diagnostic.error("Unsupported block type", "Blocks are not expected here.", at: block.typeRange)
            .inside("encryption")
    }

    private static let arguments = [
        "passphrase", "key_length", "iterations", "salt_length", "hash_function", "encrypted_metadata_alias",
    ]

    private mutating func keyProvider(_ name: String, _ block: Block) -> EncryptionSettings.KeyProvider? {
        // Two methods may use one provider; what is wrong with it is said once.
        let isFirst = used.insert(name).inserted
        let before = diagnostics
        defer { if isFirst { hidePlaces(since: before.count, name) } else { diagnostics = before } }
        guard block.labels[0].text == "pbkdf2" else {
            report(
                "Unsupported key provider",
                "flinkform has the key provider pbkdf2, which makes a key from a passphrase; those of cloud services are not supported.",
                at: block.labels[0].range)
            return nil
        }
        var fields = BlockFields(block, of: "encryption")
        let passphrase = fields.take("passphrase")
        let numbers = ["key_length", "iterations", "salt_length"].map { ($0, fields.take($0)) }
        let hashFunction = fields.text("hash_function")
        let alias = fields.text("encrypted_metadata_alias")
        diagnostics += fields.finish(Self.arguments) + block.body.blocks.map { unexpected($0) }
        guard let text = self.passphrase(passphrase, block) else { return nil }
        var provider = EncryptionSettings.KeyProvider(
            metadataKey: alias ?? name, passphrase: EncryptionSettings.Passphrase(text))
        for (name, attribute) in numbers {
            guard let attribute else { continue }
            switch name {
            case "key_length":
                provider.keyLength = number(attribute, "16, 24 or 32") { [16, 24, 32].contains($0) } ?? 32
            case "iterations":
                provider.iterations =
                    number(attribute, "from 200000 to 100000000") { (200_000...100_000_000).contains($0) } ?? 600_000
            default: provider.saltLength = number(attribute, "from 1 to 1024") { (1...1_024).contains($0) } ?? 32
            }
        }
        if let hashFunction {
            if let known = EncryptionSettings.HashFunction(rawValue: hashFunction) {
                provider.hashFunction = known
            } else {
                report(
                    "Invalid key provider", "hash_function of pbkdf2 is \"sha512\" or \"sha256\".",
                    at: block.headerRange)
            }
        }
        return provider
    }

    /// The text of a passphrase.
    private mutating func passphrase(_ attribute: Attribute?, _ block: Block) -> String? {
        guard let attribute else {
            report("Missing required argument", "The key provider pbkdf2 needs a passphrase.", at: block.headerRange)
            return nil
        }
        var problems: [Diagnostic] = []
        let (variables, knowsVariables) = (variables, knowsVariables)
        let scope = Scope(functions: FunctionTable([])) { root, attributes in
            guard root == "var", let name = attributes.first else {
                return .problem(summary: "Unsupported reference", detail: "Only input variables can be used here.")
            }
            if let value = variables[name] { return .value(value, consumed: 1) }
            guard knowsVariables else { return .reported }
            return .problem(
                summary: "Unsupported reference",
                detail: "There is no input variable named \"\(VisibleText.escaped(name))\" with a value.")
        }
        let value = attribute.expression.evaluate(in: scope, diagnostics: &problems)
        if let first = problems.first {
            report("Invalid passphrase", "\(first.detail)", at: block.headerRange)
            return nil
        }
        if value.isUnknown {
            guard knowsVariables else { return nil }
            report(
                "Invalid passphrase",
                "The passphrase is not known: the input variable that it names has no value. Set it with TF_VAR_NAME, or give all of the encryption in TF_ENCRYPTION.",
                at: block.headerRange)
            return nil
        }
        guard let text = value.string, text.utf8.count >= Self.passphraseMinimum else {
            report(
                "Invalid passphrase",
                "A passphrase is a string of at least \(Self.passphraseMinimum) characters.",
                at: block.headerRange)
            return nil
        }
        return text
    }

    private static let passphraseMinimum = 16

    private mutating func number(
        _ attribute: Attribute, _ expected: String, _ isValid: (Int) -> Bool
    ) -> Int? {
        let value = attribute.expression.evaluate(in: .constant, diagnostics: &diagnostics)
        if let number = (try? value.converted(to: .number))?.number?.int, isValid(number) { return number }
        report(
            "Invalid key provider", "\(attribute.name) of pbkdf2 is a number \(expected).",
            at: attribute.expression.range)
        return nil
    }
}

/// The JSON form of an encryption block, as the language.
private enum EncryptionJSON {
    /// Blocks that have labels, and how many.
    private static let labels = ["key_provider": 2, "method": 2]
    private static let blocks: Set<String> = [
        "key_provider", "method", "state", "plan", "fallback", "remote_state_data_sources",
    ]

    static func language(_ json: JSONValue) -> String {
        guard let object = json.object else { return "" }
        return object.map { name, value in member(name, value) }.joined()
    }

    private static func member(_ name: String, _ value: JSONValue) -> String {
        guard blocks.contains(name), value.object != nil || value.array != nil else {
            return "\(name) = \(expression(name, value))\n"
        }
        return block(name, [], value, depth: labels[name] ?? 0)
    }

    private static func block(_ name: String, _ labels: [String], _ value: JSONValue, depth: Int) -> String {
        if let items = value.array { return items.map { block(name, labels, $0, depth: depth) }.joined() }
        guard depth > 0 else {
            let head = ([name] + labels.map { JSONValue.string($0).text }).joined(separator: " ")
            return "\(head) {\n\(language(value))}\n"
        }
        return (value.object ?? [:]).map { label, inner in block(name, labels + [label], inner, depth: depth - 1) }
            .joined()
    }

    /// A string is a template in JSON, too; references are written with or without the signs of one.
    private static func expression(_ name: String, _ value: JSONValue) -> String {
        guard let text = value.string, name == "keys" || name == "method" else { return value.text }
        return text.hasPrefix("${") && text.hasSuffix("}") ? String(text.dropFirst(2).dropLast()) : text
    }
}

extension JSONValue {
    /// The value as JSON text, which for strings and numbers is the language's own.
    fileprivate var text: String { String(decoding: bytes(.compact), as: UTF8.self) }
}
