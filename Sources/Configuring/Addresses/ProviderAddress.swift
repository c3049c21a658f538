package import Diagnostics

/// The source address of a provider: which registry has it, and what it is called there.
package struct ProviderAddress: Hashable, Sendable, CustomStringConvertible {
    /// The registry's host, the namespace there, and the name.
    private let parts: [String]

    private static let defaults = ["registry.terraform.io", "hashicorp"]

    /// Reads `[HOST/][NAMESPACE/]NAME`, as a user types it; throws what is wrong with it.
    ///
    /// `role` says in the message what the address is for.
    package init(parsing text: String, as role: String) throws(Diagnostic) {
        func invalid(_ why: String) -> Diagnostic {
            .error("Invalid \"\(role)\" provider \"\(VisibleText.escaped(text))\"", why)
        }
        let given = text.split(separator: "/", omittingEmptySubsequences: false).map { $0.lowercased() }
        guard (1...3).contains(given.count), given.allSatisfy({ !$0.isEmpty }) else {
            throw invalid(
                "Invalid provider source string: The \"source\" attribute must be in the format \"[hostname/][namespace/]name\""
            )
        }
        for (part, kind) in zip(given.reversed(), ["type", "namespace"]) where !Self.isName(part) {
            throw invalid(
                "Invalid provider \(kind): Invalid provider \(kind) in source \"\(VisibleText.escaped(text))\": must contain only letters, digits, and dashes, and may not use leading or trailing dashes"
            )
        }
        parts = Self.defaults.prefix(3 - given.count) + given
    }

    private static func isName(_ part: String) -> Bool {
        part.first != "-" && part.last != "-"
            && part.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }
    }

    /// The whole address, such as `registry.terraform.io/confluentinc/confluent`.
    package var description: String { parts.joined(separator: "/") }
}
