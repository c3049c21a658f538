import Configuring
import Diagnostics
import Planning
import Values

/// The loop: which step starts when, and what follows from what came of it.
extension Execution {
    /// Performs all steps, those after a failure excepted.
    mutating func performSteps() async {
        missing = plan.steps.map(\.waits.count)
        followers = Array(repeating: [], count: plan.steps.count)
        for (index, step) in plan.steps.enumerated() { for other in step.waits { followers[other].append(index) } }
        ready = plan.steps.indices.filter { missing[$0] == 0 }
        var execution = self
        await withTaskGroup(of: Happening.self) { group in
            let surroundings = effects.surroundings
            let stop = effects.stop
            group.addTask {
                await stop.wait()
                return .stopRequested
            }
            Self.addTick(to: &group, surroundings)
            execution.dispatch(into: &group, elapsed: surroundings.elapsed())
            while execution.running > 0 || execution.awaitingReadiness > 0 {
                guard let happening = await group.next() else { break }
                let elapsed = surroundings.elapsed()
                switch happening {
                case .tick:
                    execution.tellProgress(elapsed)
                    Self.addTick(to: &group, surroundings)
                case .stopRequested:
                    execution.beginStopping(&group)
                case .graceOver: group.cancelAll()
                case .made(let step, let outcome): execution.finish(step, outcome, elapsed, &group)
                case .done(let step, let outcome): execution.finish(step, outcome, elapsed)
                case .ready(let address, let readiness): execution.finish(address, readiness, elapsed)
                }
                execution.dispatch(into: &group, elapsed: elapsed)
            }
            group.cancelAll()
        }
        self = execution
        tellUntouched()
    }

    private static func addTick(to group: inout TaskGroup<Happening>, _ surroundings: Surroundings) {
        group.addTask {
            try? await surroundings.clock.sleep(for: .seconds(1))
            return .tick
        }
    }

    /// How long the calls in flight may go on once stopping was asked for; a create's answer is waited for longer.
    private static let grace = Duration.seconds(4)

    private mutating func beginStopping(_ group: inout TaskGroup<Happening>) {
        guard !isStopping, effects.stop.isRequested else { return }
        isStopping = true
        effects.report(.stopping)
        let clock = effects.surroundings.clock
        group.addTask {
            try? await clock.sleep(for: Self.grace)
            return .graceOver
        }
    }

    // MARK: - Starting

    /// Starts every step that may start.
    mutating func dispatch(into group: inout TaskGroup<Happening>, elapsed: Duration) {
        if effects.stop.isRequested { beginStopping(&group) }
        while !isStopping, running < parallelism, nextReady < ready.count {
            let index = ready[nextReady]
            nextReady += 1
            start(index, into: &group, elapsed: elapsed)
        }
    }
}

extension Plan {
    /// The instance that a step is about, or nil.
    func address(of step: Step) -> InstanceAddress? {
        switch step.work {
        case .settle(let settlement): settlement.intent.address
        case .read(let change), .update(let change), .delete(let change), .forget(let change),
            .create(let change, _):
            changes[change].address
        case .gather, .outputs: nil
        }
    }
}
