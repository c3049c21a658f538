/// A regular expression of RE2's syntax.
///
/// It looks at Unicode scalars, takes the leftmost match and of several there the one that was written first, and needs time that
/// grows with the lengths of expression and text alone: it follows all ways at once instead of going back.
struct Pattern: Sendable {
    /// The names of the groups in order; nil for those without.
    let groups: [String?]
    private let steps: [Step]

    /// One step of the program that an expression is made into.
    fileprivate enum Step: Sendable {
        case character(UInt32)
        case set(CharacterClass)
        case assertion(PatternAssertion)
        case save(Int)
        /// Goes on at both places; the first is preferred.
        case split(Int, Int)
        case jump(Int)
        case match
    }

    /// Reads an expression.
    init(_ text: String) throws(PatternError) {
        var parser = PatternParser(text)
        let tree = try parser.parse()
        groups = parser.groups
        var builder = Builder()
        builder.add(tree)
        guard builder.isWithinBounds else { throw PatternError(reason: "expression too large", part: text) }
        steps = builder.steps + [.match]
    }

    // MARK: - Making the program

    private struct Builder {
        static let maximumSteps = 1_000_000
        var steps: [Step] = []
        var isWithinBounds: Bool { steps.count < Self.maximumSteps }

        /// Adds the steps of an expression, and says whether it may match nothing.
        @discardableResult
        mutating func add(_ node: PatternNode) -> Bool {
            guard isWithinBounds else { return true }
            switch node {
            case .empty: return true
            case .character(let character): steps.append(.character(character))
            case .set(let set): steps.append(.set(set))
            case .assertion(let assertion):
                steps.append(.assertion(assertion))
                return true
            case .group(let number, let inner):
                steps.append(.save(2 * number))
                let mayBeEmpty = add(inner)
                steps.append(.save(2 * number + 1))
                return mayBeEmpty
            case .sequence(let nodes):
                var mayBeEmpty = true
                for node in nodes { mayBeEmpty = add(node) && mayBeEmpty }
                return mayBeEmpty
            case .choice(let nodes): return addChoice(nodes)
            case .repetition(let inner, let least, let most, let isGreedy):
                return addRepetition(inner, least, most, isGreedy)
            }
            return false
        }

        private mutating func addChoice(_ nodes: [PatternNode]) -> Bool {
            var (ends, mayBeEmpty) = ([Int](), false)
            for (place, node) in nodes.enumerated() {
                let split = steps.count
                let isLast = place == nodes.count - 1
                if !isLast { steps.append(.split(split + 1, 0)) }
                mayBeEmpty = add(node) || mayBeEmpty
                if !isLast {
                    ends.append(steps.count)
                    steps.append(.jump(0))
                    steps[split] = .split(split + 1, steps.count)
                }
            }
            for end in ends { steps[end] = .jump(steps.count) }
            return mayBeEmpty
        }

        private func split(_ inside: Int, _ behind: Int, _ isGreedy: Bool) -> Step {
            isGreedy ? .split(inside, behind) : .split(behind, inside)
        }

        private mutating func addRepetition(
            _ inner: PatternNode, _ least: Int, _ most: Int?, _ isGreedy: Bool
        ) -> Bool {
            guard let most else { return addUnbounded(inner, least, isGreedy) }
            var mayBeEmpty = true
            for _ in 0..<least { mayBeEmpty = add(inner) && mayBeEmpty }
            var splits: [Int] = []
            for _ in 0..<max(0, most - least) where isWithinBounds {
                splits.append(steps.count)
                steps.append(.jump(0))
                add(inner)
            }
            for place in splits { steps[place] = split(place + 1, steps.count, isGreedy) }
            return mayBeEmpty
        }

        private mutating func addUnbounded(_ inner: PatternNode, _ least: Int, _ isGreedy: Bool) -> Bool {
            for _ in 0..<max(0, least - 1) where isWithinBounds { add(inner) }
            let start = steps.count
            guard least == 0 else {
                let mayBeEmpty = add(inner)
                steps.append(split(start, steps.count + 1, isGreedy))
                return mayBeEmpty
            }
            steps.append(.jump(0))
            if add(inner) {
                // What may match nothing is tried once before it is left out.
                steps.append(split(start + 1, steps.count + 1, isGreedy))
            } else {
                steps.append(.jump(start))
            }
            steps[start] = split(start + 1, steps.count, isGreedy)
            return true
        }
    }

    // MARK: - Matching

    /// Where a match and its groups begin and end; nil for groups that took no part.
    typealias Match = [Range<Int>?]

    /// The first match at or behind a place.
    func firstMatch(in text: [Unicode.Scalar], from start: Int = 0) -> Match? {
        var search = Search(steps: steps, text: text, groups: groups.count)
        guard let places = search.run(from: start) else { return nil }
        return (0...groups.count).map { group in
            let (from, to) = (places[2 * group], places[2 * group + 1])
            return from >= 0 && to >= from ? from..<to : nil
        }
    }

    /// All matches, one behind the other; none of nothing right behind another.
    func matches(in text: [Unicode.Scalar]) -> [Match] {
        var result: [Match] = []
        var (place, end) = (0, -1)
        while place <= text.count, let match = firstMatch(in: text, from: place), let whole = match[0] {
            if whole.upperBound != place || whole.lowerBound != end { result.append(match) }
            place = whole.upperBound == place ? place + 1 : whole.upperBound
            end = whole.upperBound
        }
        return result
    }
}

/// Follows all ways through a program at once, the preferred ones first.
private struct Search {
    private struct Way {
        var step: Int
        var places: [Int]
    }

    private let steps: [Pattern.Step]
    private let text: [Unicode.Scalar]
    private let groups: Int
    /// The round in which each step was reached last.
    private var reached: [Int]
    private var round = 0
    private var open: [Way] = []

    init(steps: [Pattern.Step], text: [Unicode.Scalar], groups: Int) {
        self.steps = steps
        self.text = text
        self.groups = groups
        reached = Array(repeating: 0, count: steps.count)
    }

    mutating func run(from start: Int) -> [Int]? {
        var (ways, following) = ([Way](), [Way]())
        var found: [Int]?
        var place = start
        let unset = Array(repeating: -1, count: 2 * groups + 2)
        round = 1
        while place <= text.count {
            if found == nil {
                var places = unset
                places[0] = place
                follow(Way(step: 0, places: places), place, into: &ways)
            }
            if ways.isEmpty, found != nil { break }
            round += 1
            following.removeAll(keepingCapacity: true)
            let character = place < text.count ? text[place].value : nil
            ways: for way in ways {
                switch steps[way.step] {
                case .match:
                    found = way.places
                    found?[1] = place
                    // What is less preferred is given up.
                    break ways
                case .character(let wanted):
                    guard character == wanted else { continue }
                case .set(let set):
                    guard let character, set.contains(character) else { continue }
                default: continue
                }
                follow(Way(step: way.step + 1, places: way.places), place + 1, into: &following)
            }
            swap(&ways, &following)
            place += 1
        }
        return found
    }

    /// Adds the steps that take a character and can be reached from a step without one.
    private mutating func follow(_ way: Way, _ place: Int, into ways: inout [Way]) {
        open.append(way)
        while var way = open.popLast() {
            guard reached[way.step] != round else { continue }
            reached[way.step] = round
            switch steps[way.step] {
            case .jump(let step): open.append(Way(step: step, places: way.places))
            case .split(let first, let second):
                open.append(Way(step: second, places: way.places))
                open.append(Way(step: first, places: way.places))
            case .save(let slot):
                way.places[slot] = place
                way.step += 1
                open.append(way)
            case .assertion(let assertion):
                guard holds(assertion, at: place) else { continue }
                way.step += 1
                open.append(way)
            case .character, .set, .match: ways.append(way)
            }
        }
    }

    private func holds(_ assertion: PatternAssertion, at place: Int) -> Bool {
        func isWord(_ place: Int) -> Bool {
            guard text.indices.contains(place), text[place].isASCII else { return false }
            return UInt8(text[place].value).isWord
        }
        return switch assertion {
        case .textStart: place == 0
        case .textEnd: place == text.count
        case .lineStart: place == 0 || text[place - 1] == "\n"
        case .lineEnd: place == text.count || text[place] == "\n"
        case .wordEdge: isWord(place - 1) != isWord(place)
        case .noWordEdge: isWord(place - 1) == isWord(place)
        }
    }
}
