/* Signatures, shingles and folded bytes of the rows of an Arrow String or LargeString array.
 *
 * What `checks/terms/reference.py` and datasketch do, in one pass from bytes to slots; those stay as the fallback and the
 * oracle. No state between calls, no allocation: a job of fixed size lies on the stack, whatever the rows' length, so any
 * number of threads may call at once. Each entry is compiled for several sets of instructions; `level` chooses: 0 what
 * every machine has, 1 AVX2, 2 AVX-512, -1 the best that this machine has. AVX-512 without its DQ: the product of 64 bits
 * that DQ brings was three times as slow on Sapphire Rapids as the products of 32 bits that compilers make it of.
 */
#include "terms.h"

typedef void lower(const uint32_t *values, int64_t count, const uint32_t *a, const uint32_t *b, uint32_t *slots);

#define HOT "walk.h"
#include "each_level.h"
#define OF(level) {{sketch_##level, shingle_##level, place_##level, write_out_##level, NULL, name_##level}, lower_slots_##level}

static const struct {
    walk *walks[NAMED + 1];
    lower *lower_slots;
} LEVELS[] = {EACH_LEVEL(OF)};

static bool level_of(int32_t *level)
{
    const int32_t best = best_level();
    *level = *level < 0 ? best : *level;
    return *level <= best;
}

/* The walk NAMED for sketches.c; null for a level that is not here. */
walk *walk_named(int32_t level)
{
    return level_of(&level) ? LEVELS[level].walks[NAMED] : NULL;
}

/* The sketch alone: lowers slots[128] by *count* values to which fmix32 was applied; -1 for a level that is not here. */
int64_t lower_slots_at(int32_t level, const uint32_t *values, int64_t count, const uint32_t *a, const uint32_t *b,
                       uint32_t *slots)
{
    if (!level_of(&level))
        return -1;
    LEVELS[level].lower_slots(values, count, a, b, slots);
    return 0;
}

/* table, expansions: of `checks.terms.fold`; then an array as `count_signs` takes it; a, b: uint32[128] each.
 * slots: uint32[row_count][128], terms: int64[row_count], all of it written.
 * Returns 0; or row + 1 where that row's offsets lie outside the data; or -1 for a level that is not here. */
int64_t signatures(const uint32_t *table, const uint32_t *expansions, const void *offsets, int32_t is_large,
                   const uint8_t *data, int64_t data_bytes, const uint8_t *validity, int64_t first_bit,
                   int64_t row_count, int32_t level, const uint32_t *a, const uint32_t *b, uint32_t *slots, int64_t *terms)
{
    const struct rows rows = {offsets, data, validity, data_bytes, first_bit, is_large};
    struct job job;
    if (!level_of(&level))
        return -1;
    memset(&job, 0, sizeof job);
    job.fold = (struct fold){table, expansions};
    job.a = a;
    job.b = b;
    memset(slots, 0xFF, (size_t)row_count * SLOTS_OF_SIGNATURE * sizeof *slots);
    for (int64_t row = 0; row < row_count; row++) {
        const uint8_t *from, *end;
        if (!take_row(&rows, row, &from, &end))
            return row + 1;
        job.held = job.passed = 0;
        job.slots = slots + row * SLOTS_OF_SIGNATURE;
        LEVELS[level].walks[SKETCHED](&job, from, end);
        terms[row] = job.passed + job.held;
    }
    return 0;
}

/* Shingles of *width* terms, 1 to 64, of the rows `chosen`, from *next on. places may be null; else the code points each
 * shingle covers, start and end, int64[room][2]. shingle_ends[i]: where those of chosen row i end. *next: the first row
 * that had no room, else chosen_count. sieve: null, or uint64[2^sieve_bits], 1 to 40: `bits_of`; then those
 * shingles alone that it lets through, and room is wanted for 2,112 more. Returns as `signatures` does. */
int64_t shingles_through(const uint32_t *table, const uint32_t *expansions, const void *offsets, int32_t is_large,
                         const uint8_t *data, int64_t data_bytes, const uint8_t *validity, int64_t first_bit,
                         int64_t row_count, const int64_t *chosen, int64_t chosen_count, int32_t width,
                         const uint64_t *sieve, int32_t sieve_bits, uint64_t *shingles, int64_t *places, int64_t room,
                         int64_t *shingle_ends, int64_t *next)
{
    const struct rows rows = {offsets, data, validity, data_bytes, first_bit, is_large};
    struct job job;
    const int32_t level = best_level();
    if (width < 1 || width > MOST_WIDTH || (sieve && (sieve_bits < 1 || sieve_bits > 40)))
        return -1;
    memset(&job, 0, sizeof job);
    job.fold = (struct fold){table, expansions};
    job.shingles = shingles;
    job.places = places;
    job.sieve = sieve;
    job.sieve_shift = 64 - sieve_bits;
    job.room = room;
    job.width = width;
    job.made = *next ? shingle_ends[*next - 1] : 0;
    for (; *next < chosen_count; ++*next) {
        const uint8_t *from, *end;
        const int64_t row = chosen[*next];
        if (row < 0 || row >= row_count)
            return row_count + 1; /* never 0, whatever was asked for */
        if (!take_row(&rows, row, &from, &end))
            return row + 1;
        job.held = job.passed = 0;
        LEVELS[level].walks[places ? PLACED : SHINGLED](&job, from, end);
        if (job.is_full)
            break;
        shingle_ends[*next] = job.made;
    }
    return 0;
}

/* The same of all shingles. */
int64_t shingles_of_rows(const uint32_t *table, const uint32_t *expansions, const void *offsets, int32_t is_large,
                         const uint8_t *data, int64_t data_bytes, const uint8_t *validity, int64_t first_bit,
                         int64_t row_count, const int64_t *chosen, int64_t chosen_count, int32_t width,
                         uint64_t *shingles, int64_t *places, int64_t room, int64_t *shingle_ends, int64_t *next)
{
    return shingles_through(table, expansions, offsets, is_large, data, data_bytes, validity, first_bit, row_count, chosen,
                            chosen_count, width, 0, 0, shingles, places, room, shingle_ends, next);
}

/* The folded terms, one space between two, of each row from *next to before *stop*; wanted: uint8[row_count] or null.
 * byte_ends[i]: where those of row i end in bytes[room], which is to have more room than they take by 17 bytes. *next: the
 * first row that had no room, else *stop*; the next call begins with it and an empty buffer. Returns as `signatures` does. */
int64_t folded_rows(const uint32_t *table, const uint32_t *expansions, const void *offsets, int32_t is_large,
                    const uint8_t *data, int64_t data_bytes, const uint8_t *validity, int64_t first_bit, int64_t row_count,
                    const uint8_t *wanted, int64_t stop, uint8_t *bytes, int64_t room, int64_t *byte_ends, int64_t *next)
{
    const struct rows rows = {offsets, data, validity, data_bytes, first_bit, is_large};
    struct job job;
    const int32_t level = best_level();
    memset(&job, 0, sizeof job);
    job.fold = (struct fold){table, expansions};
    job.bytes = bytes;
    job.room = room;
    for (; *next < stop; ++*next) {
        const uint8_t *from, *end;
        if (*next >= row_count || !take_row(&rows, *next, &from, &end))
            return *next + 1;
        job.passed = 0;
        if (!wanted || wanted[*next])
            LEVELS[level].walks[WRITTEN](&job, from, end);
        if (job.is_full)
            break;
        byte_ends[*next] = job.made;
    }
    return 0;
}
