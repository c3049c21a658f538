import Diagnostics

extension Diagnostic {
    static func notEncrypted(_ place: String) -> Diagnostic {
        .error(
            "Unencrypted file refused",
            """
            \(VisibleText.escaped(place)) is not encrypted, although the configuration says that it is. Somebody may have put it \
            there. Nothing was changed.

            If it was written before encryption was turned on, allow it once and let the next apply encrypt it:
                method "unencrypted" "migrate" {}
                state {
                  method = method.aes_gcm.NAME
                  fallback { method = method.unencrypted.migrate }
                }
            """)
    }

    static func noEncryption(_ place: String, _ names: [String]) -> Diagnostic {
        .error(
            "Encrypted file without its key",
            """
            \(VisibleText.escaped(place)) is encrypted with \(list(names)), and there is no such encryption in the configuration. \
            Nothing was changed.

            Put the encryption block that it was written with into a terraform block, or into the environment variable \
            TF_ENCRYPTION. To end encryption, keep its method as the fallback of the method "unencrypted" until the next apply.
            """)
    }

    static func otherKeyProvider(_ place: String, _ names: [String], _ own: [String]) -> Diagnostic {
        .error(
            "Encrypted with another key provider",
            """
            \(VisibleText.escaped(place)) is encrypted with \(list(names)), and the configuration has \(list(own)). Nothing was \
            changed.

            Give the key provider its old name back, or say in it what the file calls it: encrypted_metadata_alias = "…". To change \
            the key, keep the old key provider and its method, as the fallback of the new one, until the next apply.
            """)
    }

    static func notOpened(_ place: String) -> Diagnostic {
        .error(
            "Decryption failed",
            """
            \(VisibleText.escaped(place)) cannot be decrypted: the passphrase is not the one that it was written with, or the file \
            was changed since. The two cannot be told apart. Nothing was changed.

            Give the passphrase that it was written with, or restore the file from a backup.
            """)
    }

    static func damagedEnvelope(_ place: String) -> Diagnostic {
        .error(
            "Encrypted file is damaged",
            """
            \(VisibleText.escaped(place)) is encrypted, but not as a whole file is: something of "meta" or "encrypted_data" is \
            missing or cut off. Nothing was changed. Restore the file from a backup.
            """)
    }

    static func foreignEnvelope(_ place: String) -> Diagnostic {
        .error(
            "Encrypted file is damaged",
            """
            The serial or the lineage that \(VisibleText.escaped(place)) shows is not that of the state inside. Somebody changed \
            the file. Nothing was changed. Restore it from a backup.
            """)
    }

    static func encryptionVersion(_ place: String, _ version: String) -> Diagnostic {
        .error(
            "Unsupported encryption version",
            """
            \(VisibleText.escaped(place)) is encrypted in version "\(VisibleText.escaped(version))", and this flinkform reads \
            version "\(Envelope.version)". A newer program wrote it; use a newer flinkform.
            """)
    }

    static var notSealed: Diagnostic {
        .error(
            "Encryption failed",
            "The system could not encrypt: there is not enough memory. Nothing was written; try again.")
    }

    private static func list(_ names: [String]) -> String {
        names.isEmpty ? "no key provider" : names.map { VisibleText.escaped($0) }.joined(separator: " and ")
    }
}
