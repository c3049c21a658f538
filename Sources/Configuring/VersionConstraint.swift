/// A version number of three parts or more.
struct Version: Hashable, Comparable, CustomStringConvertible {
    var parts: [Int]
    var prerelease: String

    /// The version of Terraform whose language this tool follows.
    static let supported = Version(parts: [1, 11, 4], prerelease: "")

    init(parts: [Int], prerelease: String) {
        self.parts = parts
        self.prerelease = prerelease
    }

    init?(_ text: some StringProtocol) {
        let text = text.hasPrefix("v") ? String(text.dropFirst()) : String(text)
        let withoutBuild = text.split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
        let pieces = (withoutBuild.first ?? "").split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let numbers = (pieces.first ?? "").split(separator: ".", omittingEmptySubsequences: false)
        guard (1...Self.partsMaximum).contains(numbers.count) else { return nil }
        var parts: [Int] = []
        for number in numbers {
            guard !number.isEmpty, number.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let value = Int(number)
            else {
                return nil
            }
            parts.append(value)
        }
        self.parts = parts + Array(repeating: 0, count: max(0, 3 - parts.count))
        prerelease = pieces.count > 1 ? String(pieces[1]) : ""
        if pieces.count > 1, !Self.isTag(pieces[1]) { return nil }
        if withoutBuild.count > 1, !Self.isTag(withoutBuild[1]) { return nil }
    }

    private static let partsMaximum = 8

    /// Whether a text may stand behind a dash or a plus sign.
    private static func isTag(_ text: some StringProtocol) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x7E: true
                default: false
                }
            }
    }

    var description: String {
        parts.map(String.init).joined(separator: ".") + (prerelease.isEmpty ? "" : "-\(prerelease)")
    }

    static func < (left: Version, right: Version) -> Bool {
        if left.parts != right.parts { return left.parts.lexicographicallyPrecedes(right.parts) }
        if left.prerelease.isEmpty || right.prerelease.isEmpty {
            return !left.prerelease.isEmpty && right.prerelease.isEmpty
        }
        return left.prerelease < right.prerelease
    }
}

/// Conditions on a version, such as `>= 1.5, < 2.0`.
package struct VersionConstraint {
    private struct Condition {
        var sign: String
        var version: Version
        /// How many parts were written: `~> 1.5` lets the second part grow, `~> 1.5.2` only the third, `~> 1` any.
        var precision: Int
    }

    private var conditions: [Condition] = []

    /// Reads conditions, separated by commas; nil when one is not understood.
    init?(_ text: String) {
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let part = part.trimmingSpaces
            let sign = String(part.prefix { "=!<>~".contains($0) })
            guard ["", "=", "!=", ">", ">=", "<", "<=", "~>"].contains(sign) else { return nil }
            let number = Substring(part.dropFirst(sign.count)).trimmingSpaces
            guard let version = Version(number) else { return nil }
            let precision = number.prefix { $0 != "-" && $0 != "+" }.split(separator: ".").count
            conditions.append(Condition(sign: sign, version: version, precision: precision))
        }
    }

    /// Conditions as Terraform prints them, with all parts of the versions; as they are written where they make no sense.
    package static func canonical(_ text: String) -> String {
        guard let constraint = VersionConstraint(text) else { return text }
        return constraint.conditions.map { condition in
            let version = condition.version
            guard condition.sign == "~>", version.prerelease.isEmpty else {
                return (["", "="].contains(condition.sign) ? "" : condition.sign + " ") + version.description
            }
            return "~> " + version.parts.prefix(condition.precision).map(String.init).joined(separator: ".")
        }.joined(separator: ", ")
    }

    /// Whether a condition names a version before a release.
    var namesPrerelease: Bool { conditions.contains { !$0.version.prerelease.isEmpty } }

    /// Whether a version meets all conditions.
    func allows(_ version: Version) -> Bool {
        conditions.allSatisfy { condition in
            switch condition.sign {
            case "", "=": return version == condition.version
            case "!=": return version != condition.version
            case ">": return version > condition.version
            case ">=": return version >= condition.version
            case "<": return version < condition.version
            case "<=": return version <= condition.version
            default:
                let fixed = condition.precision - 1
                return version >= condition.version
                    // A version of fewer parts cannot be compared part by part.
                    && version.parts.count >= condition.version.parts.count
                    && version.parts.prefix(fixed) == condition.version.parts.prefix(fixed)
            }
        }
    }
}

extension Substring {
    fileprivate var trimmingSpaces: Substring {
        var result = drop(while: \.isWhitespace)
        while result.last?.isWhitespace == true { result.removeLast() }
        return result
    }
}
