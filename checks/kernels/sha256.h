/* SHA-256 of bytes that lie in one piece: FIPS 180-4, §5.1.1, §5.3.3 and §6.2; with the instructions for it where there are. */
#ifndef KERNEL_SHA256_H
#define KERNEL_SHA256_H
#include <stdbool.h>
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
/* The same of two texts at once, as many blocks of each. */
typedef void sha256_pairs(uint32_t *one, const uint8_t *at, uint32_t *other, const uint8_t *there, int64_t blocks);

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
 * in two registers as the instructions want it: a b e f and c d g h. A round waits for the one before, so two texts side
 * by side take little longer than one; `texts` is a constant where it is passed. */
__attribute__((always_inline, target("sha,sse4.1,ssse3"))) static inline void
sha256_extended(int texts, uint32_t *const *hash, const uint8_t *const *text, int64_t blocks)
{
    const __m128i turn = _mm_set_epi64x(0x0C0D0E0F08090A0B, 0x0405060700010203); /* to words with the first byte highest */
    __m128i abef[2], cdgh[2];
    for (int t = 0; t < texts; t++) {
        const __m128i badc = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)hash[t]), 0xB1);
        const __m128i hgfe = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(hash[t] + 4)), 0x1B);
        abef[t] = _mm_alignr_epi8(badc, hgfe, 8), cdgh[t] = _mm_blend_epi16(hgfe, badc, 0xF0);
    }
    for (int64_t block = 0; block < blocks; block++) {
        __m128i w[2][4], abef_before[2], cdgh_before[2];
        for (int t = 0; t < texts; t++) {
            const __m128i *const at = (const __m128i *)(text[t] + block * DIGEST_BLOCK);
            abef_before[t] = abef[t], cdgh_before[t] = cdgh[t];
            for (int i = 0; i < 4; i++)
                w[t][i] = _mm_shuffle_epi8(_mm_loadu_si128(at + i), turn);
        }
        UNROLLED
        for (int i = 0; i < 16; i++) { /* four rounds and four words of the schedule */
            const __m128i k = _mm_loadu_si128((const __m128i *)(SHA256_K + 4 * i));
            for (int t = 0; t < texts; t++) {
                const __m128i last = w[t][(i + 3) & 3], four = _mm_add_epi32(w[t][i & 3], k);
                cdgh[t] = _mm_sha256rnds2_epu32(cdgh[t], abef[t], four);
                abef[t] = _mm_sha256rnds2_epu32(abef[t], cdgh[t], _mm_shuffle_epi32(four, 0x0E));
                if (i < 12) /* no later round takes what the last would make */
                    w[t][i & 3] = _mm_sha256msg2_epu32(
                        _mm_add_epi32(_mm_sha256msg1_epu32(w[t][i & 3], w[t][(i + 1) & 3]),
                                      _mm_alignr_epi8(last, w[t][(i + 2) & 3], 4)), last);
            }
        }
        for (int t = 0; t < texts; t++) {
            abef[t] = _mm_add_epi32(abef[t], abef_before[t]);
            cdgh[t] = _mm_add_epi32(cdgh[t], cdgh_before[t]);
        }
    }
    for (int t = 0; t < texts; t++) {
        const __m128i feba = _mm_shuffle_epi32(abef[t], 0x1B), dchg = _mm_shuffle_epi32(cdgh[t], 0xB1);
        _mm_storeu_si128((__m128i *)hash[t], _mm_blend_epi16(feba, dchg, 0xF0));
        _mm_storeu_si128((__m128i *)(hash[t] + 4), _mm_alignr_epi8(dchg, feba, 8));
    }
}

__attribute__((target("sha,sse4.1,ssse3"))) static void sha256_blocks_extended(uint32_t *hash, const uint8_t *at, int64_t blocks)
{
    sha256_extended(1, &hash, &at, blocks);
}

__attribute__((target("sha,sse4.1,ssse3"))) static void sha256_pairs_extended(uint32_t *one, const uint8_t *at, uint32_t *other,
                                                                             const uint8_t *there, int64_t blocks)
{
    uint32_t *const hashes[2] = {one, other};
    const uint8_t *const texts[2] = {at, there};
    sha256_extended(2, hashes, texts, blocks);
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

static void sha256_pairs_plain(uint32_t *one, const uint8_t *at, uint32_t *other, const uint8_t *there, int64_t blocks)
{
    sha256_blocks_plain(one, at, blocks);
    sha256_blocks_plain(other, there, blocks);
}

/* A text that is taken: its blocks that are left, those that end it, and where its digest goes; null where there is none. */
struct sha256_text {
    uint32_t hash[DIGEST_WORDS];
    const uint8_t *at;
    int64_t blocks, rest_blocks;
    uint8_t *digest, rest[2 * DIGEST_BLOCK];
};

/* Texts one after another, two at a time. */
struct sha256_two {
    sha256_blocks *take;
    sha256_pairs *take_pairs;
    struct sha256_text texts[2];
};

static struct sha256_two sha256_two_of(int is_plain)
{
    const bool is_best_plain = is_plain || sha256_best() == sha256_blocks_plain;
    struct sha256_two two = {.take = is_best_plain ? sha256_blocks_plain : sha256_best(), .take_pairs = sha256_pairs_plain};
#if defined(__x86_64__) && defined(__GNUC__)
    if (!is_best_plain)
        two.take_pairs = sha256_pairs_extended;
#endif
    return two;
}

/* Goes on to the blocks that end the text, and behind them to its digest. */
static void sha256_end_part(struct sha256_text *text)
{
    if (text->blocks)
        return;
    text->at = text->rest;
    text->blocks = text->rest_blocks;
    text->rest_blocks = 0;
    if (text->blocks)
        return;
    for (int i = 0; i < DIGEST_WORDS; i++) { /* a word is one store */
        const uint32_t word = text->hash[i];
        text->digest[4 * i] = (uint8_t)(word >> 24), text->digest[4 * i + 1] = (uint8_t)(word >> 16);
        text->digest[4 * i + 2] = (uint8_t)(word >> 8), text->digest[4 * i + 3] = (uint8_t)word;
    }
    text->digest = NULL;
}

/* Goes on until one of the two is done, or the one that there is. */
static void sha256_go_on(struct sha256_two *two)
{
    struct sha256_text *const one = two->texts, *const other = one + 1;
    while (one->digest && other->digest) {
        const int64_t blocks = one->blocks < other->blocks ? one->blocks : other->blocks;
        two->take_pairs(one->hash, one->at, other->hash, other->at, blocks);
        for (struct sha256_text *text = one; text <= other; text++) {
            text->at += blocks * DIGEST_BLOCK;
            text->blocks -= blocks;
            sha256_end_part(text);
        }
    }
}

/* Takes one more text, from *from to before *end, which must stay until `sha256_finish`; as must digest[32]. */
static void sha256_add(struct sha256_two *two, const uint8_t *from, const uint8_t *end, uint8_t *digest)
{
    /* The first 32 bits of the fractional parts of the square roots of the first eight primes: §5.3.3. */
    static const uint32_t first[DIGEST_WORDS] = {0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
                                                 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19};
    sha256_go_on(two);
    struct sha256_text *const text = two->texts + (two->texts[0].digest != NULL);
    const int64_t length = end - from, left = length % DIGEST_BLOCK;
    const int64_t padded = left < DIGEST_BLOCK - 8 ? DIGEST_BLOCK : 2 * DIGEST_BLOCK; /* a bit and the length follow the text */
    const uint64_t bits = (uint64_t)length * 8;
    memcpy(text->hash, first, sizeof first);
    memcpy(text->rest, end - left, (size_t)left);
    memset(text->rest + left, 0, (size_t)(padded - left));
    text->rest[left] = 0x80;
    for (int i = 0; i < 8; i++)
        text->rest[padded - 1 - i] = (uint8_t)(bits >> 8 * i);
    text->at = from;
    text->blocks = length / DIGEST_BLOCK;
    text->rest_blocks = padded / DIGEST_BLOCK;
    text->digest = digest;
    sha256_end_part(text);
}

/* All digests are there. */
static void sha256_finish(struct sha256_two *two)
{
    sha256_go_on(two);
    for (struct sha256_text *text = two->texts; text < two->texts + 2; text++)
        while (text->digest) {
            two->take(text->hash, text->at, text->blocks);
            text->blocks = 0;
            sha256_end_part(text);
        }
}

#endif
