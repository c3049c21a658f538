import Configuring
import Diagnostics
import JSON
import Reporting

/// What `init` says as it goes, to people and to programs.
struct InitText {
    private let invocation: Invocation
    private let paint: Paint

    init(_ invocation: Invocation, isColored: Bool) {
        self.invocation = invocation
        paint = Paint(isColored: isColored)
    }

    /// There is nothing to prepare.
    func empty() {
        let text = """
            The directory has no flinkform configuration files. You may begin working
            with flinkform immediately by creating flinkform configuration files.
            """
        let title = "flinkform initialized in an empty directory!"
        invocation.terminal.write("\(paint.good(title))\n\n\(text)\n")
        log("output_init_empty_message", "\(title)\n\n\(text)")
    }

    /// The backend comes next.
    func backend() { heading("Initializing the backend...", "initializing_backend_message") }

    /// What came of the backend.
    func done(_ text: String) {
        invocation.terminal.write("\n\(paint.good(text))\n\n")
        log("backend_configured_success", text)
    }

    /// The modules, which are read where they are.
    func modules(_ configuration: Configuration) {
        guard configuration.modules.count > 1 else { return }
        heading("Initializing modules...", "initializing_modules_message")
        invocation.terminal.write(Self.list(configuration))
    }

    /// The providers that there are blocks of.
    func providers(_ configuration: Configuration) {
        heading("Initializing provider plugins...", "initializing_provider_plugin_message")
        let names = Set(configuration.resources.map { ProviderName($0.provider).provider })
            .union(configuration.modules.values.flatMap(\.requiredProviders.keys))
        for source in names.compactMap({ Project.catalog.provider(of: $0)?.source }).sorted() {
            invocation.terminal.write("- \(source) is built in to flinkform\n")
            invocation.log?.add([ProtocolLine("log", "\(source) is built in to flinkform", [:])])
        }
    }

    /// All is done.
    func success() {
        let title = "flinkform has been successfully initialized!"
        invocation.terminal.write("\n\(paint.good(title))\n")
        log("output_init_success_message", title)
        guard !invocation.isAutomated else { return }
        let text = """
            You may now begin working with flinkform. Try running "flinkform plan" to see
            any changes that are required for your infrastructure. Nothing was downloaded:
            the providers are part of flinkform.

            If you ever change the backend, rerun this command. If you forget, other
            commands will detect it and remind you to do so.
            """
        invocation.terminal.write("\n\(text)\n")
        log("output_init_success_cli_message", text)
    }

    /// Each module with its directory, a line for each.
    static func list(_ configuration: Configuration) -> String {
        configuration.modules.values.filter { !$0.address.isRoot }
            .map { module in
                let name = module.address.steps.map(\.name).joined(separator: ".")
                return "- \(VisibleText.escaped(name)) in \(VisibleText.escaped(module.directory))\n"
            }.sorted().joined()
    }

    private func heading(_ text: String, _ code: String) {
        invocation.terminal.write("\(text)\n")
        log(code, text)
    }

    private func log(_ code: String, _ text: String) {
        invocation.log?.add([ProtocolLine("init_output", text, ["message_code": .string(code)])])
    }
}
