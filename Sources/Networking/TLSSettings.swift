import NIOSSL

/// Whom a connection trusts, and who this side says that it is.
package struct TLSSettings: Hashable, Sendable {
    /// Certificates of authorities as PEM text, trusted instead of the system's; nil means the system's.
    package var authorities: String?
    /// This side's certificate chain as PEM text; nil for none.
    package var certificates: String?
    /// The private key of `certificates` as PEM text; nil for none.
    package var privateKey: Secret?
    /// Whether the server's certificate is looked at; only ever false when a user asks for that.
    package var verifiesServer: Bool

    /// States all parts; the system's authorities and no certificate of its own unless said otherwise.
    package init(
        authorities: String? = nil, certificates: String? = nil, privateKey: Secret? = nil, verifiesServer: Bool = true
    ) {
        self.authorities = authorities
        self.certificates = certificates
        self.privateKey = privateKey
        self.verifiesServer = verifiesServer
    }

    /// Throws when a certificate or the key cannot be read, or one of both is missing.
    package func check() throws(ClientError) { _ = try configuration() }

    /// What the library for TLS takes; nil when everything is as usual.
    func configuration() throws(ClientError) -> TLSConfiguration? {
        guard self != TLSSettings() else { return nil }
        guard (certificates == nil) == (privateKey == nil) else {
            throw ClientError("A client certificate and its private key must be given together.")
        }
        var configuration = TLSConfiguration.makeClientConfiguration()
        if let authorities {
            guard let read = try? NIOSSLCertificate.fromPEMBytes(Array(authorities.utf8)), !read.isEmpty else {
                throw ClientError("The certificate of the authority cannot be read; it must be PEM text.")
            }
            configuration.trustRoots = .certificates(read)
        }
        if let certificates, let privateKey {
            guard let chain = try? NIOSSLCertificate.fromPEMBytes(Array(certificates.utf8)), !chain.isEmpty else {
                throw ClientError("The client certificate cannot be read; it must be PEM text.")
            }
            guard let key = try? NIOSSLPrivateKey(bytes: Array(privateKey.revealed.utf8), format: .pem) else {
                throw ClientError("The private key of the client cannot be read; it must be PEM text, not encrypted.")
            }
            configuration.certificateChain = chain.map { .certificate($0) }
            configuration.privateKey = .privateKey(key)
        }
        if !verifiesServer { configuration.certificateVerification = .none }
        return configuration
    }
}
