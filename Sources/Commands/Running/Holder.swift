import Applying
import Glibc
import Storage

extension Invocation {
    /// What others are shown of this run while it has a lock.
    ///
    /// - Parameters:
    ///   - operation: What it does, such as `apply`.
    ///   - path: What is locked.
    func holder(_ operation: String, of path: String) -> LockHolder {
        LockHolder(
            id: surroundings.uuid(), operation: operation, who: who, version: Flinkform.version,
            created: surroundings.timestamp(), path: path, info: Job.description(environment))
    }

    /// The user at the machine, such as `jo@host`.
    private var who: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "" }
        let host = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return "\(environment["USER"] ?? environment["LOGNAME"] ?? "")@\(host)"
    }
}
