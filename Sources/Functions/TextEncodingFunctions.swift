import CZlib
import FoundationEssentials
import Glibc
import HCL
import Values

/// Texts in other encodings than UTF-8, and compressed ones.
enum TextEncodingFunctions {
    static let all: [Function] = [textencodebase64, textdecodebase64, base64gzip]

    private static func encoding(_ value: Value) throws(FunctionError) -> TextEncoding {
        let name = value.string ?? ""
        guard let encoding = TextEncoding(name) else {
            throw FunctionError(
                "\"\(name)\" is not a supported IANA encoding name or alias in this version of flinkform", argument: 1)
        }
        return encoding
    }

    private static let textencodebase64 = Function(
        "textencodebase64", [.init("string", .string), .init("encoding", .string)], result: .string
    ) { values throws(FunctionError) in
        let encoding = try encoding(values[1])
        guard let bytes = encoding.bytes(of: values[0].string ?? "") else {
            throw FunctionError(
                "the given string contains characters that cannot be represented in \(encoding.name)", argument: 0)
        }
        return .string(Data(bytes).base64EncodedString())
    }

    private static let textdecodebase64 = Function(
        "textdecodebase64", [.init("source", .string), .init("encoding", .string)], result: .string
    ) { values throws(FunctionError) in
        let encoding = try encoding(values[1])
        let source = values[0].string ?? ""
        let bytes: [UInt8]
        do throws(LenientBase64.Problem) {
            bytes = try LenientBase64.bytes(of: source)
        } catch {
            throw FunctionError(
                "the given value is has an invalid base64 symbol at offset \(error.offset)", argument: 0)
        }
        guard let text = encoding.text(of: bytes) else {
            throw FunctionError(
                "the given string contains symbols that are not defined for \(encoding.name)", argument: 0)
        }
        return .string(text)
    }

    /// The compressed text in the form of gzip, framed as Go does it: a block that is flushed, and an empty one at the end.
    ///
    /// zlib finds repetitions that Go does not, so that the text in between may differ from Terraform's.
    private static let base64gzip = Function("base64gzip", [.init("str", .string)], result: .string) {
        values throws(FunctionError) in
        let bytes = Array((values[0].string ?? "").utf8)
        guard let blocks = Deflate.flushed(bytes) else { throw FunctionError("failed to write gzip raw data") }
        var result: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]
        result += blocks + [1, 0, 0, 0xff, 0xff]
        let checksum = UInt32(truncatingIfNeeded: crc32_z(0, bytes, bytes.count))
        for number in [checksum, UInt32(truncatingIfNeeded: bytes.count)] {
            result += (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
        }
        return .string(Data(result).base64EncodedString())
    }
}

/// Compression by zlib.
private enum Deflate {
    /// The compressed bytes, up to a boundary of bytes; nil when memory does not suffice.
    static func flushed(_ bytes: [UInt8]) -> [UInt8]? {
        // zlib leaves out what Go writes for nothing.
        guard !bytes.isEmpty else { return [0, 0, 0, 0xff, 0xff] }
        // zlib keeps the stream's address.
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        defer { stream.deallocate() }
        let size = Int32(MemoryLayout<z_stream>.size)
        guard
            deflateInit2_(stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
                == Z_OK
        else { return nil }
        defer { deflateEnd(stream) }
        var source = bytes
        var result = [UInt8](repeating: 0, count: Int(deflateBound(stream, UInt(bytes.count))) + 64)
        let (inputCount, outputCount) = (source.count, result.count)
        guard inputCount <= Int(UInt32.max), outputCount <= Int(UInt32.max) else { return nil }
        let isDone = source.withUnsafeMutableBufferPointer { input in
            result.withUnsafeMutableBufferPointer { output in
                stream.pointee.next_in = input.baseAddress
                stream.pointee.avail_in = UInt32(inputCount)
                stream.pointee.next_out = output.baseAddress
                stream.pointee.avail_out = UInt32(outputCount)
                return deflate(stream, Z_SYNC_FLUSH) == Z_OK && stream.pointee.avail_in == 0
                    && stream.pointee.avail_out > 0
            }
        }
        guard isDone else { return nil }
        return Array(result.prefix(outputCount - Int(stream.pointee.avail_out)))
    }
}

/// An encoding of texts.
private struct TextEncoding {
    /// The name that IANA prefers.
    let name: String
    /// The name that the C library has for it.
    private let system: String

    /// Names as IANA has them, and what the C library calls the same; aliases are separated by spaces.
    private static let table: [(name: String, aliases: String, system: String)] = [
        ("UTF-8", "csutf8", "UTF-8"), ("UTF-16", "csutf16", "UTF-16"), ("UTF-16BE", "csutf16be", "UTF-16BE"),
        ("UTF-16LE", "csutf16le", "UTF-16LE"),
        ("US-ASCII", "csascii iso-ir-6 iso646-us us ibm367 cp367 ansi_x3.4-1968", "ASCII"),
        ("ISO_8859-1:1987", "iso-8859-1 iso_8859-1 csisolatin1 ibm819 cp819 iso-ir-100 l1 latin1", "ISO-8859-1"),
        ("ISO_8859-2:1987", "iso-8859-2 iso_8859-2 csisolatin2 iso-ir-101 l2 latin2", "ISO-8859-2"),
        ("ISO_8859-3:1988", "iso-8859-3 iso_8859-3 csisolatin3 iso-ir-109 l3 latin3", "ISO-8859-3"),
        ("ISO_8859-4:1988", "iso-8859-4 iso_8859-4 csisolatin4 iso-ir-110 l4 latin4", "ISO-8859-4"),
        ("ISO_8859-5:1988", "iso-8859-5 iso_8859-5 csisolatincyrillic cyrillic iso-ir-144", "ISO-8859-5"),
        (
            "ISO_8859-6:1987", "iso-8859-6 iso_8859-6 arabic asmo-708 csisolatinarabic ecma-114 iso-ir-127",
            "ISO-8859-6"
        ),
        (
            "ISO_8859-7:1987", "iso-8859-7 iso_8859-7 csisolatingreek ecma-118 elot_928 greek greek8 iso-ir-126",
            "ISO-8859-7"
        ),
        ("ISO_8859-8:1988", "iso-8859-8 iso_8859-8 csisolatinhebrew hebrew iso-ir-138", "ISO-8859-8"),
        ("ISO_8859-9:1989", "iso-8859-9 iso_8859-9 csisolatin5 iso-ir-148 l5 latin5", "ISO-8859-9"),
        ("ISO-8859-10", "csisolatin6 iso-ir-157 l6 latin6", "ISO-8859-10"), ("ISO-8859-13", "", "ISO-8859-13"),
        ("ISO-8859-14", "iso-celtic iso-ir-199 iso_8859-14 l8 latin8", "ISO-8859-14"),
        ("ISO-8859-15", "iso_8859-15 latin-9", "ISO-8859-15"),
        ("ISO-8859-16", "iso-ir-226 iso_8859-16 l10 latin10", "ISO-8859-16"),
        ("windows-1250", "", "CP1250"), ("windows-1251", "", "CP1251"), ("windows-1252", "", "CP1252"),
        ("windows-1253", "", "CP1253"), ("windows-1254", "", "CP1254"), ("windows-1255", "", "CP1255"),
        ("windows-1256", "", "CP1256"), ("windows-1257", "", "CP1257"),
        ("KOI8-R", "cskoi8r", "KOI8-R"),
        ("IBM437", "437 cp437 cspc8codepage437", "CP437"), ("IBM850", "850 cp850 cspc850multilingual", "CP850"),
        ("IBM852", "852 cp852 cspcp852", "CP852"), ("IBM866", "866 cp866 csibm866", "CP866"),
        ("Shift_JIS", "csshiftjis ms_kanji", "CP932"),
        ("Extended_UNIX_Code_Packed_Format_for_Japanese", "euc-jp cseucpkdfmtjapanese", "EUC-JP"),
        ("EUC-KR", "cseuckr", "CP949"), ("GBK", "cp936 ms936 windows-936", "GBK"), ("GB18030", "", "GB18030"),
    ]

    /// The encoding of a name, in letters of either case.
    init?(_ name: String) {
        let wanted = name.lowercased()
        let found = Self.table.first { entry in
            entry.name.lowercased() == wanted || entry.aliases.split(separator: " ").contains { $0 == wanted }
        }
        guard let found else { return nil }
        (self.name, system) = (found.name, found.system)
    }

    /// The text's bytes; nil when it has characters that the encoding has not.
    func bytes(of text: String) -> [UInt8]? {
        switch name {
        case "UTF-8": return Array(text.utf8)
        case "UTF-16": return [0xfe, 0xff] + Self.bigEndian(text.utf16)
        case "UTF-16BE": return Self.bigEndian(text.utf16)
        case "UTF-16LE": return Self.bigEndian(text.utf16.map(\.byteSwapped))
        default: return Self.converted(Array(text.utf8), from: "UTF-8", to: system)
        }
    }

    /// The text of bytes; nil when they are of no text.
    func text(of bytes: [UInt8]) -> String? {
        switch name {
        case "UTF-8": return String(validating: bytes, as: UTF8.self)
        case "UTF-16":
            if bytes.starts(with: [0xff, 0xfe]) { return Self.text(ofBigEndian: bytes.dropFirst(2), isSwapped: true) }
            return Self.text(
                ofBigEndian: bytes.starts(with: [0xfe, 0xff]) ? bytes.dropFirst(2) : bytes[...], isSwapped: false)
        case "UTF-16BE": return Self.text(ofBigEndian: bytes[...], isSwapped: false)
        case "UTF-16LE": return Self.text(ofBigEndian: bytes[...], isSwapped: true)
        default:
            return Self.converted(bytes, from: system, to: "UTF-8").flatMap { String(validating: $0, as: UTF8.self) }
        }
    }

    private static func bigEndian(_ units: some Sequence<UInt16>) -> [UInt8] {
        units.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] }
    }

    private static func text(ofBigEndian bytes: ArraySlice<UInt8>, isSwapped: Bool) -> String? {
        guard bytes.count % 2 == 0 else { return nil }
        let units = stride(from: bytes.startIndex, to: bytes.endIndex, by: 2).map { place in
            let unit = UInt16(bytes[place]) << 8 | UInt16(bytes[place + 1])
            return isSwapped ? unit.byteSwapped : unit
        }
        return String(validating: units, as: UTF16.self)
    }

    /// The bytes in another encoding; nil when that has no place for them.
    private static func converted(_ bytes: [UInt8], from: String, to: String) -> [UInt8]? {
        guard let converter = iconv_open(to, from), Int(bitPattern: converter) != -1 else { return nil }
        defer { iconv_close(converter) }
        var source = bytes.map { CChar(bitPattern: $0) }
        var result = [CChar](repeating: 0, count: 4 * bytes.count + 16)
        let capacity = result.count
        let left = source.withUnsafeMutableBufferPointer { input in
            result.withUnsafeMutableBufferPointer { output -> Int? in
                var (next, count) = (input.baseAddress, input.count)
                var (place, room) = (output.baseAddress, capacity)
                guard iconv(converter, &next, &count, &place, &room) != -1,
                    iconv(converter, nil, nil, &place, &room) != -1
                else { return nil }
                return room
            }
        }
        return left.map { room in result.prefix(capacity - room).map { UInt8(bitPattern: $0) } }
    }
}
