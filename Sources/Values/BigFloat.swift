import BigInt

/// A binary floating-point number of a precision of its own, as the language's numbers are.
///
/// The value is `mantissa × 2^exponent`, negative if `isNegative`. The mantissa has at most `precision` bits and no zero bits at
/// its end, so that equal numbers are equal values.
struct BigFloat: Hashable, Sendable {
    /// The magnitude's odd part; 0 for zero, which may be negative.
    let mantissa: BigUInt
    /// The power of two; 0 for zero.
    let exponent: Int
    /// The sign.
    let isNegative: Bool
    /// How many bits results are rounded to.
    let precision: Int

    /// The precision of literals and of text.
    static let literalPrecision = 512
    /// Decimal exponents beyond are refused in literals: they would cost more memory than anybody means.
    static let decimalExponentMaximum = 100_000
    /// Numbers of so many bits before the point are infinite, and of so many zero bits behind it zero: more than any literal has,
    /// and little enough to write down.
    private static let bitsMaximum = 1_000_000
    /// Whether it is too large to be written down.
    var isOverflow: Bool { mantissa != 0 && mantissa.bitWidth + exponent > Self.bitsMaximum }
    /// Whether it is too small to be told from zero.
    var isUnderflow: Bool { mantissa != 0 && exponent < -Self.bitsMaximum }

    /// Makes a number, rounded half to even.
    ///
    /// - Parameter isInexact: Whether bits below the mantissa were cut off already.
    init(mantissa: BigUInt, exponent: Int, isNegative: Bool, precision: Int, isInexact: Bool = false) {
        var mantissa = mantissa
        var exponent = exponent
        let excess = mantissa.bitWidth - precision
        if excess > 0 {
            let rest = mantissa & ((BigUInt(1) << excess) - 1)
            let half = BigUInt(1) << (excess - 1)
            mantissa >>= excess
            exponent += excess
            let isUp = rest > half || (rest == half && (isInexact || mantissa & 1 == 1))
            if isUp { mantissa += 1 }
        }
        let zeros = mantissa == 0 ? 0 : mantissa.trailingZeroBitCount
        self.mantissa = mantissa >> zeros
        self.exponent = mantissa == 0 ? 0 : exponent + zeros
        self.isNegative = isNegative
        self.precision = precision
    }

    /// Makes a whole number.
    init(_ value: Int64, precision: Int) {
        self.init(mantissa: BigUInt(value.magnitude), exponent: 0, isNegative: value < 0, precision: precision)
    }

    /// Reads a decimal literal: digits, a fraction, an exponent; nil when it is none, or its exponent is beyond bounds.
    init?(decimal literal: some StringProtocol) {
        var digits = ""
        var fraction = 0
        var isInFraction = false
        var rest = literal.utf8[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        while let byte = rest.first {
            if (0x30...0x39).contains(byte) {
                digits.unicodeScalars.append(Unicode.Scalar(byte))
                if isInFraction { fraction += 1 }
            } else if byte == UInt8(ascii: "."), !isInFraction {
                isInFraction = true
            } else {
                break
            }
            rest = rest.dropFirst()
        }
        var power = 0
        if let byte = rest.first, byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
            rest = rest.dropFirst()
            guard let written = Int(String(decoding: rest, as: UTF8.self)),
                written.magnitude <= Self.decimalExponentMaximum
            else { return nil }
            power = written
            rest = rest.dropFirst(rest.count)
        }
        guard rest.isEmpty, !digits.isEmpty, digits.utf8.count <= Self.decimalExponentMaximum else { return nil }
        // Reading digits costs time that grows with the square of their number: zeros at the end are a power of ten.
        while digits.utf8.count > 1, digits.utf8.last == UInt8(ascii: "0") {
            digits.removeLast()
            power += 1
        }
        guard let magnitude = BigUInt(digits) else { return nil }
        self = Self.scaled(magnitude, power: power - fraction, isNegative: isNegative)
    }

    /// `magnitude × 10^power` at the precision of literals.
    private static func scaled(_ magnitude: BigUInt, power: Int, isNegative: Bool) -> BigFloat {
        if power >= 0 {
            return BigFloat(
                mantissa: magnitude * BigUInt(10).power(power), exponent: 0, isNegative: isNegative,
                precision: literalPrecision)
        }
        return quotient(
            magnitude, BigUInt(10).power(-power), exponent: 0, isNegative: isNegative, precision: literalPrecision)
    }

    /// `numerator ÷ denominator × 2^exponent`, rounded; the denominator is not zero.
    static func quotient(
        _ numerator: BigUInt, _ denominator: BigUInt, exponent: Int, isNegative: Bool, precision: Int
    ) -> BigFloat {
        // Two bits more than needed; what is left over only breaks ties.
        let shift = max(0, precision + 2 - (numerator.bitWidth - denominator.bitWidth))
        let (quotient, remainder) = (numerator << shift).quotientAndRemainder(dividingBy: denominator)
        return BigFloat(
            mantissa: quotient, exponent: exponent - shift, isNegative: isNegative, precision: precision,
            isInexact: remainder != 0)
    }

    /// The sum, exact before rounding.
    static func sum(_ first: BigFloat, _ second: BigFloat, precision: Int) -> BigFloat {
        let exponent = min(first.exponent, second.exponent)
        let left = BigInt(
            sign: first.isNegative ? .minus : .plus, magnitude: first.mantissa << (first.exponent - exponent))
        let right = BigInt(
            sign: second.isNegative ? .minus : .plus, magnitude: second.mantissa << (second.exponent - exponent))
        let sum = left + right
        return BigFloat(
            mantissa: sum.magnitude, exponent: exponent, isNegative: sum.sign == .minus, precision: precision)
    }

    /// The product, with as many bits as it needs up to the precision of literals.
    static func product(_ first: BigFloat, _ second: BigFloat) -> BigFloat {
        let mantissa = first.mantissa * second.mantissa
        let precision = max(first.precision, second.precision, min(mantissa.bitWidth, literalPrecision))
        return BigFloat(
            mantissa: mantissa, exponent: first.exponent + second.exponent,
            isNegative: first.isNegative != second.isNegative, precision: precision)
    }

    /// The whole part, towards zero.
    var truncated: BigInt {
        let magnitude = exponent >= 0 ? mantissa << exponent : mantissa >> -exponent
        return BigInt(sign: isNegative ? .minus : .plus, magnitude: magnitude)
    }

    /// Whether it has no fraction.
    var isWhole: Bool { exponent >= 0 }

    /// The nearest double, for functions that are computed in doubles.
    var double: Double {
        let excess = max(0, mantissa.bitWidth - 64)
        let top = Double(UInt64(mantissa >> excess))
        let scaled = Double(sign: .plus, exponent: exponent + excess, significand: top)
        return isNegative ? -scaled : scaled
    }

    /// Which is smaller; the precision does not count.
    static func isLess(_ first: BigFloat, _ second: BigFloat) -> Bool {
        let difference = sum(first, second.negated, precision: .max)
        return difference.mantissa != 0 && difference.isNegative
    }

    /// The number with the other sign.
    var negated: BigFloat {
        BigFloat(mantissa: mantissa, exponent: exponent, isNegative: !isNegative, precision: precision)
    }

    // MARK: - Printing

    /// The shortest decimal that reads back as this number at its precision, without an exponent.
    ///
    /// The cost is that of dividing by a power of ten once, and of writing the zeros; the digits are as many as the precision has.
    /// The digits of the number are compared with those of the numbers half a unit in the last place below and above; the first
    /// place where cutting or raising stays between them ends the output.
    var text: String {
        let sign = isNegative ? "-" : ""
        guard mantissa != 0 else { return sign + "0" }
        // One bit more than the precision: its last bit is half a unit.
        let shift = precision + 1 - mantissa.bitWidth
        let fine = mantissa << max(0, shift)
        let fineExponent = exponent - max(0, shift)
        let isEven = (fine >> 1) & 1 == 0
        // As many digits as can decide, and one more that stands for all the rest: 0 only if they are.
        let width = Int((Double(fine.bitWidth) * Self.digitsPerBit).rounded(.up)) + 3
        let power = Int((Double(fine.bitWidth + fineExponent) * Self.digitsPerBit).rounded(.down)) - width
        let numerator = BigUInt(5).power(max(0, -power)) << max(0, fineExponent - power)
        let denominator = BigUInt(5).power(max(0, power)) << max(0, power - fineExponent)
        func decimal(_ number: BigUInt) -> [UInt8] {
            let (quotient, rest) = (number * numerator).quotientAndRemainder(dividingBy: denominator)
            return Array(quotient.description.utf8) + [UInt8(ascii: rest == 0 ? "0" : "1")]
        }
        let own = decimal(fine)
        let high = Self.padded(decimal(fine + 1), to: own.count)
        let low = Self.padded(decimal(fine - 1), to: own.count)
        // A number below a power of ten may have a neighbour above with one digit more: then nothing can be left out in front.
        let offset = high.count - own.count
        let value = Array(repeating: UInt8(ascii: "0"), count: offset) + own
        let lower = Array(repeating: UInt8(ascii: "0"), count: offset) + low
        let digits = Self.shortest(value, lower: lower, upper: high, inclusive: isEven)
        return sign + Self.placed(digits, total: value.count, power: power - 1)
    }

    /// The logarithm of two to the base of ten.
    private static let digitsPerBit = 0.301_029_995_663_981_2

    private static func padded(_ digits: [UInt8], to count: Int) -> [UInt8] {
        Array(repeating: UInt8(ascii: "0"), count: max(0, count - digits.count)) + digits
    }

    /// The shortest digits, from the front, that lie between the bounds when zeros follow.
    private static func shortest(
        _ value: [UInt8], lower: [UInt8], upper: [UInt8], inclusive: Bool
    ) -> [UInt8] {
        func isZero(_ digits: ArraySlice<UInt8>) -> Bool { digits.allSatisfy { $0 == UInt8(ascii: "0") } }
        var lowerDiffers = false
        var gap = 0
        for index in value.indices {
            // How far the digits of the upper bound so far are above those of the value: 0, 1, or more.
            gap = min(2, gap * 10 + Int(upper[index]) - Int(value[index]))
            lowerDiffers = lowerDiffers || lower[index] != value[index]
            let rest = index + 1
            let mayCut = lowerDiffers || (inclusive && isZero(lower[rest...]))
            let mayRaise = gap > 1 || (gap == 1 && (inclusive || !isZero(upper[rest...])))
            guard mayCut || mayRaise else { continue }
            let kept = Array(value[..<rest])
            if mayCut && mayRaise { return isNearerAbove(value, rest) ? raised(kept) : kept }
            return mayCut ? kept : raised(kept)
        }
        return value
    }

    /// Whether the digits from a place on are more than half, or half with an odd digit before.
    private static func isNearerAbove(_ value: [UInt8], _ place: Int) -> Bool {
        guard place < value.count else { return false }
        if value[place] != UInt8(ascii: "5") { return value[place] > UInt8(ascii: "5") }
        let isTie = value[(place + 1)...].allSatisfy { $0 == UInt8(ascii: "0") }
        return !isTie || (place > 0 && (value[place - 1] - UInt8(ascii: "0")) % 2 == 1)
    }

    private static func raised(_ digits: [UInt8]) -> [UInt8] {
        var digits = digits
        var index = digits.count - 1
        while index >= 0 {
            if digits[index] < UInt8(ascii: "9") {
                digits[index] += 1
                return digits
            }
            digits[index] = UInt8(ascii: "0")
            index -= 1
        }
        return [UInt8(ascii: "1")] + digits
    }

    /// The digits with zeros up to the total, times a power of ten, and the point where it belongs.
    private static func placed(_ digits: [UInt8], total: Int, power: Int) -> String {
        // Raising 99 to 100 makes one digit more, which belongs in front.
        let zeros = max(0, total - digits.count) + max(0, power)
        var all = digits + Array(repeating: UInt8(ascii: "0"), count: zeros)
        let places = max(0, -power)
        if all.count <= places { all = Array(repeating: UInt8(ascii: "0"), count: places - all.count + 1) + all }
        var whole = all.dropLast(places).drop { $0 == UInt8(ascii: "0") }
        var fraction = all.suffix(places)
        while fraction.last == UInt8(ascii: "0") { fraction.removeLast() }
        if whole.isEmpty { whole = [UInt8(ascii: "0")] }
        let text = String(decoding: whole, as: UTF8.self)
        return fraction.isEmpty ? text : text + "." + String(decoding: fraction, as: UTF8.self)
    }
}
