/* Which rows of an Arrow String or LargeString array are drawn to be read for names: by two keyed draws from their content.
 *
 * What `checks/personal/sampled.py` does in numpy and hmac, in one pass; that stays as the fallback and the oracle. No state
 * between calls, no allocation.
 */
#if defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wunused-function" /* two texts at a time, and code points */
#endif
#include "rows.h"
#include "sha256.h"

enum { WORD = 8, LAST_PLACE = 4, PPM = 1000000 };

static uint64_t eight_bytes(const uint8_t *at, int64_t count)
{
    uint64_t word = 0;
    for (int64_t i = count; i--;)
        word = word << 8 | at[i];
    return word;
}

static uint64_t stirred(uint64_t x) /* of SplitMix64: Steele, Lea, Flood 2014 */
{
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return x ^ x >> 31;
}

/* HMAC-SHA256 (RFC 2104, FIPS 198-1): what the hash is behind the two blocks of the key. */
struct keyed {
    sha256_blocks *take;
    uint32_t inner[DIGEST_WORDS], outer[DIGEST_WORDS];
};

static void take_key(uint32_t *hash, sha256_blocks *take, const uint8_t *key, int64_t key_bytes, uint8_t pad)
{
    static const uint32_t first[DIGEST_WORDS] = {0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
                                                 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19};
    uint8_t block[DIGEST_BLOCK];
    memcpy(hash, first, sizeof first);
    for (int i = 0; i < DIGEST_BLOCK; i++)
        block[i] = (uint8_t)((i < key_bytes ? key[i] : 0) ^ pad);
    take(hash, block, 1);
}

/* Ends a hash that has taken one block before *length bytes, of which *left stand at *rest and are not taken. */
static void end_hash(uint32_t *hash, sha256_blocks *take, const uint8_t *rest, int64_t left, int64_t length)
{
    uint8_t end[2 * DIGEST_BLOCK] = {0};
    const int64_t padded = left < DIGEST_BLOCK - 8 ? DIGEST_BLOCK : 2 * DIGEST_BLOCK;
    const uint64_t bits = (uint64_t)(DIGEST_BLOCK + length) * 8;
    memcpy(end, rest, (size_t)left);
    end[left] = 0x80;
    for (int i = 0; i < 8; i++)
        end[padded - 1 - i] = (uint8_t)(bits >> 8 * i);
    take(hash, end, padded / DIGEST_BLOCK);
}

/* The first eight bytes of the digest, the first one lowest. */
static uint64_t digest_start(const struct keyed *keyed, const uint8_t *from, const uint8_t *end)
{
    const int64_t blocks = (end - from) / DIGEST_BLOCK;
    uint8_t inner[DIGEST_BYTES], start[WORD];
    uint32_t hash[DIGEST_WORDS];
    memcpy(hash, keyed->inner, sizeof hash);
    keyed->take(hash, from, blocks);
    end_hash(hash, keyed->take, from + blocks * DIGEST_BLOCK, (end - from) % DIGEST_BLOCK, end - from);
    for (int i = 0; i < DIGEST_BYTES; i++)
        inner[i] = (uint8_t)(hash[i / 4] >> (24 - 8 * (i % 4)));
    memcpy(hash, keyed->outer, sizeof hash);
    end_hash(hash, keyed->take, inner, DIGEST_BYTES, DIGEST_BYTES);
    for (int i = 0; i < WORD; i++)
        start[i] = (uint8_t)(hash[i / 4] >> (24 - 8 * (i % 4)));
    return eight_bytes(start, WORD);
}

/* The first draw: of a row's length and five words of it at even distances; of fewer than eight bytes all, five times. */
static uint64_t content_of(const uint8_t *from, int64_t length, uint64_t seed)
{
    uint64_t mixed = stirred((uint64_t)length ^ seed);
    const int64_t count = length < WORD ? length : WORD, reach = length - count;
    for (int64_t place = 0; place <= LAST_PLACE; place++)
        mixed = stirred(mixed ^ eight_bytes(from + reach * place / LAST_PLACE, count));
    return mixed;
}

/* An array as `count_signs` takes it. A row is drawn whose content comes to a multiple of *sieve, 1 or more, and the HMAC
 * of whose text, with a key of at most 64 bytes, comes to less than *below of a million. is_plain: without the machine's
 * instructions for SHA-256, to compare. drawn: uint8[row_count], 1 or 0; an empty or null row is not drawn.
 * Returns 0; or row + 1 where that row's offsets lie outside the data; or -1 for a key or a sieve that is none. */
int64_t draw_rows(const void *offsets, int32_t is_large, const uint8_t *data, int64_t data_bytes, const uint8_t *validity,
                  int64_t first_bit, int64_t row_count, uint64_t seed, uint64_t sieve, const uint8_t *key, int64_t key_bytes,
                  uint64_t below, int32_t is_plain, uint8_t *drawn)
{
    const struct rows rows = {offsets, data, validity, data_bytes, first_bit, is_large};
    struct keyed keyed = {.take = is_plain ? sha256_blocks_plain : sha256_best()};
    if (!sieve || key_bytes < 0 || key_bytes > DIGEST_BLOCK)
        return -1;
    take_key(keyed.inner, keyed.take, key, key_bytes, 0x36);
    take_key(keyed.outer, keyed.take, key, key_bytes, 0x5C);
    for (int64_t row = 0; row < row_count; row++) {
        const uint8_t *from, *end;
        if (!take_row(&rows, row, &from, &end))
            return row + 1;
        drawn[row] = from < end && content_of(from, end - from, seed) % sieve == 0 &&
                     digest_start(&keyed, from, end) % PPM < below;
    }
    return 0;
}
