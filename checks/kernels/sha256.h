/* SHA-256 of bytes that lie in one piece: FIPS 180-4, §5.1.1, §5.3.3 and §6.2; with the instructions for it where there are. */
#ifndef KERNEL_SHA256_H
#define KERNEL_SHA256_H
#include <stdint.h>
#include <string.h>

#if defined(__GNUC__) && !defined(__clang__)
#define UNROLLED _Pragma("GCC unroll 16") /* so that no value moves from one variable to the next */
#else
#define UNROLLED
#endif

enum { DIGEST_BYTES = 32, DIGEST_BLOCK = 64, DIGEST_WORDS = 8 };

/* The first 32 bits of the fractional parts of the cube roots of the first 64 primes: §4.2.2. */
static const uint32_t SHA256_K[64] = {
    0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5, 0x3956C25B, 0x59F111F1, 0x923F82A4, 0xAB1C5ED5,
    0xD807AA98, 0x12835B01, 0x243185BE, 0x550C7DC3, 0x72BE5D74, 0x80DEB1FE, 0x9BDC06A7, 0xC19BF174,
    0xE49B69C1, 0xEFBE4786, 0x0FC19DC6, 0x240CA1CC, 0x2DE92C6F, 0x4A7484AA, 0x5CB0A9DC, 0x76F988DA,
    0x983E5152, 0xA831C66D, 0xB00327C8, 0xBF597FC7, 0xC6E00BF3, 0xD5A79147, 0x06CA6351, 0x14292967,
    0x27B70A85, 0x2E1B2138, 0x4D2C6DFC, 0x53380D13, 0x650A7354, 0x766A0ABB, 0x81C2C92E, 0x92722C85,
    0xA2BFE8A1, 0xA81A664B, 0xC24B8B70, 0xC76C51A3, 0xD192E819, 0xD6990624, 0xF40E3585, 0x106AA070,
    0x19A4C116, 0x1E376C08, 0x2748774C, 0x34B0BCB5, 0x391C0CB3, 0x4ED8AA4A, 0x5B9CCA4F, 0x682E6FF3,
    0x748F82EE, 0x78A5636F, 0x84C87814, 0x8CC70208, 0x90BEFFFA, 0xA4506CEB, 0xBEF9A3F7, 0xC67178F2,
};

/* Takes whole blocks into the eight words of the hash. */
typedef void sha256_blocks(uint32_t *hash, const uint8_t *at, int64_t blocks);

static inline uint32_t sha256_turned(uint32_t x, int bits)
{
    return x >> bits | x << (32 - bits);
}

/* In plain C, a round as §6.2.2 writes it, with the last sixteen words of the schedule alone. */
static void sha256_blocks_plain(uint32_t *hash, const uint8_t *at, int64_t blocks)
{
    for (; blocks > 0; blocks--, at += DIGEST_BLOCK) {
        uint32_t a = hash[0], b = hash[1], c = hash[2], d = hash[3], e = hash[4], f = hash[5], g = hash[6], h = hash[7];
        uint32_t w[16];
        for (int t = 0; t < 16; t++)
            w[t] = (uint32_t)at[4 * t] << 24 | (uint32_t)at[4 * t + 1] << 16 | (uint32_t)at[4 * t + 2] << 8 | at[4 * t + 3];
        for (int t = 0; t < 64; t += 16) {
            UNROLLED
            for (int i = 0; i < 16; i++) {
                const uint32_t sum = sha256_turned(e, 6) ^ sha256_turned(e, 11) ^ sha256_turned(e, 25);
                const uint32_t one = h + sum + ((e & f) ^ (~e & g)) + SHA256_K[t + i] + w[i];
                const uint32_t two = (sha256_turned(a, 2) ^ sha256_turned(a, 13) ^ sha256_turned(a, 22)) +
                                     ((a & b) ^ (a & c) ^ (b & c));
                h = g, g = f, f = e, e = d + one;
                d = c, c = b, b = a, a = one + two;
            }
            UNROLLED
            for (int i = 0; i < 16 && t < 48; i++) {
                const uint32_t early = w[(i + 1) & 15], late = w[(i + 14) & 15];
                w[i] += (sha256_turned(early, 7) ^ sha256_turned(early, 18) ^ early >> 3) + w[(i + 9) & 15] +
                        (sha256_turned(late, 17) ^ sha256_turned(late, 19) ^ late >> 10);
            }
        }
        hash[0] += a, hash[1] += b, hash[2] += c, hash[3] += d, hash[4] += e, hash[5] += f, hash[6] += g, hash[7] += h;
    }
}

#if defined(__x86_64__) && defined(__GNUC__)
#include <cpuid.h>
#include <immintrin.h>

/* With the SHA extensions, by hand: no compiler finds them, and they are four times as fast on short rows and seven on long
 * ones (`digests_sha_vs_plain` of pipelines/bench/dedup_signatures.py; less than 1.5 would not be worth it). The hash lies
 * in two registers as the instructions want it: a b e f and c d g h. */
__attribute__((target("sha,sse4.1,ssse3"))) static void sha256_blocks_extended(uint32_t *hash, const uint8_t *at, int64_t blocks)
{
    const __m128i turn = _mm_set_epi64x(0x0C0D0E0F08090A0B, 0x0405060700010203); /* to words with the first byte highest */
    const __m128i badc = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)hash), 0xB1);
    const __m128i hgfe = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(hash + 4)), 0x1B);
    __m128i abef = _mm_alignr_epi8(badc, hgfe, 8), cdgh = _mm_blend_epi16(hgfe, badc, 0xF0);
    for (; blocks > 0; blocks--, at += DIGEST_BLOCK) {
        const __m128i abef_before = abef, cdgh_before = cdgh;
        __m128i w[4];
        for (int i = 0; i < 4; i++)
            w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(at + 16 * i)), turn);
        UNROLLED
        for (int i = 0; i < 16; i++) { /* four rounds and four words of the schedule */
            const __m128i last = w[(i + 3) & 3];
            const __m128i four = _mm_add_epi32(w[i & 3], _mm_loadu_si128((const __m128i *)(SHA256_K + 4 * i)));
            cdgh = _mm_sha256rnds2_epu32(cdgh, abef, four);
            abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(four, 0x0E));
            w[i & 3] = _mm_sha256msg2_epu32(_mm_add_epi32(_mm_sha256msg1_epu32(w[i & 3], w[(i + 1) & 3]),
                                                          _mm_alignr_epi8(last, w[(i + 2) & 3], 4)), last);
        }
        abef = _mm_add_epi32(abef, abef_before);
        cdgh = _mm_add_epi32(cdgh, cdgh_before);
    }
    const __m128i feba = _mm_shuffle_epi32(abef, 0x1B), dchg = _mm_shuffle_epi32(cdgh, 0xB1);
    _mm_storeu_si128((__m128i *)hash, _mm_blend_epi16(feba, dchg, 0xF0));
    _mm_storeu_si128((__m128i *)(hash + 4), _mm_alignr_epi8(dchg, feba, 8));
}

/* The best that this machine has. Asked for once a call: a hypervisor answers CPUID, which takes it microseconds. */
static sha256_blocks *sha256_best(void)
{
    uint32_t a, b, c, d;
    const int has_rest = __builtin_cpu_supports("sse4.1") && __builtin_cpu_supports("ssse3");
    return has_rest && __get_cpuid_count(7, 0, &a, &b, &c, &d) && b >> 29 & 1 ? sha256_blocks_extended : sha256_blocks_plain;
}
#else
static sha256_blocks *sha256_best(void)
{
    return sha256_blocks_plain;
}
#endif

/* digest[32] of the bytes from *at to before *end. */
static void sha256_of(sha256_blocks *take, const uint8_t *at, const uint8_t *end, uint8_t *digest)
{
    /* The same of the square roots of the first eight primes: §5.3.3. */
    uint32_t hash[DIGEST_WORDS] = {0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
                                   0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19};
    const int64_t length = end - at, left = length % DIGEST_BLOCK;
    const int64_t padded = left < DIGEST_BLOCK - 8 ? DIGEST_BLOCK : 2 * DIGEST_BLOCK; /* a bit and the length follow the text */
    const uint64_t bits = (uint64_t)length * 8;
    uint8_t rest[2 * DIGEST_BLOCK] = {0};
    take(hash, at, length / DIGEST_BLOCK);
    memcpy(rest, end - left, (size_t)left);
    rest[left] = 0x80;
    for (int i = 0; i < 8; i++)
        rest[padded - 1 - i] = (uint8_t)(bits >> 8 * i);
    take(hash, rest, padded / DIGEST_BLOCK);
    for (int i = 0; i < DIGEST_BYTES; i++)
        digest[i] = (uint8_t)(hash[i / 4] >> (24 - 8 * (i % 4)));
}

#endif
