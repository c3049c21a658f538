import Applying
import Configuring
import Diagnostics
import Storage

/// `flinkform.hcl`, the settings beside the configuration.
extension Settings {
    private static let lengthMaximum = 1 << 20

    /// Reads the settings of the directory, or those in another file, which must be there.
    static func load(_ invocation: Invocation, from name: String? = nil) throws -> Settings {
        let bytes: [UInt8]?
        do throws(FileError) {
            bytes = try invocation.files.read(invocation.path(name ?? fileName), limit: lengthMaximum)
            if bytes == nil, let name { throw FileError("read", name, "There is no such file") }
        } catch {
            throw Problems(
                .error(
                    "Settings cannot be read", "Could not read \(VisibleText.escaped(error.path)): \(error.reason)."))
        }
        guard let bytes else { return Settings() }
        let (settings, diagnostics) = read(bytes, name: name ?? fileName)
        if diagnostics.hasErrors { throw Problems(diagnostics, settings.files) }
        return settings
    }

    /// The secret store of a state; nothing is touched or asked yet.
    func secretStore(of location: StateLocation, _ invocation: Invocation) throws -> any SecretStore {
        do throws(Diagnostic) {
            return try SecretStores.store(
                secrets, statePath: location.localPath, workspace: location.secretWorkspace,
                in: SecretStorePlace(invocation))
        } catch {
            throw Problems([error], files)
        }
    }
}

extension StateLocation {
    /// The workspace, when it is not the default one.
    var secretWorkspace: String? { workspace == Self.defaultWorkspace ? nil : workspace }
}

extension SecretStorePlace {
    /// What an invocation works with.
    init(_ invocation: Invocation) {
        self.init(
            environment: invocation.environment, directory: invocation.directory, files: invocation.files,
            versionControl: FileSecretStore.VersionControl {
                await Git.standing(of: $0, on: invocation.files, environment: invocation.environment)
            },
            surroundings: invocation.surroundings)
    }
}
