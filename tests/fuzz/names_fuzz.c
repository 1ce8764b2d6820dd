/* Which rows are drawn, with and without the machine's instructions, against HMAC-SHA256 and the first draw step by step. */
#include "fuzzed.h"

int64_t draw_rows(COLUMN, uint64_t, uint64_t, const uint8_t *, int64_t, uint64_t, int32_t, uint8_t *);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BLOCK = 64, MILLION = 1000000 };

/* RFC 2104, for keys of at most a block. */
static void plain_hmac(const uint8_t *key, int64_t key_bytes, const uint8_t *at, int64_t bytes, uint8_t *digest)
{
    uint8_t *inner = calloc(1, (size_t)(BLOCK + bytes)), outer[BLOCK + DIGEST] = {0};
    MUST(inner);
    memcpy(inner, key, (size_t)key_bytes);
    memcpy(outer, key, (size_t)key_bytes);
    for (int i = 0; i < BLOCK; i++) {
        inner[i] ^= 0x36;
        outer[i] ^= 0x5C;
    }
    memcpy(inner + BLOCK, at, (size_t)bytes);
    plain_digest(inner, BLOCK + bytes, outer + BLOCK);
    plain_digest(outer, BLOCK + DIGEST, digest);
    free(inner);
}

/* The share of a million that a key gives a text. */
static uint64_t share_of(const uint8_t *at, int64_t bytes, const uint8_t *key, int64_t key_bytes)
{
    uint8_t digest[DIGEST];
    plain_hmac(key, key_bytes, at, bytes, digest);
    return number_of(digest, 8) % MILLION;
}

static bool is_drawn(const uint8_t *at, int64_t bytes, uint64_t seed, uint64_t sieve, const uint8_t *key, int64_t key_bytes,
                     uint64_t below)
{
    uint64_t content = spread(seed ^ (uint64_t)bytes);
    for (int64_t quarter = 0; quarter < 5; quarter++)
        content = spread(content ^ (bytes < 8 ? number_of(at, bytes) : number_of(at + (bytes - 8) * quarter / 4, 8)));
    return bytes && content % sieve == 0 && share_of(at, bytes, key, key_bytes) < below;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    const uint64_t seed = take(&in, 8), drawn_sieve = take(&in, 1), drawn_below = take(&in, 3);
    const uint64_t sieve = drawn_sieve < 4 ? drawn_sieve : drawn_sieve < 8 ? seed : 1 + drawn_sieve % 3;
    const int64_t key_bytes = (int64_t)(take(&in, 1) % (BLOCK + 3)) - 1;
    uint8_t *key = exactly(key_bytes > 0 ? (size_t)key_bytes : 0);
    for (int64_t i = 0; i < key_bytes; i++)
        key[i] = (uint8_t)take(&in, 1);
    struct column c = take_column(&in);
    const int64_t bad = first_bad(&c);
    uint8_t *drawn[2] = {exactly((size_t)c.rows), exactly((size_t)c.rows)};
    const bool is_setting = sieve && key_bytes >= 0 && key_bytes <= BLOCK;
    uint64_t below = drawn_below % (MILLION + 2);
    const uint8_t *from;
    int64_t bytes;
    if (drawn_below & 1 && is_setting && bad) { /* the share of one of the rows, or one more */
        MUST(row_of(&c, (int64_t)below % bad, &from, &bytes));
        below = share_of(from, bytes, key, key_bytes) + (drawn_below >> 1 & 1);
    }
    for (int32_t is_plain = 0; is_plain < 2; is_plain++)
        MUST(draw_rows(ARRAY(c), seed, sieve, key, key_bytes, below, is_plain, drawn[is_plain]) ==
             (!is_setting ? -1 : bad < c.rows ? bad + 1 : 0));
    for (int64_t row = 0; is_setting && row < bad; row++) {
        MUST(row_of(&c, row, &from, &bytes) && drawn[0][row] == drawn[1][row]);
        MUST(drawn[0][row] == is_drawn(from, bytes, seed, sieve, key, key_bytes, below));
    }
    free(key), free(drawn[0]), free(drawn[1]);
    free_column(&c);
    return 0;
}
