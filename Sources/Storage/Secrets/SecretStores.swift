package import Applying
package import Configuring
package import Diagnostics

/// Makes the secret stores that settings speak of; the one place that knows all kinds.
package enum SecretStores {
    /// Makes a store; nothing is touched or asked yet.
    ///
    /// - Parameters:
    ///   - settings: Which store it is.
    ///   - statePath: The local state, or where it would be: the default store is beside it.
    ///   - workspace: The workspace, when it is not the default one; each has secrets of its own.
    ///   - place: What the store finds around it.
    package static func store(
        _ settings: SecretStoreSettings, statePath: String, workspace: String?, in place: SecretStorePlace
    ) throws(Diagnostic) -> any SecretStore {
        switch settings {
        case .file(let file): return try self.file(file, statePath: statePath, workspace: workspace, in: place)
        case .vault(let vault): return try VaultSecretStore.store(vault, workspace: workspace, in: place)
        case .command(let command):
            var words = command.words
            if words[0].hasPrefix("~/") { words[0] = place.path(words[0]) }
            let program = place.program(words, timeout: .seconds(command.timeout))
            return CommandSecretStore(
                name: command.words[0], workspace: workspace, newID: place.surroundings.uuid()
            ) { (input) throws(ChildProgram.Failure) in try await program.run(input: input) }
        }
    }

    /// Makes a store of a file.
    package static func file(
        _ settings: SecretStoreSettings.File, statePath: String, workspace: String?, in place: SecretStorePlace
    ) throws(Diagnostic) -> FileSecretStore {
        var path = statePath + ".secrets.json"
        if let setting = settings.path {
            path = place.path(try setting.text(place.environment)) + (workspace.map { ".\($0)" } ?? "")
        }
        return FileSecretStore(
            path: path,
            encryption: settings.key.map { FileSecretStore.Encryption(source: SecretKeySource($0, place)) },
            files: place.files, versionControl: place.versionControl, newID: place.surroundings.uuid())
    }
}
