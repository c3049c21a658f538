/// What a user probably meant.
package enum Suggestion {
    /// Longer words are not compared.
    private static let lengthMaximum = 64

    /// The candidate that differs least from a word, when it is close enough to be meant; nil when none is.
    package static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
        let letters = Array(word.lowercased().unicodeScalars)
        guard letters.count <= lengthMaximum else { return nil }
        let limit = max(1, min(3, letters.count / 3))
        var best: (distance: Int, candidate: String)?
        for candidate in candidates where candidate != word {
            let other = Array(candidate.lowercased().unicodeScalars)
            guard abs(other.count - letters.count) <= limit else { continue }
            let distance = distance(letters, other)
            // A word of which nothing is left is another word.
            guard distance <= limit, distance < max(letters.count, other.count) else { continue }
            if let best, (best.distance, best.candidate) <= (distance, candidate) { continue }
            best = (distance, candidate)
        }
        return best?.candidate
    }

    /// ` Did you mean "x"?`, or nothing.
    package static func phrase(_ word: String, among candidates: some Sequence<String>) -> String {
        nearest(to: word, among: candidates).map { " Did you mean \"\($0)\"?" } ?? ""
    }

    /// How many letters must be put in, taken out, changed, or swapped with their neighbour.
    private static func distance(_ first: [Unicode.Scalar], _ second: [Unicode.Scalar]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...second.count)
        for row in 1...max(1, first.count) where row <= first.count {
            var next = [row]
            for column in 1...max(1, second.count) where column <= second.count {
                let isSame = first[row - 1] == second[column - 1]
                var cost = min(last[column] + 1, next[column - 1] + 1, last[column - 1] + (isSame ? 0 : 1))
                if row > 1, column > 1, first[row - 1] == second[column - 2], first[row - 2] == second[column - 1] {
                    cost = min(cost, beforeLast[column - 2] + 1)
                }
                next.append(cost)
            }
            (beforeLast, last) = (last, next)
        }
        return last[second.count]
    }
}
