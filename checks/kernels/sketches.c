/* What the rows of an Arrow String or LargeString array are known by: content, folded terms, signature and bands, in one walk.
 *
 * One row after another is read while it lies in the cache: cut into terms once, of which the signature and the folded
 * bytes are made; both texts go two at a time through SHA-256. No state between calls, no allocation.
 */
#if defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wunused-function" /* what the walks alone call */
#endif
#include "sha256.h"
#include "terms.h"

walk *walk_named(int32_t level);                                                                         /* of terms.c */
int64_t hash_bands(const uint32_t *signatures, int64_t count, int32_t bands, int32_t rows, uint64_t *hashes); /* of pairs.c */

enum { MOST_ROWS = 32, MOST_BANDS = 32, BAND_BITS = 5, FOLDED_BYTES = 16 };
/* A sketch as `checks.duplicates.sketches.sketch_type` lays it out; row, part, length and leader key are for the caller. */
enum { FOLDED_AT = 10, SLOTS_AT = FOLDED_AT + FOLDED_BYTES, BANDS_AT = SLOTS_AT + SLOTS_OF_SIGNATURE };

/* Rows that are walked but not written yet. */
struct held_rows {
    uint32_t slots[MOST_ROWS][SLOTS_OF_SIGNATURE];
    uint8_t digests[MOST_ROWS][DIGEST_BYTES];
    int64_t count;
};

static void write_sketches(const struct held_rows *held, int32_t bands, int32_t rows, uint8_t *sketches)
{
    uint64_t hashes[MOST_ROWS * MOST_BANDS];
    hash_bands(held->slots[0], held->count, bands, rows, hashes);
    for (int64_t i = 0; i < held->count; i++, sketches += BANDS_AT + 8 * bands) {
        memcpy(sketches + FOLDED_AT, held->digests[i], FOLDED_BYTES);
        for (int slot = 0; slot < SLOTS_OF_SIGNATURE; slot++) /* of each the low byte: b-bit minhash, Li and König 2010 */
            sketches[SLOTS_AT + slot] = (uint8_t)held->slots[i][slot];
        for (int band = 0; band < bands; band++) { /* the number of its band in the highest bits */
            const uint64_t hash = hashes[i * bands + band] >> BAND_BITS | (uint64_t)band << (64 - BAND_BITS);
            memcpy(sketches + BANDS_AT + 8 * band, &hash, 8);
        }
    }
}

/* table, expansions: of `checks.terms.fold`; then an array as `count_signs` takes it; level, a, b: as `signatures` takes
 * them; is_plain: SHA-256 without the machine's instructions. From row *next on: terms: int64[row_count]; contents: null or
 * uint8[row_count][32], SHA-256 of each row; and of rows of at least *shortest* terms alone kept: int64[row_count], their
 * numbers, and sketches: uint8[row_count][154 + 8 * bands], *kept_count of both before and after. bytes[room]: for folded
 * terms. *next: row_count, or a row that needs more room: the next call begins with it.
 * Returns 0; or row + 1 where that row's offsets lie outside the data; or -1 for a level that is not here, more than 32
 * bands, or bands that do not fit a signature. */
int64_t sketch_rows(const uint32_t *table, const uint32_t *expansions, const void *offsets, int32_t is_large,
                    const uint8_t *data, int64_t data_bytes, const uint8_t *validity, int64_t first_bit, int64_t row_count,
                    int32_t level, const uint32_t *a, const uint32_t *b, int32_t bands, int32_t rows_of_band,
                    int64_t shortest, int32_t is_plain, uint8_t *bytes, int64_t room, int64_t *terms, uint8_t *contents,
                    int64_t *kept, uint8_t *sketches, int64_t *kept_count, int64_t *next)
{
    const struct rows rows = {offsets, data, validity, data_bytes, first_bit, is_large};
    const int64_t sketch_bytes = BANDS_AT + 8 * (int64_t)bands;
    walk *const name = walk_named(level);
    struct sha256_two two = sha256_two_of(is_plain);
    struct held_rows held;
    struct job job;
    if (!name || bands < 1 || bands > MOST_BANDS || hash_bands(NULL, 0, bands, rows_of_band, NULL))
        return -1;
    memset(&job, 0, sizeof job);
    job.fold = (struct fold){table, expansions};
    job.a = a;
    job.b = b;
    job.bytes = bytes;
    job.room = room;
    job.shortest = shortest;
    while (*next < row_count) {
        job.made = held.count = 0;
        job.is_full = false;
        for (; *next < row_count && held.count < MOST_ROWS; ++*next) {
            const uint8_t *from, *end;
            const int64_t made = job.made;
            if (!take_row(&rows, *next, &from, &end))
                return *next + 1;
            job.held = job.passed = 0;
            job.slots = held.slots[held.count];
            memset(job.slots, 0xFF, sizeof held.slots[0]);
            name(&job, from, end);
            if (job.is_full) {
                job.made = made;
                break;
            }
            if (contents)
                sha256_add(&two, from, end, contents + *next * DIGEST_BYTES);
            terms[*next] = job.passed + job.held;
            if (terms[*next] < shortest) {
                job.made = made;
                continue;
            }
            sha256_add(&two, bytes + made + (job.made > made), bytes + job.made, held.digests[held.count]);
            kept[*kept_count + held.count++] = *next;
        }
        sha256_finish(&two);
        write_sketches(&held, bands, rows_of_band, sketches + *kept_count * sketch_bytes);
        *kept_count += held.count;
        if (job.is_full && !job.made) /* the first row that was taken in had no room */
            break;
    }
    return 0;
}
