import Applying
import Configuring
import Diagnostics
import Planning
import Reporting
import Storage

/// What the `deliver` blocks of the settings do with secrets.
struct ConfiguredDelivery: SecretDelivery {
    private let blocks: [String: DeliverySettings]
    private let order: [DeliverySettings]
    private let place: SecretStorePlace

    /// Nil when there are no blocks.
    init?(_ settings: Settings, _ invocation: Invocation) {
        guard !settings.deliveries.isEmpty else { return nil }
        order = settings.deliveries
        blocks = Dictionary(order.map { ($0.name, $0) }) { first, _ in first }
        place = SecretStorePlace(invocation)
    }

    func recipients(of address: InstanceAddress) -> [SecretRecipient] {
        order.filter { $0.takes(address) }.map { SecretRecipient(name: $0.name, mark: $0.mark) }
    }

    func deliver(_ secret: DeliveredSecret, to recipient: String) async throws(Diagnostic) {
        guard let block = blocks[recipient] else { return }
        let key = ExposedKey(id: secret.id, secret: secret.secret, address: secret.address, object: secret.object)
        let text = Array(try SecretText(block.format, machine: block.machine).text([key]).utf8)
        switch block.target {
        case .file(let setting):
            let pattern = place.path(try setting.text(place.environment))
            let path = pattern.replacing("{id}", with: key.id).replacing("{name}", with: key.name)
            guard path != pattern || block.namesInstance(secret.address) else { throw .oneFile(block, secret.address) }
            do throws(FileError) {
                try place.files.makeDirectory(Path.directory(of: path))
                try AtomicFile.write(text, to: path, on: place.files)
            } catch {
                throw .error(
                    "Secret could not be delivered",
                    "Could not \(error.operation) \(VisibleText.escaped(error.path)): \(error.reason).")
            }
        case .command(let words): try await run(words, text, key, block)
        }
    }

    private func run(
        _ words: [String], _ text: [UInt8], _ key: ExposedKey, _ block: DeliverySettings
    ) async throws(Diagnostic) {
        let program = VisibleText.escaped(words[0])
        let words = words.map { $0.replacing("{id}", with: key.id).replacing("{name}", with: key.name) }
        let problem: String
        do throws(ChildProgram.Failure) {
            let outcome = try await place.program(words, timeout: .seconds(block.timeout)).run(input: text)
            if outcome.status == 0 { return }
            problem = outcome.failureText(hiding: [key.secret])
        } catch {
            problem = error.description
        }
        throw .error("Secret could not be delivered", "\(program): \(problem).")
    }
}

extension Settings {
    /// A warning for each resource that a `deliver` block names and the configuration does not have.
    func unknownKeys(in configuration: Configuration) -> [Diagnostic] {
        let known = configuration.resources.map(\.address).filter { $0.mode == .managed }.map(\.description)
        return deliveries.flatMap { block in
            (block.keys ?? []).filter { configuration.resource($0.resource) == nil }.map { key in
                .warning(
                    "Delivery of an unknown resource",
                    "deliver \"\(VisibleText.escaped(block.name))\" in flinkform.hcl names \(key.resource), which the configuration does not have.\(Suggestion.phrase(key.resource.description, among: known))"
                )
            }
        }
    }
}

extension DeliverySettings {
    /// Whether an instance is the only one that can be meant.
    fileprivate func namesInstance(_ address: InstanceAddress) -> Bool {
        guard let keys, keys.count == 1 else { return false }
        return address.key == .none || keys[0].instance == address.key
    }
}

extension Diagnostic {
    fileprivate static func oneFile(_ block: DeliverySettings, _ address: InstanceAddress) -> Diagnostic {
        .error(
            "Secret could not be delivered",
            "Several keys may go to the same file, each in the place of the other. Put {name} or {id} into \"file\", or name one instance: keys = [\(address)]"
        )
    }
}
