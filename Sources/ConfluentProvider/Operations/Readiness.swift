import Applying
import ConfluentClient
import Diagnostics

/// How to find out whether a new object can be used.
struct Probe: Sendable {
    /// Asks once.
    let ask: @Sendable () async -> ProbeAnswer
    /// What answers, as the beginning of a sentence: `The region's endpoint`.
    let place: String
    /// How often in a row it must say yes: some services are several servers, which learn of a key one after the other.
    let successes: Int
    /// How long a new object is given.
    let limit: Duration

    init(
        place: String, successes: Int = 1, limit: Duration = .seconds(300),
        ask: @escaping @Sendable () async -> ProbeAnswer
    ) {
        self.ask = ask
        self.place = place
        self.successes = successes
        self.limit = limit
    }

    /// The longest pause between two tries.
    private static let pauseMaximum = Duration.seconds(30)
    /// After so many tries in vain to reach the place at all, or to make sense of it, it is out of reach.
    private static let unreachableMaximum = 3

    /// Asks until the answer is yes, the time is over, or nobody can be reached.
    func wait(_ surroundings: Surroundings) async -> Readiness {
        let start = surroundings.elapsed()
        var pause = Duration.seconds(1)
        var (unreachable, successful) = (0, 0)
        var reason = ""
        while surroundings.elapsed() - start < limit {
            guard (try? await surroundings.clock.sleep(for: pause)) != nil else { break }
            let answer = await ask()
            guard answer != .ready else {
                successful += 1
                if successful == successes { return .ready }
                pause = .seconds(1)
                continue
            }
            successful = 0
            switch answer {
            case .ready: break
            case .notYet(let status, let detail):
                reason = status.map { "\(place) answers \($0)." } ?? "\(place) \(VisibleText.escaped(detail))."
            case .busy(let status, let wait):
                reason = "\(place) answers \(status)."
                pause = max(pause, wait ?? .zero)
            case .unclear(let text):
                unreachable += 1
                reason = "\(place) does not say clearly whether it is ready (\(VisibleText.escaped(text)))."
            case .unreachable(let text):
                unreachable += 1
                reason =
                    "\(place) cannot be reached from here (\(VisibleText.escaped(text))), as with private networking; set disable_wait_for_ready = true to skip this check."
            }
            if unreachable == Self.unreachableMaximum { return .notReady(reason) }
            pause = min(pause * 2, Self.pauseMaximum)
        }
        return .notReady(reason)
    }
}
