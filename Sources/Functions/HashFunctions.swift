import Crypto
import FoundationEssentials
import HCL
import Values

/// Functions that make a digest of a text or a file.
enum HashFunctions {
    /// The digests, and how each is written.
    private static let kinds: [(name: String, text: @Sendable ([UInt8]) -> String)] = [
        ("md5", { hexadecimal(Insecure.MD5.hash(data: $0)) }), ("sha1", { hexadecimal(Insecure.SHA1.hash(data: $0)) }),
        ("sha256", { hexadecimal(SHA256.hash(data: $0)) }), ("sha512", { hexadecimal(SHA512.hash(data: $0)) }),
        ("base64sha256", { Data(SHA256.hash(data: $0)).base64EncodedString() }),
        ("base64sha512", { Data(SHA512.hash(data: $0)).base64EncodedString() }),
    ]

    static func all(_ environment: FunctionEnvironment) -> [Function] {
        let base64 = ofFile("filebase64", environment) { Data($0).base64EncodedString() }
        return kinds.flatMap { kind in
            let file = kind.name.hasPrefix("base64") ? "filebase64" + kind.name.dropFirst(6) : "file" + kind.name
            return [
                Function(kind.name, [.init("str", .string)], result: .string) { values throws(FunctionError) in
                    .string(kind.text(Array((values[0].string ?? "").utf8)))
                }, ofFile(file, environment, kind.text),
            ]
        } + [base64, uuidv5]
    }

    private static func ofFile(
        _ name: String, _ environment: FunctionEnvironment, _ text: @escaping @Sendable ([UInt8]) -> String
    ) -> Function {
        Function(name, [.init("path", .string)], result: .string) { values throws(FunctionError) in
            do throws(FunctionError) {
                return .string(text(try environment.readFile(values[0].string ?? "")))
            } catch {
                throw FunctionError(error.message, argument: 0)
            }
        }
    }

    private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// The namespaces that have names.
    private static let namespaces = ["dns": "10", "url": "11", "oid": "12", "x500": "14"]

    private static let uuidv5 = Function(
        "uuidv5", [.init("namespace", .string), .init("name", .string)], result: .string
    ) { values throws(FunctionError) in
        let (namespace, name) = (values[0].string ?? "", values[1].string ?? "")
        let text = namespaces[namespace].map { "6ba7b8\($0)-9dad-11d1-80b4-00c04fd430c8" } ?? namespace
        guard let id = UUID(uuidString: text) else {
            throw FunctionError("uuidv5() doesn't support namespace \(namespace): it is no UUID")
        }
        var bytes = Array(
            Insecure.SHA1.hash(data: withUnsafeBytes(of: id.uuid) { Array($0) } + Array(name.utf8)).prefix(16))
        bytes[6] = bytes[6] & 0x0f | 0x50
        bytes[8] = bytes[8] & 0x3f | 0x80
        let digits = hexadecimal(bytes)
        var (parts, rest) = ([Substring](), digits[...])
        for count in [8, 4, 4, 4, 12] {
            parts.append(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        return .string(parts.joined(separator: "-"))
    }
}
