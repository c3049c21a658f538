/// The faults of a running emulator, with how many requests each has counted so far.
///
/// A value: the same plan, asked about the same requests in the same order, decides the same.
package struct FaultPlan: Sendable {
    private let faults: [Fault]
    private var counts: [Int]
    /// When the outage of each fault began.
    private var starts: [Timestamp?]
    private var generator: SeededGenerator

    /// Creates a plan that has seen no request; `seed` decides faults by chance.
    package init(_ faults: [Fault], seed: UInt64) {
        self.faults = faults
        counts = Array(repeating: 0, count: faults.count)
        starts = Array(repeating: nil, count: faults.count)
        generator = SeededGenerator(seed: seed)
    }

    /// Counts a request and returns the first fault that strikes it; nil means that all goes well.
    ///
    /// Every fault of that method and path counts the request, also when an earlier one strikes.
    package mutating func strike(method: String, path: String, at now: Timestamp) -> Fault? {
        var struck: Fault?
        for (index, fault) in faults.enumerated()
        where (fault.method == nil || fault.method == method) && path.hasPrefix(fault.path) {
            counts[index] += 1
            let isStruck =
                switch fault.selector {
                case .chance(let chance): Double.random(in: 0..<1, using: &generator) < chance
                case .every(let count): counts[index] % count == 0
                case .ordinals(let ordinals): ordinals.contains(counts[index])
                case .outage(let from, let seconds): isOut(index, from: from, seconds: seconds, now)
                }
            if isStruck && struck == nil { struck = fault }
        }
        return struck
    }

    private mutating func isOut(_ index: Int, from ordinal: Int, seconds: Int, _ now: Timestamp) -> Bool {
        guard counts[index] >= ordinal else { return false }
        let start = starts[index] ?? now
        starts[index] = start
        return now < start.advanced(by: .seconds(seconds))
    }
}

/// A small generator of well-mixed numbers (SplitMix64) whose sequence its seed fixes.
struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
