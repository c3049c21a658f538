package import Configuring
package import Diagnostics
package import Planning

/// Hands secrets to those who use them.
///
/// A secret is handed on once it is stored and its object is recorded; the mark of having done so goes into the object's own
/// record in the state, which survives whatever becomes of the secret store, and costs no request of its own.
package protocol SecretDelivery: Sendable {
    /// Who takes the secret of an instance.
    func recipients(of address: InstanceAddress) -> [SecretRecipient]

    /// Hands a secret to a recipient, by name; it may get the same one again.
    ///
    /// Throws what the user is to be told, without the secret.
    func deliver(_ secret: DeliveredSecret, to recipient: String) async throws(Diagnostic)
}

/// Who takes secrets.
package struct SecretRecipient: Hashable, Sendable {
    /// The name.
    package var name: String
    /// Another one as soon as something else is done with secrets: they are all handed on again then.
    package var mark: String

    /// Makes a recipient.
    package init(name: String, mark: String) {
        self.name = name
        self.mark = mark
    }
}

/// A secret on its way to a recipient.
package struct DeliveredSecret: Sendable, CustomStringConvertible, CustomReflectable {
    /// The object's address.
    package var address: InstanceAddress
    /// The object's id.
    package var id: String
    /// The secret.
    package var secret: String
    /// The object as state has it.
    package var object: ObjectState

    /// Makes it of its parts.
    package init(address: InstanceAddress, id: String, secret: String, object: ObjectState) {
        (self.address, self.id, self.secret, self.object) = (address, id, secret, object)
    }

    /// The address alone.
    package var description: String { "secret of \(address)" }
    /// Nothing, so that no dump shows the secret.
    package var customMirror: Mirror { Mirror(self, children: ["id": id]) }
}
