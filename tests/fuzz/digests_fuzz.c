/* SHA-256 of rows and of their folded terms, and the one walk that gives all a row is known by, against FIPS 180-4 step by
 * step and the functions that give each thing alone (which have harnesses of their own). */
#include "fuzzed.h"

#define TABLES const uint32_t *, const uint32_t *
int64_t digest_rows(COLUMN, int32_t, uint8_t *);
int64_t digest_folded_rows(TABLES, COLUMN, const uint8_t *, int32_t, uint8_t *, int64_t, int64_t *, int64_t *, uint8_t *);
int64_t sketch_rows(TABLES, COLUMN, int32_t, const uint32_t *, const uint32_t *, int32_t, int32_t, int64_t, int32_t, uint8_t *, int64_t,
                    int64_t *, uint8_t *, int64_t *, uint8_t *, int64_t *, int64_t *);
int64_t signatures(TABLES, COLUMN, int32_t, const uint32_t *, const uint32_t *, uint32_t *, int64_t *);
int64_t folded_rows(TABLES, COLUMN, const uint8_t *, int64_t, uint8_t *, int64_t, int64_t *, int64_t *);
int64_t hash_bands(const uint32_t *, int64_t, int32_t, int32_t, uint64_t *);

enum { SLOTS = 128, MOST_FOLDED = MOST_BYTES * 64 };

static const uint32_t *table, *expansions;
static uint8_t folded[MOST_FOLDED];

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    size_t bytes;
    (void)count, (void)arguments;
    table = file_of("fold.bin", &bytes);
    MUST(bytes == POINTS * 4);
    expansions = file_of("expansions.bin", &bytes);
    return 0;
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
