/// Time and chance, as effects of the run, so that a test decides them.
package struct Surroundings: Sendable {
    /// Seconds and nanoseconds since 1970 by this machine's clock; only shown, never decided by.
    package var now: @Sendable () -> (seconds: Int, nanoseconds: Int)
    /// A clock to wait by.
    package var clock: any Clock<Duration>
    /// The time since some moment before the run, by a clock that never goes back.
    package var elapsed: @Sendable () -> Duration
    /// 64 random bits.
    package var random: @Sendable () -> UInt64

    /// Makes surroundings.
    package init(
        now: @escaping @Sendable () -> (seconds: Int, nanoseconds: Int), clock: any Clock<Duration>,
        elapsed: @escaping @Sendable () -> Duration, random: @escaping @Sendable () -> UInt64
    ) {
        self.now = now
        self.clock = clock
        self.elapsed = elapsed
        self.random = random
    }

    /// Random hexadecimal digits.
    package func hexadecimal(digits: Int) -> String {
        var result = ""
        while result.count < digits {
            let word = String(random(), radix: 16)
            result += String(repeating: "0", count: 16 - word.count) + word
        }
        return String(result.prefix(digits))
    }

    /// A random UUID, version 4, as text.
    package func uuid() -> String {
        let digits = Array(hexadecimal(digits: 32))
        let variant = ["8", "9", "a", "b"][Int(random() % 4)]
        func part(_ range: Range<Int>) -> String { String(digits[range]) }
        return "\(part(0..<8))-\(part(8..<12))-4\(part(13..<16))-\(variant)\(part(17..<20))-\(part(20..<32))"
    }
}
