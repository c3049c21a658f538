import JSON

/// The JSON object that a request carries, read member by member with errors that point at the member.
///
/// Members nobody asks for are ignored, as the service ignores read-only and unknown ones.
struct RequestBody {
    private let object: JSONValue
    private let pointer: String

    /// Reads the body of a request.
    ///
    /// Of members written twice the last one counts.
    init(_ bytes: [UInt8]) throws(Problem) {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: bytes, repeatedKeys: .lastWins, maximumDepth: 32)
        } catch {
            throw .badRequest("The body is not JSON: line \(error.line), column \(error.column): \(error.message)")
        }
        guard value.object != nil else { throw .badRequest("The body is not a JSON object.") }
        object = value
        pointer = ""
    }

    private init(_ object: JSONValue, at pointer: String) {
        self.object = object
        self.pointer = pointer
    }

    /// The object of that name, or nil if it is missing or null.
    func object(_ name: String) throws(Problem) -> RequestBody? {
        guard let value = object[name], !value.isNull else { return nil }
        guard value.object != nil else {
            throw .badRequest("\"\(name)\" must be an object.", pointer: "\(pointer)/\(name)")
        }
        return RequestBody(value, at: "\(pointer)/\(name)")
    }

    /// The object of that name; it is an error if it is missing.
    func requiredObject(_ name: String) throws(Problem) -> RequestBody {
        guard let value = try object(name) else {
            throw .badRequest("\"\(name)\" is required.", pointer: "\(pointer)/\(name)")
        }
        return value
    }

    /// The text of that name, or nil if it is missing or null.
    func string(_ name: String, lengthMax: Int? = nil) throws(Problem) -> String? {
        guard let value = object[name], !value.isNull else { return nil }
        guard let text = value.string else {
            throw .badRequest("\"\(name)\" must be a string.", pointer: "\(pointer)/\(name)")
        }
        if let lengthMax, text.unicodeScalars.count > lengthMax {
            throw .badRequest("\"\(name)\" has more than \(lengthMax) characters.", pointer: "\(pointer)/\(name)")
        }
        return text
    }

    /// The text of that name; it is an error if it is missing or empty.
    func requiredString(_ name: String, lengthMax: Int? = nil) throws(Problem) -> String {
        guard let text = try string(name, lengthMax: lengthMax), !text.isEmpty else {
            throw .badRequest("\"\(name)\" is required.", pointer: "\(pointer)/\(name)")
        }
        return text
    }

    /// The whole number of that name, or nil if it is missing or null.
    func int(_ name: String) throws(Problem) -> Int? {
        guard let value = object[name], !value.isNull else { return nil }
        guard let number = value.int else {
            throw .badRequest("\"\(name)\" must be a whole number.", pointer: "\(pointer)/\(name)")
        }
        return number
    }

    /// The truth value of that name, or nil if it is missing or null.
    func bool(_ name: String) throws(Problem) -> Bool? {
        guard let value = object[name], !value.isNull else { return nil }
        guard let flag = value.bool else {
            throw .badRequest("\"\(name)\" must be true or false.", pointer: "\(pointer)/\(name)")
        }
        return flag
    }

    /// Whether there is a member of that name, null included.
    func has(_ name: String) -> Bool {
        object[name] != nil
    }
}
