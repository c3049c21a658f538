import BigInt

/// A number of the language: exact where Terraform is, and fast where it fits in 64 bits.
package struct Number: Hashable, Comparable, Sendable, CustomStringConvertible {
    private enum Form: Hashable, Sendable {
        /// A whole number, and the precision that its quotients have.
        case small(Int64, precision: Int)
        /// In a box, so that all other values stay small.
        indirect case big(BigFloat)
        case infinity(isNegative: Bool)
    }

    private let form: Form

    private init(_ form: Form) { self.form = form }

    /// Puts a number in its shortest form; what is beyond bounds becomes infinite, or zero.
    private init(_ value: BigFloat) {
        guard !value.isOverflow else {
            form = .infinity(isNegative: value.isNegative)
            return
        }
        guard !value.isUnderflow else {
            form = .small(0, precision: value.precision)
            return
        }
        let isSmall =
            value.isWhole && value.mantissa.bitWidth + value.exponent < 64 && !(value.mantissa == 0 && value.isNegative)
        form = isSmall ? .small(Int64(value.truncated), precision: value.precision) : .big(value)
    }

    /// A whole number as a literal has it.
    package init(_ value: Int) { form = .small(Int64(value), precision: BigFloat.literalPrecision) }

    /// A whole number as `length` and its like give it: its quotients have 64 bits.
    package init(counted value: Int) { form = .small(Int64(value), precision: 64) }

    /// A number computed as a double: 53 bits; nil for not-a-number.
    package init?(_ value: Double) {
        guard !value.isNaN else { return nil }
        guard value.isFinite else {
            self.init(.infinity(isNegative: value < 0))
            return
        }
        if value == 0 {
            self.init(BigFloat(mantissa: 0, exponent: 0, isNegative: value.sign == .minus, precision: 53))
        } else {
            let scaled = Int(value.exponent) - 52
            let mantissa = BigUInt(UInt64(Double(sign: .plus, exponent: 52, significand: value.significand.magnitude)))
            self.init(BigFloat(mantissa: mantissa, exponent: scaled, isNegative: value < 0, precision: 53))
        }
    }

    /// Reads a literal: digits, and perhaps a fraction, an exponent, a sign; nil when it is none or beyond bounds.
    package init?(literal: String) {
        if let small = Int64(literal), literal != "-0" {
            self.init(.small(small, precision: BigFloat.literalPrecision))
            return
        }
        guard let value = BigFloat(decimal: literal) else { return nil }
        self.init(value)
    }

    /// Positive infinity: what division by zero gives.
    package static let infinity = Number(.infinity(isNegative: false))

    /// Its value as an integer; nil when it has a fraction or does not fit.
    package var int: Int? { if case .small(let value, _) = form { Int(value) } else { nil } }

    /// The nearest double.
    package var double: Double {
        switch form {
        case .small(let value, _): Double(value)
        case .big(let value): value.double
        case .infinity(let isNegative): isNegative ? -.infinity : .infinity
        }
    }

    /// Whether it is neither infinity.
    package var isFinite: Bool { if case .infinity = form { false } else { true } }

    /// Whether it has no fraction.
    package var isWhole: Bool {
        switch form {
        case .small: true
        case .big(let value): value.isWhole
        case .infinity: false
        }
    }

    /// Whether it is less than zero.
    package var isNegative: Bool {
        switch form {
        case .small(let value, _): value < 0
        case .big(let value): value.isNegative && value.mantissa != 0
        case .infinity(let isNegative): isNegative
        }
    }

    /// Whether it is zero, of either sign.
    package var isZero: Bool {
        switch form {
        case .small(let value, _): value == 0
        case .big(let value): value.mantissa == 0
        case .infinity: false
        }
    }

    /// Plain decimal, no exponent.
    package var description: String {
        switch form {
        case .small(let value, _): String(value)
        case .big(let value): value.text
        case .infinity(let isNegative): isNegative ? "-Inf" : "+Inf"
        }
    }

    private var float: BigFloat? {
        switch form {
        case .small(let value, let precision): BigFloat(value, precision: precision)
        case .big(let value): value
        case .infinity: nil
        }
    }

    private var precision: Int {
        switch form {
        case .small(_, let precision): precision
        case .big(let value): value.precision
        case .infinity: BigFloat.literalPrecision
        }
    }

    // MARK: - Arithmetic

    /// The sum; nil for infinities that cancel out.
    package static func sum(_ left: Number, _ right: Number) -> Number? {
        let precision = max(left.precision, right.precision)
        if case (.small(let first, _), .small(let second, _)) = (left.form, right.form) {
            let (sum, overflow) = first.addingReportingOverflow(second)
            if !overflow { return Number(.small(sum, precision: precision)) }
        }
        guard let first = left.float, let second = right.float else {
            if !left.isFinite, !right.isFinite { return left.isNegative == right.isNegative ? left : nil }
            return left.isFinite ? right : left
        }
        return Number(BigFloat.sum(first, second, precision: precision))
    }

    /// The difference; nil for infinities that cancel out.
    package static func difference(_ left: Number, _ right: Number) -> Number? { sum(left, right.negated) }

    /// The product; nil for zero times infinity.
    package static func product(_ left: Number, _ right: Number) -> Number? {
        if case (.small(let first, let one), .small(let second, let other)) = (left.form, right.form),
            first != 0 || second >= 0, second != 0 || first >= 0
        {
            let (product, overflow) = first.multipliedReportingOverflow(by: second)
            if !overflow { return Number(.small(product, precision: max(one, other))) }
        }
        guard let first = left.float, let second = right.float else {
            if left.isZero || right.isZero { return nil }
            return Number(.infinity(isNegative: left.isNegative != right.isNegative))
        }
        return Number(BigFloat.product(first, second))
    }

    /// The quotient; nil for zero by zero, and for infinity by infinity.
    ///
    /// Anything else by zero is infinite.
    package static func quotient(_ left: Number, _ right: Number) -> Number? {
        let precision = max(left.precision, right.precision)
        guard let first = left.float, let second = right.float else {
            if !left.isFinite, !right.isFinite { return nil }
            return left.isFinite ? Number(0) : Number(.infinity(isNegative: left.isNegative != right.isNegative))
        }
        if second.mantissa == 0 {
            return left.isZero ? nil : Number(.infinity(isNegative: left.isNegative != second.isNegative))
        }
        return Number(
            BigFloat.quotient(
                first.mantissa, second.mantissa, exponent: first.exponent - second.exponent,
                isNegative: first.isNegative != second.isNegative, precision: precision))
    }

    /// The rest of a division towards zero; nil for a divisor of zero or infinities.
    package static func remainder(_ left: Number, _ right: Number) -> Number? {
        if case (.small(let first, let one), .small(let second, let other)) = (left.form, right.form), second != 0 {
            return Number(.small(second == -1 ? 0 : first % second, precision: max(one, other)))
        }
        guard left.isFinite, right.isFinite, !right.isZero, let quotient = quotient(left, right)?.float else {
            return nil
        }
        let whole = quotient.truncated
        let whole2 = Number(
            BigFloat(
                mantissa: whole.magnitude, exponent: 0, isNegative: whole.sign == .minus, precision: left.precision))
        return product(whole2, right).flatMap { difference(left, $0) }
    }

    /// The number with the other sign; zero becomes negative zero.
    package var negated: Number {
        switch form {
        case .small(let value, let precision) where value != 0 && value != .min:
            Number(.small(-value, precision: precision))
        case .infinity(let isNegative): Number(.infinity(isNegative: !isNegative))
        default: float.map { Number($0.negated) } ?? self
        }
    }

    /// The greatest whole number that is not greater.
    package var roundedDown: Number {
        guard case .big(let value) = form, !value.isWhole else { return self }
        let whole = value.truncated - (value.isNegative ? 1 : 0)
        return Number(
            BigFloat(
                mantissa: whole.magnitude, exponent: 0, isNegative: whole.sign == .minus, precision: value.precision))
    }

    /// The least whole number that is not less.
    package var roundedUp: Number { negated.roundedDown.negated.withoutNegativeZero }

    private var withoutNegativeZero: Number { isZero ? Number(0) : self }

    // MARK: - Order

    /// Whether both are the same number, whatever their precisions.
    package static func == (left: Number, right: Number) -> Bool {
        switch (left.form, right.form) {
        case (.small(let first, _), .small(let second, _)): first == second
        case (.infinity(let first), .infinity(let second)): first == second
        case (.big(let first), .big(let second)):
            first.mantissa == second.mantissa && first.exponent == second.exponent
                && (first.isNegative == second.isNegative || first.mantissa == 0)
        default: left.isZero && right.isZero
        }
    }

    /// Feeds what equality compares.
    package func hash(into hasher: inout Hasher) {
        switch form {
        case .small(let value, _): hasher.combine(value)
        case .big(let value) where value.mantissa == 0: hasher.combine(Int64(0))
        case .big(let value):
            hasher.combine(value.mantissa)
            hasher.combine(value.exponent)
            hasher.combine(value.isNegative)
        case .infinity(let isNegative): hasher.combine(isNegative)
        }
    }

    /// By value.
    package static func < (left: Number, right: Number) -> Bool {
        if case (.small(let first, _), .small(let second, _)) = (left.form, right.form) { return first < second }
        guard let first = left.float, let second = right.float else {
            if left == right { return false }
            return left.isFinite ? !right.isNegative : left.isNegative
        }
        return BigFloat.isLess(first, second)
    }
}
