import TestSupport
import Testing
import Values

@Suite("Numbers")
struct NumberTests {
    private func number(_ literal: String) throws -> Number { try #require(Number(literal: literal)) }

    @Test(
        "A literal prints as Terraform prints it",
        arguments: [
            ("0", "0"), ("1.50", "1.5"), ("0.1", "0.1"), ("1e3", "1000"), ("1e-3", "0.001"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
            ("0.30000000000000004", "0.30000000000000004"), ("9223372036854775808", "9223372036854775808"),
            ("1E+2", "100"),
        ])
    func literals(literal: String, text: String) throws {
        #expect(try number(literal).description == text)
    }

    @Test("The text of a number reads back as that number, however large or small", arguments: 0..<40)
    func roundTrip(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let digits = (0..<Int.random(in: 1...180, using: &generator)).map { _ in
            String(Int.random(in: 0...9, using: &generator))
        }
        let number = try number("1\(digits.joined())e\(Int.random(in: -3_000...3_000, using: &generator))")
        #expect(try self.number(number.description) == number)
    }

    @Test(
        "Large and small powers of ten are written in full",
        arguments: [
            ("1e99999", "1" + String(repeating: "0", count: 99_999)),
            ("-25e9998", "-25" + String(repeating: "0", count: 9_998)),
            ("0.1e-9999", "0." + String(repeating: "0", count: 9_999) + "1"),
        ])
    func powers(literal: String, text: String) throws {
        #expect(try number(literal).description == text)
        #expect(try number(text) == number(literal))
    }

    @Test("What nobody could write down is infinite, or zero")
    func bounds() throws {
        var (large, small) = (try number("-1e99999"), try number("1e-99999"))
        for _ in 0..<30 {
            large = try #require(Number.product(large, large))
            small = try #require(Number.product(small, small))
        }
        #expect(large.description == "+Inf")
        #expect(small.isZero)
    }

    @Test(
        "What is no literal is none", arguments: ["", "abc", "1e999999999999", "1e-9223372036854775808", "--1", "1 "])
    func noLiterals(text: String) {
        #expect(Number(literal: text) == nil)
    }

    @Test("Sums and products are exact beyond 64 bits")
    func exact() throws {
        #expect(try Number.sum(number("9223372036854775807"), number("1"))?.description == "9223372036854775808")
        #expect(try Number.sum(number("0.1"), number("0.2"))?.description == "0.3")
        #expect(
            try Number.product(number("123456789012345678901"), number("1000000000000"))?.description
                == "123456789012345678901000000000000")
        #expect(try Number.difference(number("1e20"), number("1e20")) == Number(0))
    }

    @Test("Quotients have the precision of what they are made of")
    func quotients() throws {
        #expect(
            try Number.quotient(number("1"), number("3"))?.description == "0." + String(repeating: "3", count: 154)
                + "5")
        #expect(Number.quotient(Number(counted: 1), Number(counted: 3))?.description == "0.33333333333333333334")
        #expect(try Number.quotient(number("10"), number("4"))?.description == "2.5")
        #expect(Number.quotient(Number(1), Number(0))?.description == "+Inf")
        #expect(Number.quotient(Number(0), Number(0)) == nil)
    }

    @Test("Doubles keep their 53 bits")
    func doubles() throws {
        let sum = try Number.sum(try #require(Number(0.1)), number("0.2"))
        #expect(sum?.description == "0.3000000000000000055511151231257827021181583404541015625")
    }

    @Test("Order and equality are by value", arguments: [("1", "2"), ("-1", "0.5"), ("0.1", "0.11"), ("99", "1e20")])
    func order(less: String, more: String) throws {
        #expect(try number(less) < number(more))
        #expect(try !(number(more) < number(less)))
        #expect(try number("1.0") == number("1"))
    }

    @Test("Rounding goes down and up", arguments: [("2.5", "2", "3"), ("-2.5", "-3", "-2"), ("4", "4", "4")])
    func rounding(literal: String, down: String, up: String) throws {
        #expect(try number(literal).roundedDown == number(down))
        #expect(try number(literal).roundedUp == number(up))
    }

    @Test(
        "Remainders go towards zero",
        arguments: [("7", "3", "1"), ("-7", "3", "-1"), ("7", "-3", "1"), ("7.5", "2", "1.5")])
    func remainders(left: String, right: String, rest: String) throws {
        #expect(try Number.remainder(number(left), number(right)) == number(rest))
        #expect(try Number.remainder(number(left), number("0")) == nil)
    }
}
