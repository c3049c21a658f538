/// Words that say nothing, or that say too much about where and how something was made.
enum WordRule {
    /// Words that no type's name contains, since none of them says what the type is.
    static let emptyWords: Set<String> = [
        "Manager", "Helper", "Util", "Utils", "Utility", "Common", "Base", "Context", "Meta", "Info", "Data", "Handler",
        "Wrapper", "Impl", "Service",
    ]

    /// Words of the field, which the rule leaves alone.
    private static let terms = ["ServiceAccount", "DataSource"]

    private static let typeKeywords: Set<String> = ["struct", "enum", "class", "protocol", "actor", "typealias"]

    /// After `class`, these make a member of a class and no type.
    private static let memberKeywords: Set<String> = ["func", "var", "let", "subscript", "init"]

    static func checkTypeNames(_ repository: Repository) -> [Violation] {
        repository.sources.flatMap { source -> [Violation] in
            zip(source.tokens, source.tokens.dropFirst()).compactMap { keyword, name in
                guard typeKeywords.contains(keyword.text), !memberKeywords.contains(name.text),
                    let word = words(of: name.text, without: terms).first(where: emptyWords.contains)
                else { return nil }
                return Violation(source.path, name.line, "the name \(name.text) contains the empty word \(word)")
            }
        }
    }

    /// `JSONDataReader` is JSON, Data and Reader; terms are left out.
    static func words(of name: String, without terms: [String] = []) -> [String] {
        var words: [String] = []
        var word = ""
        let characters = Array(terms.reduce(name) { $0.replacing($1, with: "") })
        for index in characters.indices {
            let isUpper = characters[index].isUppercase
            let followsLower = index > 0 && !characters[index - 1].isUppercase
            let leadsLower = index + 1 < characters.count && characters[index + 1].isLowercase
            if isUpper, followsLower || leadsLower, !word.isEmpty {
                words.append(word)
                word = ""
            }
            word.append(characters[index])
        }
        return words + [word]
    }

    /// Printing is for programs; `try!` is for nobody.
    static func checkCalls(_ repository: Repository) -> [Violation] {
        let programs: Set<String> = ["Commands", "flinkform", "confluent-emulator"]
        return repository.sources.flatMap { source -> [Violation] in
            zip(source.tokens, source.tokens.dropFirst()).compactMap { word, next in
                if word.text == "try", next.text == "!", next.isGlued {
                    return Violation(source.path, word.line, "an error is handled or thrown on, never trapped on")
                }
                if word.text == "print", next.text == "(", let module = source.module, !programs.contains(module) {
                    return Violation(source.path, word.line, "only programs print")
                }
                return nil
            }
        }
    }

    // Put together here, so that this file is not its own first violation.
    private static let repair = "FIX" + "ME"
    private static let later = "TO" + "DO"
    private static let machine = "/" + "work"

    /// Notes to nobody, and paths of the machine that something was written on.
    static func checkNotes(_ repository: Repository) -> [Violation] {
        repository.files.flatMap { file -> [Violation] in
            // Most files hold none of them, which is quickly seen.
            guard [repair, later, machine].contains(where: { file.bytes.contains(text: $0) }) else { return [] }
            return file.lines.enumerated().compactMap { index, line in
                problem(of: line).map { Violation(file.path, index + 1, $0) }
            }
        }
    }

    private static func problem(of line: String) -> String? {
        if line.contains(repair) { return "\(repair): mend it, or write down what is true" }
        if let range = line.firstRange(of: later), line[range.upperBound...].prefixMatch(of: /[( ]?#[0-9]/) == nil {
            return "\(later) without the number of an issue"
        }
        if line.firstMatch(of: /(?:^|[^A-Za-z0-9_.\-*}])[\/]work(?:[^A-Za-z0-9_\-]|$)/) != nil {
            return "a path of one machine"
        }
        return nil
    }
}

extension [UInt8] {
    /// Whether the text occurs; it must not be empty.
    func contains(text: String) -> Bool {
        let wanted = Array(text.utf8)
        guard let first = wanted.first, count >= wanted.count else { return false }
        return withUnsafeBufferPointer { bytes in
            for start in 0...(bytes.count - wanted.count) where bytes[start] == first {
                var matched = 1
                while matched < wanted.count, bytes[start + matched] == wanted[matched] { matched += 1 }
                if matched == wanted.count { return true }
            }
            return false
        }
    }
}
