/* SHA-256 of the rows of an Arrow String or LargeString array: of their bytes, or of their folded terms.
 *
 * hashlib takes longer to be called than to read a row of a few hundred bytes. No state between calls, no allocation.
 */
#include "rows.h"
#include "sha256.h"

/* Of terms.c, which says what it takes. */
int64_t folded_rows(const uint32_t *table, const uint32_t *expansions, const void *offsets, int32_t is_large,
                    const uint8_t *data, int64_t data_bytes, const uint8_t *validity, int64_t first_bit, int64_t row_count,
                    const uint8_t *wanted, int64_t stop, uint8_t *bytes, int64_t room, int64_t *byte_ends, int64_t *next);

/* Whether this machine has instructions for SHA-256. */
int32_t has_sha256(void)
{
    return sha256_best() != sha256_blocks_plain;
}

/* An array as `count_signs` takes it. is_plain: without the instructions, to compare. digests: uint8[row_count][32].
 * Returns 0; or row + 1 where that row's offsets lie outside the data. */
int64_t digest_rows(const void *offsets, int32_t is_large, const uint8_t *data, int64_t data_bytes, const uint8_t *validity,
                    int64_t first_bit, int64_t row_count, int32_t is_plain, uint8_t *digests)
{
    const struct rows rows = {offsets, data, validity, data_bytes, first_bit, is_large};
    struct sha256_two two = sha256_two_of(is_plain);
    for (int64_t row = 0; row < row_count; row++) {
        const uint8_t *from, *end;
        if (!take_row(&rows, row, &from, &end))
            return row + 1;
        sha256_add(&two, from, end, digests + row * DIGEST_BYTES);
    }
    sha256_finish(&two);
    return 0;
}

/* Of the folded terms of each row from *next on, one space between two; 32 zeros for a row that is not wanted, where
 * uint8[row_count] wanted is given. bytes[room] and int64[row_count] byte_ends: for the folded rows that lie in the cache
 * until they are hashed, as `folded_rows` takes them. *next: row_count, or a row that needs more room: the next call
 * begins with it. Returns as `digest_rows` does. */
int64_t digest_folded_rows(const uint32_t *table, const uint32_t *expansions, const void *offsets, int32_t is_large,
                           const uint8_t *data, int64_t data_bytes, const uint8_t *validity, int64_t first_bit,
                           int64_t row_count, const uint8_t *wanted, int32_t is_plain, uint8_t *bytes, int64_t room,
                           int64_t *byte_ends, int64_t *next, uint8_t *digests)
{
    struct sha256_two two = sha256_two_of(is_plain);
    int64_t first = -1;
    while (*next < row_count && *next != first) {
        first = *next;
        const int64_t answer = folded_rows(table, expansions, offsets, is_large, data, data_bytes, validity, first_bit,
                                           row_count, wanted, row_count, bytes, room, byte_ends, next);
        if (answer)
            return answer;
        for (int64_t row = first, at = 0; row < *next; at = byte_ends[row++]) {
            if (wanted && !wanted[row])
                memset(digests + row * DIGEST_BYTES, 0, DIGEST_BYTES);
            else
                sha256_add(&two, bytes + at, bytes + byte_ends[row], digests + row * DIGEST_BYTES);
        }
        sha256_finish(&two);
    }
    return 0;
}
