import CZlib

/// The format of gzip, which gateways use although nobody asked for it.
enum Gzip {
    /// The bytes as one gzip member.
    static func compressed(_ bytes: [UInt8]) -> [UInt8] {
        var stream = z_stream()
        let windowBits = MAX_WBITS + 16  // 16 more means gzip instead of zlib.
        let version = ZLIB_VERSION
        guard
            deflateInit2_(
                &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY, version,
                Int32(MemoryLayout<z_stream>.size)) == Z_OK
        else { return bytes }
        defer { deflateEnd(&stream) }
        var input = bytes
        var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))))
        return input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                // The bound is large enough for one call.
                deflate(&stream, Z_FINISH)
                return Array(output.prefix(Int(stream.total_out)))
            }
        }
    }
}
