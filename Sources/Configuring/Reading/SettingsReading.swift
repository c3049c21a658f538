import Diagnostics
import HCL
import Values

/// `terraform` blocks.
extension ConfigurationLoader {
    mutating func readSettings(_ block: Block) {
        let before = diagnostics.count
        defer {
            for index in diagnostics.indices.dropFirst(before) {
                diagnostics[index] = diagnostics[index].inside("terraform")
            }
        }
        for attribute in block.body.attributes {
            switch attribute.name {
            case "required_version": checkVersion(attribute)
            case "experiments", "language": continue
            default:
                diagnostics.append(
                    .error(
                        "Unsupported argument",
                        "An argument named \"\(VisibleText.escaped(attribute.name))\" is not expected here.\(Suggestion.phrase(attribute.name, among: ["required_version"]))",
                        at: attribute.nameRange))
            }
        }
        for inner in block.body.blocks {
            switch inner.type {
            case "required_providers":
                if isFirst(inner, requiredProviders, "Duplicate required providers configuration") {
                    requiredProviders = inner
                    readRequiredProviders(inner)
                }
            case "backend":
                guard isFirst(inner, backend, "Duplicate backend configuration") else { continue }
                backend = inner
                readBackend(inner)
            case "cloud":
                guard isFirst(inner, backend, "Duplicate backend configuration") else { continue }
                backend = inner
                guard module.address.isRoot else { continue }
                configuration.backend = BackendBlock(type: "cloud", headerRange: inner.headerRange)
            case "encryption":
                if labels(inner, []), isFirst(inner, encryption, "Duplicate encryption configuration") {
                    encryption = inner
                    guard module.address.isRoot else { continue }
                    configuration.encryption = inner.body
                }
            case "provider_meta": continue
            default:
                diagnostics.append(
                    .error(
                        "Unsupported block type",
                        "Blocks of type \"\(VisibleText.escaped(inner.type))\" are not expected here.\(Suggestion.phrase(inner.type, among: ["required_providers", "backend", "encryption"]))",
                        at: inner.typeRange))
            }
        }
    }

    /// Whether no such block came before; reports it when one did.
    private mutating func isFirst(_ block: Block, _ first: Block?, _ summary: String) -> Bool {
        guard let first else { return true }
        diagnostics.append(
            .duplicate(
                summary, "A configuration may have only one \(first.type) block.", first.headerRange,
                at: block.headerRange))
        return false
    }

    private mutating func checkVersion(_ attribute: Attribute) {
        guard let text = Self.text(attribute.expression) else {
            diagnostics.append(
                .error(
                    "Invalid version constraint", "A string value is required for required_version.",
                    at: attribute.expression.range))
            return
        }
        guard let constraint = VersionConstraint(text) else {
            diagnostics.append(
                .error(
                    "Invalid version constraint",
                    "This string does not use correct version constraint syntax, such as \">= 1.5, < 2.0\".",
                    at: attribute.expression.range))
            return
        }
        if constraint.namesPrerelease {
            diagnostics.append(
                .error(
                    "Invalid version constraint",
                    "Prerelease version constraints are not supported in required_version: write it without what follows the dash.",
                    at: attribute.expression.range))
            return
        }
        if !constraint.allows(.supported) {
            diagnostics.append(
                .error(
                    "Unsupported Terraform version",
                    "This configuration does not support Terraform version \(Version.supported), whose language flinkform follows. Change required_version if the configuration is meant to work with it.",
                    at: attribute.expression.range))
        }
    }

    private mutating func readRequiredProviders(_ block: Block) {
        for attribute in block.body.attributes {
            let pairs = attribute.expression.staticPairs ?? []
            module.requiredProviders[attribute.name] = ""
            for (key, value) in pairs {
                let name = key.asKeyword ?? key.literal?.string ?? ""
                let text = Self.text(value)
                switch name {
                case "version":
                    module.requiredProviders[attribute.name] = text ?? ""
                    if text.map({ VersionConstraint($0) == nil }) ?? true {
                        diagnostics.append(
                            .error(
                                "Invalid version constraint",
                                "This value does not use correct version constraint syntax, such as \"~> 2.0\".",
                                at: value.range))
                    }
                case "source":
                    if text.map({ !Identifier.isProviderSource($0) }) ?? true {
                        diagnostics.append(
                            .error(
                                "Invalid provider source string",
                                "The \"source\" attribute must be in the format \"[hostname/][namespace/]name\".",
                                at: value.range))
                    }
                case "configuration_aliases": continue
                default:
                    diagnostics.append(
                        .error(
                            "Invalid required_providers object",
                            "required_providers objects can only contain \"version\", \"source\" and \"configuration_aliases\" attributes.",
                            at: key.range))
                }
            }
            let isOldForm = Self.text(attribute.expression).map { VersionConstraint($0) != nil } ?? false
            if attribute.expression.staticPairs == nil, !isOldForm {
                diagnostics.append(
                    .error(
                        "Invalid required_providers object",
                        "A provider requirement is an object with \"source\" and \"version\".",
                        at: attribute.expression.range))
            }
        }
    }

    private mutating func readBackend(_ block: Block) {
        // As in Terraform, only the root module says where the state is.
        guard module.address.isRoot else { return }
        guard labels(block, ["type"]) else { return }
        var backend = BackendBlock(type: block.labels[0].text, headerRange: block.headerRange)
        backend.read(block.body, diagnostics: &diagnostics)
        configuration.backend = backend
    }

    /// A string that is written out; nil when it is none, or needs names.
    private static func text(_ expression: Expression) -> String? {
        var ignored: [Diagnostic] = []
        let value = expression.evaluate(in: .constant, diagnostics: &ignored)
        return ignored.isEmpty ? value.string : nil
    }
}
