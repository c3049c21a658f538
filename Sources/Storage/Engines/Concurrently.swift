/// Many requests at once, but not too many.
enum Concurrently {
    /// A result of one of them, and its place.
    private struct Numbered<Output: Sendable>: Sendable {
        let place: Int
        let result: Result<Output, EngineError>
    }

    /// What `body` makes of each element, in order, with so many under way at most; the first failure ends it.
    static func map<Input: Sendable, Output: Sendable>(
        _ inputs: [Input], width: Int, _ body: @escaping @Sendable (Input) async throws(EngineError) -> Output
    ) async throws(EngineError) -> [Output] {
        let results: [Int: Result<Output, EngineError>] = await withTaskGroup(of: Numbered<Output>.self) { group in
            var results: [Int: Result<Output, EngineError>] = [:]
            var next = 0
            func start() {
                guard next < inputs.count else { return }
                let (place, input) = (next, inputs[next])
                next += 1
                group.addTask {
                    do throws(EngineError) {
                        return Numbered(place: place, result: .success(try await body(input)))
                    } catch {
                        return Numbered(place: place, result: .failure(error))
                    }
                }
            }
            for _ in 0..<min(width, inputs.count) { start() }
            while let done = await group.next() {
                results[done.place] = done.result
                if case .success = done.result { start() }
            }
            return results
        }
        for place in inputs.indices {
            if case .failure(let error) = results[place] { throw error }
        }
        var outputs: [Output] = []
        for place in inputs.indices {
            if let result = results[place] { outputs.append(try result.get()) }
        }
        return outputs
    }
}
