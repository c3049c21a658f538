/// One thing that goes wrong, and for which requests.
///
/// A fault looks at the requests of its method and path alone and numbers them from one; `selector` says which of
/// those numbers it strikes.
package struct Fault: Hashable, Sendable {
    /// What the client sees.
    package enum Effect: Hashable, Sendable {
        /// An error of the service with this status, in its envelope.
        case status(Int)
        /// A page of a gateway in HTML with this status; 200 is allowed, since gateways do that, too.
        case html(Int)
        /// An empty body with this status.
        case empty(Int)
        /// The true answer or, with a status, an error of the service, compressed although no header says so.
        case gzip(Int?)
        /// The connection closes without an answer.
        case drop
        /// The connection closes without an answer, and for so many seconds no other is accepted.
        case refuse(seconds: Int)
        /// The head and half of the body arrive, then the connection closes. The request has been carried out.
        case truncate
        /// 429, with `Retry-After` of that many seconds and the rate-limit headers; nil means none of these headers.
        case throttle(retryAfter: Int?)
        /// The true answer, but so many milliseconds later. The request is carried out before the wait.
        case stall(milliseconds: Int)
    }

    /// Whether the request is carried out although its answer goes wrong.
    package enum Moment: Hashable, Sendable {
        /// The request has no effect.
        case before
        /// The request takes effect, and the client does not learn of it.
        case after
        /// The request takes effect so many seconds after its answer, by the emulator's clock.
        case later(seconds: Int)
    }

    /// Which of the matching requests are struck.
    package enum Selector: Hashable, Sendable {
        /// Each with this probability, by the seed in `Switches.faultSeed`.
        case chance(Double)
        /// The n-th, the 2n-th, and so on; one is every request.
        case every(Int)
        /// Those with these numbers, counted from one.
        case ordinals(Set<Int>)
        /// That with this number, and all that come in so many seconds after it, by the emulator's clock.
        case outage(from: Int, seconds: Int)
    }

    /// What the client sees.
    package var effect: Effect
    /// Whether the request is carried out.
    ///
    /// Throttled requests never are; stalled and truncated ones always are.
    package var moment: Moment
    /// The method of the requests that count, in capitals; nil means all methods.
    package var method: String?
    /// What the path of the requests that count starts with; empty means all paths.
    package var path: String
    /// Which of the requests that count are struck.
    package var selector: Selector

    /// Creates a fault; by default it strikes every POST before it has an effect.
    package init(
        _ effect: Effect, _ moment: Moment = .before, method: String? = "POST", path: String = "",
        selector: Selector = .every(1)
    ) {
        self.effect = effect
        self.moment = moment
        self.method = method
        self.path = path
        self.selector = selector
    }

    /// Whether the request is carried out, effect and moment taken together.
    package var isCommitted: Bool {
        switch effect {
        case .throttle: false
        case .truncate, .stall, .gzip(nil): true
        case .status, .html, .empty, .gzip, .drop, .refuse: moment == .after
        }
    }

    /// How long after its answer the request is carried out; nil if not so.
    package var delay: Duration? {
        guard case .later(let seconds) = moment else { return nil }
        switch effect {
        case .throttle, .truncate, .stall, .gzip(nil): return nil
        case .status, .html, .empty, .gzip, .drop, .refuse: return .seconds(seconds)
        }
    }
}

/// Why a text is not a fault.
package struct FaultSyntaxError: Error, Hashable, CustomStringConvertible {
    /// A sentence that names the part at fault.
    package let description: String
}

extension Fault {
    /// Reads a fault as the command line writes it: `EFFECT[,NAME=VALUE]…`.
    ///
    /// Effects: a status such as `500`, `html` or `html:STATUS`, `empty` or `empty:STATUS`, `drop`, `truncate`,
    /// `429`, `429:SECONDS`, `429:bare`, `gzip` or `gzip:STATUS`, `refuse:SECONDS`, `stall:MILLISECONDS`. Names: `when`
    /// (before, after, later:SECONDS), `method` (`any` for all), `path`, and one of `every`, `chance`, `on` (numbers
    /// joined with `+`), `outage` (`FROM+SECONDS`).
    package init(parsing text: String) throws(FaultSyntaxError) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        self.init(try Fault.effect(parts[0]))
        for part in parts.dropFirst() {
            guard let equals = part.firstIndex(of: "=") else {
                throw FaultSyntaxError(description: "\"\(part)\" is not of the form NAME=VALUE.")
            }
            try set(String(part[..<equals]), to: String(part[part.index(after: equals)...]))
        }
    }

    private static func effect(_ text: String) throws(FaultSyntaxError) -> Effect {
        let halves = text.split(separator: ":", maxSplits: 1).map(String.init)
        let argument = halves.count == 2 ? halves[1] : nil
        switch (halves.first ?? "", argument, argument.flatMap { Int($0) }) {
        case ("429", nil, _): return .throttle(retryAfter: 1)
        case ("429", "bare", _): return .throttle(retryAfter: nil)
        case ("429", _, let seconds?) where seconds >= 0: return .throttle(retryAfter: seconds)
        case ("html", nil, _): return .html(502)
        case ("html", _, let status?) where (200...599).contains(status): return .html(status)
        case ("empty", nil, _): return .empty(503)
        case ("empty", _, let status?) where (200...599).contains(status): return .empty(status)
        case ("gzip", nil, _): return .gzip(nil)
        case ("gzip", _, let status?) where (400...599).contains(status): return .gzip(status)
        case ("drop", nil, _): return .drop
        case ("refuse", _, let seconds?) where (1...3_600).contains(seconds): return .refuse(seconds: seconds)
        case ("truncate", nil, _): return .truncate
        case ("stall", _, let milliseconds?) where (0...3_600_000).contains(milliseconds):
            return .stall(milliseconds: milliseconds)
        case (let status, nil, _):
            if let status = Int(status), (400...599).contains(status) { return .status(status) }
        default: break
        }
        throw FaultSyntaxError(
            description: """
                "\(text)" is no effect. Use a status from 400 to 599, html[:STATUS], empty[:STATUS], gzip[:STATUS], \
                drop, refuse:SECONDS, truncate, 429[:SECONDS|:bare] or stall:MILLISECONDS.
                """)
    }

    private mutating func set(_ name: String, to value: String) throws(FaultSyntaxError) {
        switch name {
        case "when":
            switch value {
            case "before": moment = .before
            case "after": moment = .after
            default:
                guard value.hasPrefix("later:"), let seconds = Int(value.dropFirst("later:".count)),
                    (0...1_000_000).contains(seconds)
                else { throw unusable(name, value, "before, after or later:SECONDS") }
                moment = .later(seconds: seconds)
            }
        case "method":
            method = value == "any" ? nil : value.uppercased()
        case "path":
            path = value
        case "every":
            guard let count = Int(value), count > 0 else { throw unusable(name, value, "a whole number from 1") }
            selector = .every(count)
        case "chance":
            guard let chance = Double(value), (0...1).contains(chance) else {
                throw unusable(name, value, "a number from 0 to 1")
            }
            selector = .chance(chance)
        case "on":
            let numbers = value.split(separator: "+", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
            guard numbers.allSatisfy({ $0 > 0 }) else { throw unusable(name, value, "numbers from 1, such as 1+4+7") }
            selector = .ordinals(Set(numbers))
        case "outage":
            let numbers = value.split(separator: "+", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
            guard numbers.count == 2, numbers.allSatisfy({ (1...1_000_000).contains($0) }) else {
                throw unusable(name, value, "the number of a request and seconds, such as 10+30")
            }
            selector = .outage(from: numbers[0], seconds: numbers[1])
        default:
            throw FaultSyntaxError(description: "\"\(name)\" is none of when, method, path, every, chance, on, outage.")
        }
    }

    private func unusable(_ name: String, _ value: String, _ expected: String) -> FaultSyntaxError {
        FaultSyntaxError(description: "The value \"\(value)\" of \"\(name)\" is not \(expected).")
    }
}
