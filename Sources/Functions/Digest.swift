/// Digests of bytes, for the functions of that name: nothing secret hangs on them.
enum Digest {
    /// MD5, as RFC 1321 has it.
    static func md5(_ bytes: [UInt8]) -> [UInt8] {
        let shifts: [UInt32] = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]
        var state: [UInt32] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476]
        for block in blocks(bytes, size: 64, isLittle: true) {
            let words = (0..<16).map { place in
                (0..<4).reduce(UInt32(0)) { $0 | UInt32(block[4 * place + $1]) << (8 * UInt32($1)) }
            }
            var (a, b, c, d) = (state[0], state[1], state[2], state[3])
            for round in 0..<64 {
                let mixed: UInt32
                let place: Int
                switch round / 16 {
                case 0: (mixed, place) = ((b & c) | (~b & d), round)
                case 1: (mixed, place) = ((d & b) | (~d & c), (5 * round + 1) % 16)
                case 2: (mixed, place) = (b ^ c ^ d, (3 * round + 5) % 16)
                default: (mixed, place) = (c ^ (b | ~d), (7 * round) % 16)
                }
                let sum = a &+ mixed &+ sines[round] &+ words[place]
                (a, d, c) = (d, c, b)
                b = b &+ rotated(sum, left: shifts[4 * (round / 16) + round % 4])
            }
            state = zip(state, [a, b, c, d]).map { $0 &+ $1 }
        }
        return state.flatMap { Array(bytes: $0).reversed() }
    }

    /// SHA-1, as RFC 3174 has it.
    static func sha1(_ bytes: [UInt8]) -> [UInt8] {
        var state: [UInt32] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0]
        for block in blocks(bytes, size: 64) {
            var words: [UInt32] = Self.words(block)
            for place in 16..<80 {
                words.append(
                    rotated(words[place - 3] ^ words[place - 8] ^ words[place - 14] ^ words[place - 16], left: 1))
            }
            var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
            for round in 0..<80 {
                let mixed: UInt32
                let constant: UInt32
                switch round / 20 {
                case 0: (mixed, constant) = ((b & c) | (~b & d), 0x5a82_7999)
                case 1: (mixed, constant) = (b ^ c ^ d, 0x6ed9_eba1)
                case 2: (mixed, constant) = ((b & c) | (b & d) | (c & d), 0x8f1b_bcdc)
                default: (mixed, constant) = (b ^ c ^ d, 0xca62_c1d6)
                }
                let sum = rotated(a, left: 5) &+ mixed &+ e &+ constant &+ words[round]
                (e, d, c, b, a) = (d, c, rotated(b, left: 30), a, sum)
            }
            state = zip(state, [a, b, c, d, e]).map { $0 &+ $1 }
        }
        return state.flatMap { Array(bytes: $0) }
    }

    /// SHA-256, as RFC 6234 has it.
    static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        // The constants are the upper halves of those of SHA-512.
        sha2(
            blocks(bytes, size: 64), start: roots.map { UInt32($0 >> 32) },
            constants: cubeRoots.prefix(64).map { UInt32($0 >> 32) },
            rotations: [[2, 13, 22], [6, 11, 25], [7, 18], [17, 19]], shifts: [3, 10])
    }

    /// SHA-512, as RFC 6234 has it.
    static func sha512(_ bytes: [UInt8]) -> [UInt8] {
        sha2(
            blocks(bytes, size: 128), start: roots, constants: cubeRoots,
            rotations: [[28, 34, 39], [14, 18, 41], [1, 8], [19, 61]], shifts: [7, 6])
    }

    private static func sha2<Word: FixedWidthInteger & UnsignedInteger>(
        _ blocks: [[UInt8]], start: [Word], constants: [Word], rotations: [[Word]], shifts: [Word]
    ) -> [UInt8] {
        func mixed(_ word: Word, _ kind: Int) -> Word {
            rotations[kind].reduce(0) { $0 ^ rotated(word, left: Word(Word.bitWidth) - $1) }
        }
        var state = start
        for block in blocks {
            var words: [Word] = Self.words(block)
            for place in 16..<constants.count {
                let first = mixed(words[place - 15], 2) ^ words[place - 15] >> shifts[0]
                let second = mixed(words[place - 2], 3) ^ words[place - 2] >> shifts[1]
                words.append(words[place - 16] &+ first &+ words[place - 7] &+ second)
            }
            var now = state
            for round in constants.indices {
                let choice = (now[4] & now[5]) ^ (~now[4] & now[6])
                let first = now[7] &+ mixed(now[4], 1) &+ choice &+ constants[round] &+ words[round]
                let majority = (now[0] & now[1]) ^ (now[0] & now[2]) ^ (now[1] & now[2])
                let second = mixed(now[0], 0) &+ majority
                now = [first &+ second, now[0], now[1], now[2], now[3] &+ first, now[4], now[5], now[6]]
            }
            state = zip(state, now).map { $0 &+ $1 }
        }
        return state.flatMap { Array(bytes: $0) }
    }

    private static func rotated<Word: FixedWidthInteger>(_ word: Word, left count: Word) -> Word {
        word << count | word >> (Word(Word.bitWidth) - count)
    }

    /// The bytes in blocks, filled up with a one, zeros and the length in bits.
    private static func blocks(_ bytes: [UInt8], size: Int, isLittle: Bool = false) -> [[UInt8]] {
        var padded = bytes + [0x80]
        let lengthSize = size / 8
        let zeros = (2 * size - (padded.count + lengthSize) % size) % size
        padded += [UInt8](repeating: 0, count: zeros + lengthSize - 8)
        let length = [UInt8](bytes: UInt64(bytes.count) * 8)
        padded += isLittle ? length.reversed() : length
        return stride(from: 0, to: padded.count, by: size).map { Array(padded[$0..<$0 + size]) }
    }

    private static func words<Word: FixedWidthInteger>(_ block: [UInt8]) -> [Word] {
        let size = Word.bitWidth / 8
        return (0..<16).map { place in
            block[place * size..<(place + 1) * size].reduce(0) { $0 << 8 | Word($1) }
        }
    }

    /// The fractions of the square roots of the first primes.
    private static let roots: [UInt64] = [
        0x6a09_e667_f3bc_c908, 0xbb67_ae85_84ca_a73b, 0x3c6e_f372_fe94_f82b, 0xa54f_f53a_5f1d_36f1,
        0x510e_527f_ade6_82d1, 0x9b05_688c_2b3e_6c1f, 0x1f83_d9ab_fb41_bd6b, 0x5be0_cd19_137e_2179,
    ]

    /// The fractions of the cube roots of the first primes.
    private static let cubeRoots: [UInt64] = [
        0x428a_2f98_d728_ae22, 0x7137_4491_23ef_65cd, 0xb5c0_fbcf_ec4d_3b2f, 0xe9b5_dba5_8189_dbbc,
        0x3956_c25b_f348_b538, 0x59f1_11f1_b605_d019, 0x923f_82a4_af19_4f9b, 0xab1c_5ed5_da6d_8118,
        0xd807_aa98_a303_0242, 0x1283_5b01_4570_6fbe, 0x2431_85be_4ee4_b28c, 0x550c_7dc3_d5ff_b4e2,
        0x72be_5d74_f27b_896f, 0x80de_b1fe_3b16_96b1, 0x9bdc_06a7_25c7_1235, 0xc19b_f174_cf69_2694,
        0xe49b_69c1_9ef1_4ad2, 0xefbe_4786_384f_25e3, 0x0fc1_9dc6_8b8c_d5b5, 0x240c_a1cc_77ac_9c65,
        0x2de9_2c6f_592b_0275, 0x4a74_84aa_6ea6_e483, 0x5cb0_a9dc_bd41_fbd4, 0x76f9_88da_8311_53b5,
        0x983e_5152_ee66_dfab, 0xa831_c66d_2db4_3210, 0xb003_27c8_98fb_213f, 0xbf59_7fc7_beef_0ee4,
        0xc6e0_0bf3_3da8_8fc2, 0xd5a7_9147_930a_a725, 0x06ca_6351_e003_826f, 0x1429_2967_0a0e_6e70,
        0x27b7_0a85_46d2_2ffc, 0x2e1b_2138_5c26_c926, 0x4d2c_6dfc_5ac4_2aed, 0x5338_0d13_9d95_b3df,
        0x650a_7354_8baf_63de, 0x766a_0abb_3c77_b2a8, 0x81c2_c92e_47ed_aee6, 0x9272_2c85_1482_353b,
        0xa2bf_e8a1_4cf1_0364, 0xa81a_664b_bc42_3001, 0xc24b_8b70_d0f8_9791, 0xc76c_51a3_0654_be30,
        0xd192_e819_d6ef_5218, 0xd699_0624_5565_a910, 0xf40e_3585_5771_202a, 0x106a_a070_32bb_d1b8,
        0x19a4_c116_b8d2_d0c8, 0x1e37_6c08_5141_ab53, 0x2748_774c_df8e_eb99, 0x34b0_bcb5_e19b_48a8,
        0x391c_0cb3_c5c9_5a63, 0x4ed8_aa4a_e341_8acb, 0x5b9c_ca4f_7763_e373, 0x682e_6ff3_d6b2_b8a3,
        0x748f_82ee_5def_b2fc, 0x78a5_636f_4317_2f60, 0x84c8_7814_a1f0_ab72, 0x8cc7_0208_1a64_39ec,
        0x90be_fffa_2363_1e28, 0xa450_6ceb_de82_bde9, 0xbef9_a3f7_b2c6_7915, 0xc671_78f2_e372_532b,
        0xca27_3ece_ea26_619c, 0xd186_b8c7_21c0_c207, 0xeada_7dd6_cde0_eb1e, 0xf57d_4f7f_ee6e_d178,
        0x06f0_67aa_7217_6fba, 0x0a63_7dc5_a2c8_98a6, 0x113f_9804_bef9_0dae, 0x1b71_0b35_131c_471b,
        0x28db_77f5_2304_7d84, 0x32ca_ab7b_40c7_2493, 0x3c9e_be0a_15c9_bebc, 0x431d_67c4_9c10_0d4c,
        0x4cc5_d4be_cb3e_42b6, 0x597f_299c_fc65_7e2a, 0x5fcb_6fab_3ad6_faec, 0x6c44_198c_4a47_5817,
    ]

    /// The sines of the first whole numbers.
    private static let sines: [UInt32] = [
        0xd76a_a478, 0xe8c7_b756, 0x2420_70db, 0xc1bd_ceee, 0xf57c_0faf, 0x4787_c62a, 0xa830_4613, 0xfd46_9501,
        0x6980_98d8, 0x8b44_f7af, 0xffff_5bb1, 0x895c_d7be, 0x6b90_1122, 0xfd98_7193, 0xa679_438e, 0x49b4_0821,
        0xf61e_2562, 0xc040_b340, 0x265e_5a51, 0xe9b6_c7aa, 0xd62f_105d, 0x0244_1453, 0xd8a1_e681, 0xe7d3_fbc8,
        0x21e1_cde6, 0xc337_07d6, 0xf4d5_0d87, 0x455a_14ed, 0xa9e3_e905, 0xfcef_a3f8, 0x676f_02d9, 0x8d2a_4c8a,
        0xfffa_3942, 0x8771_f681, 0x6d9d_6122, 0xfde5_380c, 0xa4be_ea44, 0x4bde_cfa9, 0xf6bb_4b60, 0xbebf_bc70,
        0x289b_7ec6, 0xeaa1_27fa, 0xd4ef_3085, 0x0488_1d05, 0xd9d4_d039, 0xe6db_99e5, 0x1fa2_7cf8, 0xc4ac_5665,
        0xf429_2244, 0x432a_ff97, 0xab94_23a7, 0xfc93_a039, 0x655b_59c3, 0x8f0c_cc92, 0xffef_f47d, 0x8584_5dd1,
        0x6fa8_7e4f, 0xfe2c_e6e0, 0xa301_4314, 0x4e08_11a1, 0xf753_7e82, 0xbd3a_f235, 0x2ad7_d2bb, 0xeb86_d391,
    ]
}

extension [UInt8] {
    /// The bytes of a number, the most significant first.
    fileprivate init<Word: FixedWidthInteger>(bytes word: Word) {
        self = stride(from: Word.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> Word($0)) }
    }
}
