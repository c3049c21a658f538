internal import CJSONC

extension JSONValue {
    /// No caller can allow more nested containers: values are walked, and freed, by recursion.
    private static let depthMaximum = 2048

    /// Parses a text.
    ///
    /// - Parameters:
    ///   - bytes: The text, UTF-8.
    ///   - repeatedKeys: What repeated keys mean.
    ///   - maximumDepth: How many containers may be nested; 2048 at most.
    package init(
        parsing bytes: [UInt8], repeatedKeys: RepeatedKeys = .refused, maximumDepth: Int = 512
    ) throws(JSONError) {
        let depth = min(maximumDepth, Self.depthMaximum)
        var scanner = JSONScanner(bytes, repeatedKeys: repeatedKeys, maximumDepth: depth)
        try scanner.check()
        // Marks move what follows them: such a text, which is rare, is read as a whole.
        let large = scanner.marked.isEmpty ? scanner.large : [:]
        let value = JSONReader.value(of: Self.marked(bytes, scanner.marked), large: large, maximumDepth: depth)
        guard let value else { throw JSONError("The text cannot be read: it may be too large", at: 0, in: bytes) }
        self = value
    }

    /// Parses a text.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - repeatedKeys: What repeated keys mean.
    ///   - maximumDepth: How many containers may be nested; 2048 at most.
    package init(
        parsing text: String, repeatedKeys: RepeatedKeys = .refused, maximumDepth: Int = 512
    ) throws(JSONError) {
        try self.init(parsing: Array(text.utf8), repeatedKeys: repeatedKeys, maximumDepth: maximumDepth)
    }

    /// The text with a mark on each number that json-c would change.
    private static func marked(_ bytes: [UInt8], _ ranges: [Range<Int>]) -> [UInt8] {
        guard !ranges.isEmpty else { return bytes }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + 5 * ranges.count)
        var end = 0
        for range in ranges {
            result += bytes[end..<range.lowerBound]
            result += NumberMark.marked(bytes[range])
            end = range.upperBound
        }
        return result + bytes[end...]
    }
}

/// Reads a checked text with json-c, a large container member by member: then the tree of one member is all that json-c holds at a
/// time, and its memory is used again for the next.
private struct JSONReader {
    private let tokener: UnsafeMutablePointer<json_tokener>
    private let bytes: UnsafeBufferPointer<UInt8>
    private let large: [Int: Int]
    private var offset = 0

    /// Allows something behind a value, and refuses what is no UTF-8.
    private static let flags = JSON_TOKENER_STRICT | 0x02 | 0x10

    /// Reads a text that was checked; nil when json-c cannot hold it.
    ///
    /// - Parameters:
    ///   - bytes: The text.
    ///   - large: Where each large container begins, and where it ends.
    ///   - maximumDepth: How many containers may be nested.
    static func value(of bytes: [UInt8], large: [Int: Int], maximumDepth: Int) -> JSONValue? {
        guard bytes.count < Int32.max, let tokener = json_tokener_new_ex(Int32(max(maximumDepth, 0) + 2)) else {
            return nil
        }
        defer { json_tokener_free(tokener) }
        json_tokener_set_flags(tokener, flags)
        // A number at the top level ends only with the NUL that follows it.
        return (bytes + [0]).withUnsafeBufferPointer { buffer in
            var reader = JSONReader(tokener: tokener, bytes: buffer, large: large)
            return reader.value()
        }
    }

    /// Reads the value that comes next, after spaces; nil when json-c cannot hold it.
    private mutating func value() -> JSONValue? {
        skipSpace()
        guard let end = large[offset] else { return small() }
        let isObject = bytes[offset] == UInt8(ascii: "{")
        var object = JSONObject()
        var items: [JSONValue] = []
        // Before each member there is the opening bracket or a comma; behind the last, spaces and the closing bracket.
        while true {
            offset += 1
            if isObject {
                guard let key = small()?.string else { return nil }
                skipSpace()
                offset += 1
                guard let value = value() else { return nil }
                object[key] = value
            } else {
                guard let value = value() else { return nil }
                items.append(value)
            }
            skipSpace()
            guard offset < end - 1 else { break }
        }
        offset = end
        return isObject ? .object(object) : .array(items)
    }

    /// Reads the value that comes next as a whole.
    private mutating func small() -> JSONValue? {
        json_tokener_reset(tokener)
        let rest = UnsafeBufferPointer(rebasing: bytes[offset...])
        let root = rest.withMemoryRebound(to: CChar.self) {
            json_tokener_parse_ex(tokener, $0.baseAddress, Int32($0.count))
        }
        // A null is no object for json-c.
        defer { if let root { json_object_put(root) } }
        guard json_tokener_get_error(tokener) == json_tokener_success else { return nil }
        offset += Int(json_tokener_get_parse_end(tokener))
        return Self.value(of: root)
    }

    private mutating func skipSpace() {
        while true {
            switch bytes[offset] {
            case 0x20, 0x09, 0x0A, 0x0D: offset += 1
            default: return
            }
        }
    }

    private static func value(of object: OpaquePointer?) -> JSONValue {
        guard let object else { return .null }
        switch json_object_get_type(object) {
        case json_type_boolean: return .bool(json_object_get_boolean(object) != 0)
        case json_type_int: return .number(JSONNumber(Int(json_object_get_int64(object))))
        case json_type_double:
            return .number(JSONNumber(checked: NumberMark.unmarked(String(cString: json_object_get_string(object)))))
        case json_type_string: return .string(text(json_object_get_string(object), json_object_get_string_len(object)))
        case json_type_array:
            let count = json_object_array_length(object)
            return .array((0..<count).map { value(of: json_object_array_get_idx(object, $0)) })
        case json_type_object: return .object(members(of: object))
        default: return .null
        }
    }

    private static func members(of object: OpaquePointer) -> JSONObject {
        var result = JSONObject()
        var entry = json_object_get_object(object)?.pointee.head
        while let current = entry {
            if let key = current.pointee.k {
                let name = String(cString: key.assumingMemoryBound(to: CChar.self))
                result.append(name, value(of: current.pointee.v.map { OpaquePointer($0) }))
            }
            entry = current.pointee.next
        }
        return result
    }

    private static func text(_ start: UnsafePointer<CChar>?, _ count: Int32) -> String {
        guard let start else { return "" }
        return UnsafeBufferPointer(start: start, count: Int(count)).withMemoryRebound(to: UInt8.self) {
            String(decoding: $0, as: UTF8.self)
        }
    }
}
