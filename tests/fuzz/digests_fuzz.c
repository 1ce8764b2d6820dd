/* SHA-256 of rows and of their folded terms, and the one walk that gives all a row is known by, against FIPS 180-4 step by
 * step and the functions that give each thing alone (which have harnesses of their own). */
#include "fuzzed.h"

#define TABLES const uint32_t *, const uint32_t *
#define COLUMN const void *, int32_t, const uint8_t *, int64_t, const uint8_t *, int64_t, int64_t
int64_t digest_rows(COLUMN, int32_t, uint8_t *);
int64_t digest_folded_rows(TABLES, COLUMN, const uint8_t *, int32_t, uint8_t *, int64_t, int64_t *, int64_t *, uint8_t *);
int64_t sketch_rows(TABLES, COLUMN, int32_t, const uint32_t *, const uint32_t *, int32_t, int32_t, int64_t, int32_t, uint8_t *, int64_t,
                    int64_t *, uint8_t *, int64_t *, uint8_t *, int64_t *, int64_t *);
int64_t signatures(TABLES, COLUMN, int32_t, const uint32_t *, const uint32_t *, uint32_t *, int64_t *);
int64_t folded_rows(TABLES, COLUMN, const uint8_t *, int64_t, uint8_t *, int64_t, int64_t *, int64_t *);
int64_t hash_bands(const uint32_t *, int64_t, int32_t, int32_t, uint64_t *);

enum { SLOTS = 128, DIGEST = 32, MOST_FOLDED = MOST_BYTES * 64 };

static const uint32_t *table, *expansions;
static uint32_t cube_roots[64], square_roots[8]; /* first 32 bits of the fractional parts, worked out below */
static uint8_t folded[MOST_FOLDED], padded[MOST_FOLDED + 2 * 64];

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* floor(2^32 * n^(1/power)) by halving: power 2 or 3, n below 400, so all fits 128 bits. */
static uint32_t root_of(uint32_t n, int power)
{
    unsigned __int128 low = 0, high = (unsigned __int128)1 << 37;
    while (high - low > 1) {
        const unsigned __int128 middle = (low + high) / 2;
        const bool fits = power == 2 ? middle * middle <= (unsigned __int128)n << 64
                                     : middle * middle * middle <= (unsigned __int128)n << 96;
        if (fits)
            low = middle;
        else
            high = middle;
    }
    return (uint32_t)low;
}

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    size_t bytes;
    (void)count, (void)arguments;
    table = file_of("fold.bin", &bytes);
    MUST(bytes == POINTS * 4);
    expansions = file_of("expansions.bin", &bytes);
    for (uint32_t n = 2, primes = 0; primes < 64; n++) {
        bool is_prime = true;
        for (uint32_t by = 2; by * by <= n; by++)
            is_prime &= n % by != 0;
        if (!is_prime)
            continue;
        if (primes < 8)
            square_roots[primes] = root_of(n, 2);
        cube_roots[primes++] = root_of(n, 3);
    }
    return 0;
}

static uint32_t turned(uint32_t x, int bits)
{
    return x >> bits | x << (32 - bits);
}

static void plain_digest(const uint8_t *at, int64_t bytes, uint8_t *digest)
{
    const int64_t blocks = (bytes + 9 + 63) / 64;
    uint32_t hash[8];
    memcpy(hash, square_roots, sizeof hash);
    memset(padded, 0, (size_t)blocks * 64);
    memcpy(padded, at, (size_t)bytes);
    padded[bytes] = 0x80;
    for (int i = 0; i < 8; i++)
        padded[blocks * 64 - 1 - i] = (uint8_t)((uint64_t)bytes * 8 >> 8 * i);
    for (int64_t block = 0; block < blocks; block++) {
        uint32_t w[64], v[8];
        memcpy(v, hash, sizeof v);
        for (int t = 0; t < 64; t++) {
            const uint8_t *four = padded + block * 64 + 4 * t;
            w[t] = t < 16 ? (uint32_t)four[0] << 24 | (uint32_t)four[1] << 16 | (uint32_t)four[2] << 8 | four[3]
                          : (turned(w[t - 2], 17) ^ turned(w[t - 2], 19) ^ w[t - 2] >> 10) + w[t - 7] +
                                (turned(w[t - 15], 7) ^ turned(w[t - 15], 18) ^ w[t - 15] >> 3) + w[t - 16];
            const uint32_t one = v[7] + (turned(v[4], 6) ^ turned(v[4], 11) ^ turned(v[4], 25)) + ((v[4] & v[5]) ^ (~v[4] & v[6])) +
                                 cube_roots[t] + w[t];
            const uint32_t two = (turned(v[0], 2) ^ turned(v[0], 13) ^ turned(v[0], 22)) + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
            memmove(v + 1, v, 7 * sizeof *v);
            v[4] += one;
            v[0] = one + two;
        }
        for (int i = 0; i < 8; i++)
            hash[i] += v[i];
    }
    for (int i = 0; i < DIGEST; i++)
        digest[i] = (uint8_t)(hash[i / 4] >> (24 - 8 * (i % 4)));
}

/* Index of the first row that is not there, or the number of rows. */
static int64_t first_bad(const struct column *c)
{
    const uint8_t *from;
    int64_t bytes, row = 0;
    while (row < c->rows && row_of(c, row, &from, &bytes))
        row++;
    return row;
}

/* What one row of a column of as many good rows as *bad* folds to. */
static int64_t fold_row(const struct column *c, int64_t row)
{
    int64_t ends[MOST_ROWS], next = row;
    MUST(!folded_rows(table, expansions, ARRAY(*c), NULL, row + 1, folded, MOST_FOLDED, ends, &next) && next == row + 1);
    return ends[row];
}

static void look_at_digests(const struct column *c, int32_t is_plain)
{
    const int64_t bad = first_bad(c);
    uint8_t *digests = exactly((size_t)c->rows * DIGEST), wanted[DIGEST];
    MUST(digest_rows(ARRAY(*c), is_plain, digests) == (bad < c->rows ? bad + 1 : 0));
    for (int64_t row = 0; bad == c->rows && row < bad; row++) {
        const uint8_t *from;
        int64_t bytes;
        MUST(row_of(c, row, &from, &bytes));
        plain_digest(from, bytes, wanted);
        MUST(!memcmp(wanted, digests + row * DIGEST, DIGEST));
    }
    free(digests);
}

static void look_at_folded(const struct column *c, int32_t is_plain, const uint8_t *wanted_rows, int64_t room)
{
    const int64_t bad = first_bad(c);
    uint8_t *digests = exactly((size_t)c->rows * DIGEST), *bytes = exactly((size_t)room), wanted[DIGEST];
    int64_t *ends = exactly((size_t)c->rows * 8), next = 0, answer = 0;
    while (next < c->rows && !answer) {
        answer = digest_folded_rows(table, expansions, ARRAY(*c), wanted_rows, is_plain, bytes, room, ends, &next, digests);
        MUST(room < 1 << 24);
        bytes = realloc(bytes, (size_t)(room = 2 * room + 1));
    }
    MUST(answer == (bad < c->rows ? bad + 1 : 0));
    for (int64_t row = 0; !answer && row < c->rows; row++) {
        memset(wanted, 0, DIGEST);
        if (!wanted_rows || wanted_rows[row])
            plain_digest(folded, fold_row(c, row), wanted);
        MUST(!memcmp(wanted, digests + row * DIGEST, DIGEST));
    }
    free(digests), free(bytes), free(ends);
}

static void look_at_sketches(const struct column *c, int32_t is_plain, uint64_t seed, int64_t shortest, int64_t room)
{
    const int64_t bad = first_bad(c);
    const int32_t bands = 1 + (int32_t)(seed % 32), rows = 1 + (int32_t)(seed / 32 % 128) % (SLOTS / bands), size = 154 + 8 * bands;
    uint32_t *a = exactly(SLOTS * 4), *b = exactly(SLOTS * 4), *slots = exactly((size_t)c->rows * SLOTS * 4);
    int64_t *terms = exactly((size_t)c->rows * 8), *alone = exactly((size_t)c->rows * 8), *kept = exactly((size_t)c->rows * 8);
    uint8_t *contents = seed & 64 ? exactly((size_t)c->rows * DIGEST) : NULL, *sketches = exactly((size_t)(c->rows * size));
    uint8_t *bytes = exactly((size_t)room), wanted[DIGEST];
    int64_t count = 0, next = 0, answer = 0, at = 0;
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        a[slot] = (uint32_t)(seed + slot) * 2654435761u | 1;
        b[slot] = (uint32_t)(seed ^ slot) * 40503u;
    }
    while (next < c->rows && !answer) {
        answer = sketch_rows(table, expansions, ARRAY(*c), -1, a, b, bands, rows, shortest, is_plain, bytes, room, terms, contents, kept,
                             sketches, &count, &next);
        MUST(room < 1 << 24);
        bytes = realloc(bytes, (size_t)(room = 2 * room + 1));
    }
    MUST(answer == (bad < c->rows ? bad + 1 : 0));
    MUST(signatures(table, expansions, ARRAY(*c), -1, a, b, slots, alone) == answer);
    for (int64_t row = 0; !answer && row < c->rows; row++) {
        const uint8_t *from, *sketch = sketches + at * size;
        int64_t length;
        uint64_t hashes[32];
        MUST(row_of(c, row, &from, &length) && terms[row] == alone[row]);
        if (contents) {
            plain_digest(from, length, wanted);
            MUST(!memcmp(wanted, contents + row * DIGEST, DIGEST));
        }
        if (terms[row] < shortest)
            continue;
        MUST(at < count && kept[at++] == row);
        plain_digest(folded, fold_row(c, row), wanted);
        MUST(!memcmp(wanted, sketch + 10, 16));
        for (int slot = 0; slot < SLOTS; slot++)
            MUST(sketch[26 + slot] == (uint8_t)slots[row * SLOTS + slot]);
        MUST(!hash_bands(slots + row * SLOTS, 1, bands, rows, hashes));
        for (int band = 0; band < bands; band++) {
            const uint64_t hash = hashes[band] >> 5 | (uint64_t)band << 59;
            MUST(!memcmp(&hash, sketch + 154 + 8 * band, 8));
        }
    }
    MUST(answer || at == count);
    free(a), free(b), free(slots), free(terms), free(alone), free(kept), free(contents), free(sketches), free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    const uint64_t mode = take(&in, 1), seed = take(&in, 2);
    const int64_t shortest = (int64_t)(take(&in, 1) % 30), room = (int64_t)(seed % 300) + (mode & 32 ? 1 << 14 : 0);
    uint8_t wanted[MOST_ROWS];
    for (int row = 0; mode & 8 && row < MOST_ROWS; row++)
        wanted[row] = (uint8_t)take(&in, 1) & 1;
    struct column c = take_column(&in);
    if (mode % 4 == 0)
        look_at_digests(&c, mode >> 4 & 1);
    else if (mode % 4 == 1)
        look_at_folded(&c, mode >> 4 & 1, mode & 8 ? wanted : NULL, room);
    else
        look_at_sketches(&c, mode >> 4 & 1, seed, shortest, room);
    free_column(&c);
    return 0;
}
