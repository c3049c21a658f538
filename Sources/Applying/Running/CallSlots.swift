/// How many calls to the cloud are made at once.
///
/// Where each record of a step takes a round trip to another machine, more steps than that are under way: while some wait for
/// their records, others call the cloud, so that a distant state costs little time.
actor CallSlots {
    /// How many steps are under way for each call, where records are distant.
    static let stepsPerCall = 4

    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ count: Int) { free = count }

    /// Waits for a slot; returns whether there was none at once.
    @discardableResult
    func enter() async -> Bool {
        if free > 0 {
            free -= 1
            return false
        }
        await withCheckedContinuation { waiting.append($0) }
        return true
    }

    /// Gives a slot back, to whoever waits longest.
    func leave() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }

    /// Makes a call in a slot.
    nonisolated func perform<Result: Sendable, Failure: Error>(
        _ call: @Sendable () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        await enter()
        do throws(Failure) {
            let result = try await call()
            await leave()
            return result
        } catch {
            await leave()
            throw error
        }
    }
}
