import HCL
import Values

/// Functions of IP networks in CIDR notation.
enum NetworkFunctions {
    static let all: [Function] = [cidrhost, cidrnetmask, cidrsubnet, cidrsubnets]

    private static func network(_ value: Value, argument: Int? = nil) throws(FunctionError) -> Network {
        let text = value.string ?? ""
        guard let network = Network(text) else {
            throw FunctionError("invalid CIDR expression: invalid CIDR address: \(text)", argument: argument)
        }
        return network
    }

    private static func int(_ value: Value, argument: Int? = nil) throws(FunctionError) -> Int {
        guard let number = value.number?.int else {
            throw FunctionError(
                "value must be a whole number, between \(Int.min) and \(Int.max)", argument: argument)
        }
        return number
    }

    /// A whole number's sign and magnitude; no address is longer than 128 bits, so nothing above counts.
    private static func whole(_ value: Value) throws(FunctionError) -> (isNegative: Bool, magnitude: UInt128?) {
        guard let number = value.number, number.isWhole else { throw FunctionError("value must be a whole number") }
        let text = number.description
        return (number.isNegative, UInt128(text.hasPrefix("-") ? text.dropFirst() : text[...]))
    }

    private static let cidrhost = Function(
        "cidrhost", [.init("prefix", .string), .init("hostnum", .number)], result: .string
    ) { values throws(FunctionError) in
        let (isNegative, magnitude) = try whole(values[1])
        let network = try network(values[0])
        let last = ~network.mask
        guard let magnitude, magnitude <= last || (isNegative && magnitude - 1 <= last) else {
            // The number that is shown for one counted from the end is counted from the start, as in Terraform.
            let shown =
                isNegative
                ? magnitude.map { "-\($0 - 1 - last)" } ?? values[1].number?.description ?? ""
                : values[1].number?.description ?? ""
            throw FunctionError("prefix of \(network.length) does not accommodate a host numbered \(shown)")
        }
        let host = isNegative ? last - (magnitude - 1) : magnitude
        // Terraform counts the hosts of an IPv4 network that is written as IPv6 from another bit.
        let shift = network.isMapped ? 96 : 0
        return .string(network.with(network.address | host << shift).addressText)
    }

    private static let cidrnetmask = Function("cidrnetmask", [.init("prefix", .string)], result: .string) {
        values throws(FunctionError) in
        let network = try network(values[0])
        guard network.bits == 32 || network.isMapped else {
            throw FunctionError("IPv6 addresses cannot have a netmask: \(values[0].string ?? "")")
        }
        return .string(network.with(network.bits == 32 ? network.mask & 0xffff_ffff : network.mask).addressText)
    }

    private static let cidrsubnet = Function(
        "cidrsubnet", [.init("prefix", .string), .init("newbits", .number), .init("netnum", .number)], result: .string
    ) { values throws(FunctionError) in
        let newBits = try int(values[1])
        let (isNegative, magnitude) = try whole(values[2])
        let network = try network(values[0])
        let length = network.length.addingReportingOverflow(newBits).partialValue
        guard length <= network.bits else {
            throw FunctionError("insufficient address space to extend prefix of \(network.length) by \(newBits)")
        }
        guard length >= 0 else {
            throw FunctionError("cannot shorten the prefix of \(network.length) by \(newBits.magnitude)")
        }
        guard let number = magnitude,
            (0..<64).contains(newBits) ? number < 1 << UInt128(newBits) : number <= UInt128(UInt64.max)
        else {
            throw FunctionError(
                "prefix extension of \(newBits) does not accommodate a subnet numbered \(values[2].number?.description ?? "")"
            )
        }
        var address = network.address
        let shifted = number << (network.bits - length)
        if isNegative, shifted > 0 {
            // Terraform puts the bits of a negative number there, and takes the magnitude of what comes out.
            address = ((shifted - 1) & ~address) + 1
        } else {
            address |= shifted
        }
        return .string(network.with(address, length: length).text)
    }

    private static let cidrsubnets = Function(
        "cidrsubnets", [.init("prefix", .string)], variadic: .init("newbits", .number), result: .list(.string)
    ) { values throws(FunctionError) in
        let network = try network(values[0], argument: 0)
        var results: [Value] = []
        // Where the next one may begin; nil after the very last address.
        var next: UInt128? = network.address
        var previous = network
        for (place, value) in values.enumerated().dropFirst() {
            let newBits = try int(value, argument: place)
            guard newBits >= 1 else {
                throw FunctionError("must extend prefix by at least one bit", argument: place)
            }
            guard newBits <= 32 else {
                throw FunctionError("may not extend prefix by more than 32 bits", argument: place)
            }
            let length = network.length + newBits
            guard length <= network.bits else {
                throw FunctionError(
                    "would extend prefix to \(length) bits, which is too long for an \(network.bits == 32 ? "IPv4" : "IPv6") address",
                    argument: place)
            }
            let size = UInt128(1) << (network.bits - length)
            guard let start = next.map({ $0.addingReportingOverflow(size - 1) }), !start.overflow,
                case let address = start.partialValue & ~(size - 1), address & network.mask == network.address
            else {
                throw FunctionError(
                    "not enough remaining address space for a subnet with a prefix of \(length) bits after \(previous.text)",
                    argument: place)
            }
            previous = network.with(address, length: length)
            results.append(.string(previous.text))
            let (end, isOver) = address.addingReportingOverflow(size)
            next = isOver ? nil : end
        }
        return .list(.string, results)
    }
}

/// An IP network: an address, and how many of its bits are the network's.
private struct Network {
    /// The address; what is not of the network is zero.
    private(set) var address: UInt128
    private(set) var length: Int
    /// How long an address is: 32 or 128.
    let bits: Int

    /// The network's bits; above an address of 32 bits, too.
    var mask: UInt128 { length == bits ? ~0 : ~((1 << UInt128(bits - length)) &- 1) }

    /// Whether it is an IPv4 network that is written as IPv6.
    var isMapped: Bool { bits == 128 && address >> 32 == 0xffff }

    /// Reads an address and a length, such as `10.0.0.0/8`.
    init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, (1...6).contains(parts[1].utf8.count),
            parts[1].utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let length = Int(parts[1])
        else { return nil }
        if let address = Self.ipv4(parts[0]) {
            (self.address, bits) = (UInt128(address), 32)
        } else if let address = Self.ipv6(parts[0]) {
            (self.address, bits) = (address, 128)
        } else {
            return nil
        }
        guard length <= bits else { return nil }
        self.length = length
        address &= mask
    }

    /// The same kind of network with another address.
    func with(_ address: UInt128, length: Int? = nil) -> Network {
        var result = self
        result.address = bits == 32 ? address & 0xffff_ffff : address
        result.length = length ?? self.length
        return result
    }

    private static func ipv4(_ text: Substring) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var result: UInt32 = 0
        for part in parts {
            // Zeros in front are decimal, as Terraform has always read them.
            guard !part.isEmpty, part.utf8.count <= 1_000,
                part.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let byte = UInt8(part)
            else { return nil }
            result = result << 8 | UInt32(byte)
        }
        return result
    }

    private static func ipv6(_ text: Substring) -> UInt128? {
        let halves = text.pieces(separatedByDoubleColon: ())
        guard halves.count <= 2, let first = groups(halves[0], mayEndInIPv4: halves.count == 1) else { return nil }
        guard halves.count == 2 else { return first.count == 8 ? joined(first) : nil }
        guard let last = groups(halves[1], mayEndInIPv4: true), first.count + last.count <= 7 else { return nil }
        return joined(first + Array(repeating: 0, count: 8 - first.count - last.count) + last)
    }

    private static func joined(_ groups: [UInt16]) -> UInt128 { groups.reduce(0) { $0 << 16 | UInt128($1) } }

    private static func groups(_ text: Substring, mayEndInIPv4: Bool) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        var result: [UInt16] = []
        for (place, part) in parts.enumerated() {
            if mayEndInIPv4, place == parts.count - 1, let address = ipv4(part) {
                result += [UInt16(address >> 16), UInt16(address & 0xffff)]
                continue
            }
            guard (1...4).contains(part.utf8.count), part.first != "+", part.first != "-",
                let group = UInt16(part, radix: 16)
            else { return nil }
            result.append(group)
        }
        return result
    }

    /// The address and the length.
    var text: String {
        // Terraform writes the length for the last 32 bits there.
        "\(addressText)/\(isMapped ? max(0, length - 96) : length)"
    }

    /// The address alone, in its shortest form.
    var addressText: String {
        guard bits == 128, !isMapped else {
            return [24, 16, 8, 0].map { String(address >> $0 & 0xff) }.joined(separator: ".")
        }
        let groups = (0..<8).map { UInt16(truncatingIfNeeded: address >> (112 - 16 * $0)) }
        var zeros = 0..<0
        var start = 0
        while start < 8 {
            var end = start
            while end < 8, groups[end] == 0 { end += 1 }
            if end - start > max(1, zeros.count) { zeros = start..<end }
            start = end + 1
        }
        func text(_ range: Range<Int>) -> String {
            groups[range].map { String($0, radix: 16) }.joined(separator: ":")
        }
        return zeros.isEmpty ? text(0..<8) : text(0..<zeros.lowerBound) + "::" + text(zeros.upperBound..<8)
    }
}

extension Substring {
    /// The parts between double colons.
    fileprivate func pieces(separatedByDoubleColon: ()) -> [Substring] {
        var result: [Substring] = []
        var rest = self
        while let range = rest.firstRange(of: "::") {
            result.append(rest[..<range.lowerBound])
            rest = rest[range.upperBound...]
        }
        return result + [rest]
    }
}
