package import Diagnostics
package import HCL

/// A module: what the files of one directory declare, as one call of it sees them.
///
/// Two calls of one directory are two modules.
package struct Module: Sendable {
    /// Its address, without keys of instances.
    package var address: ModuleAddress
    /// Its directory, from the root module's; `.` for the root module.
    package var directory: String
    /// Input variables by name.
    package var variables: [String: InputVariable] = [:]
    /// Local values by name.
    package var locals: [String: LocalValue] = [:]
    /// Output values by name.
    package var outputs: [String: OutputValue] = [:]
    /// Check blocks by name.
    package var checks: [String: CheckBlock] = [:]
    /// The modules that it calls, by the names of the calls.
    package var calls: [String: ModuleCall] = [:]
    /// The addresses of its resources and data sources, in the order of the source.
    package var resources: [ResourceAddress] = []
    /// The providers that `required_providers` names, each with its version constraint, which is empty where there is none.
    package var requiredProviders: [String: String] = [:]
    /// What it calls provider configurations, and what they are in the root module.
    ///
    /// Without an entry, a name is the same there.
    var providers: [String: String] = [:]

    init(_ address: ModuleAddress, directory: String) {
        self.address = address
        self.directory = directory
    }

    /// What the user reads of it: `the root module`, or its address.
    package var shown: String { address.isRoot ? "the root module" : address.description }
}

/// A `module` block: a module that is part of another.
package struct ModuleCall: Sendable {
    /// Its name.
    package var name: String
    /// The directory of the module, from the root module's.
    package var directory: String
    /// The directory as `source` writes it.
    package var source = ""
    /// Which instances there are; nil for the one.
    package var repetition: Repetition
    /// The values of the module's input variables, as they are written.
    package var arguments: [Attribute]
    /// What must be done before anything in the module is; nil when that is not said.
    package var dependsOn: Expression?
    /// The provider configurations that the module is given: its names for them, and the caller's.
    var providers: [(name: ProviderName, caller: ProviderName, range: SourceRange)] = []
    /// Where it is declared.
    package var range: SourceRange

    /// The block as messages call it.
    package var construct: String { "module \"\(name)\"" }
}

/// `count` or `for_each` of a block, or neither.
package struct Repetition: Sendable {
    /// `count`, or nil.
    package var count: Expression?
    /// `for_each`, or nil.
    package var forEach: Expression?

    /// Makes it of what there is of the two.
    package init(count: Expression? = nil, forEach: Expression? = nil) { (self.count, self.forEach) = (count, forEach) }

    /// Whether there is exactly one instance, which has no key.
    package var isSingle: Bool { count == nil && forEach == nil }

    /// The problem of a block that has both; nil when it has not.
    var conflict: Diagnostic? {
        guard count != nil, let forEach else { return nil }
        return .error(
            "Invalid combination of \"count\" and \"for_each\"",
            "The \"count\" and \"for_each\" meta-arguments are mutually-exclusive, only one should be used to be explicit about the number of resources to be created.",
            at: forEach.range)
    }
}
