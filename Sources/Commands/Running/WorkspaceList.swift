import Diagnostics
import Storage

/// The workspaces of a directory that have a state, and `default`.
struct WorkspaceList {
    /// Sorted, `default` first.
    let names: [String]

    init(_ location: StateLocation, _ invocation: Invocation) async throws {
        var found: [String]
        if let backend = location.backend {
            do throws(EngineError) {
                found = try await backend.workspaces() ?? []
            } catch {
                throw Diagnostic.backend("Workspaces cannot be listed", error)
            }
        } else {
            found = Self.directories(location.workspaceDirectory, invocation)
        }
        found.removeAll { $0 == StateLocation.defaultWorkspace }
        names = [StateLocation.defaultWorkspace] + found.sorted()
    }

    private static func directories(_ path: String, _ invocation: Invocation) -> [String] {
        ((try? invocation.files.list(path)) ?? []).filter { name in
            guard Workspace.isSound(name) else { return false }
            let files = (try? invocation.files.list("\(path)/\(name)")) ?? []
            // Of a workspace that was deleted, only secrets are left.
            return !files.contains("flinkform.tfstate.secrets.json") || files.contains { !$0.contains(".secrets.json") }
        }
    }
}
