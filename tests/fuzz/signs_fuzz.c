/* The counts of characters against a plain second count of the same rows, also by a table of other classes; of long ASCII alone. */
#include "fuzzed.h"

int64_t count_signs(const uint8_t *, const void *, int32_t, const uint8_t *, int64_t, const uint8_t *, int64_t, int64_t,
                    int64_t *);
int64_t ascii_at(int32_t, const uint8_t *, int64_t, int64_t *);

enum { CLASSES = 18, MEASURES = 6 + CLASSES };
enum { BYTES, LOWER, UPPER, DIGITS, SPACES, FEEDS, BAD, STARTS, ASCII_COUNTS };

static const uint8_t *table;
static uint8_t *other_table; /* some letters of ASCII count as digits: long stretches are not for ascii.c then */

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    size_t bytes;
    (void)count, (void)arguments;
    table = file_of("classes.bin", &bytes);
    MUST(bytes == POINTS);
    other_table = exactly(POINTS);
    memcpy(other_table, table, POINTS);
    for (int byte = 'a'; byte < 'k'; byte++)
        other_table[byte] = table['0'];
    return 0;
}

static void plain_signs(const uint8_t *classes, const uint8_t *at, int64_t bytes, int64_t *counts)
{
    static uint8_t seen[MOST_BYTES + 2];
    int64_t points = 0;
    bool has_ink = false;
    memset(counts, 0, MEASURES * sizeof *counts);
    counts[0] = bytes;
    for (int64_t i = 0, length; i < bytes; i += length) {
        int taken;
        const uint8_t here = seen[points++] = classes[plain_point(at + i, bytes - i, &taken)], kind = here & 31;
        length = taken;
        counts[1]++;
        counts[2] += kind <= 3 ? points == 1 || (seen[points - 2] & 31) > 3 : kind <= 9;
        has_ink |= kind < 16;
        if (at[i] == '\n' || i + length == bytes) {
            counts[3]++;
            counts[4] += has_ink;
            has_ink = false;
        }
        counts[6 + kind]++;
    }
    seen[points] = seen[points + 1] = 0;
    for (int64_t i = 0; i < points; i++) { /* parts: lead of two, of more, hard and soft tail, 锟, 斤, 烫 or 屯 */
        const int one = seen[i] >> 5, two = seen[i + 1] >> 5, three = i + 2 < points ? seen[i + 2] >> 5 : 0;
        const bool tails = (two == 3 || two == 4) && (three == 3 || three == 4) && (two == 3 || three == 3);
        counts[5] += (one == 1 && two == 3) || (one == 5 && two == 6) || (one == 2 && tails) ||
                     (one == 7 && i + 2 < points && seen[i] == seen[i + 1] && seen[i] == seen[i + 2]);
    }
}

/* How many bytes of a row that begins with ASCII are done with, in steps of 64, and what they come to. */
static void look_at_ascii(const uint8_t *from, int64_t bytes)
{
    int64_t counts[ASCII_COUNTS], wanted[ASCII_COUNTS] = {0}, passed = 1;
    if (!bytes || from[0] > 0x7F)
        return;
    for (bool is_ascii = true; bytes - passed >= 64; passed += 64) {
        for (int64_t i = passed; i < passed + 64; i++)
            is_ascii &= from[i] < 0x80;
        if (!is_ascii)
            break;
    }
    for (int64_t i = 1; i < passed; i++) {
        const bool is_letter = (from[i] >= 'a' && from[i] <= 'z') || (from[i] >= 'A' && from[i] <= 'Z');
        const bool was_letter = (from[i - 1] >= 'a' && from[i - 1] <= 'z') || (from[i - 1] >= 'A' && from[i - 1] <= 'Z');
        const bool is_digit = from[i] >= '0' && from[i] <= '9', was_digit = from[i - 1] >= '0' && from[i - 1] <= '9';
        wanted[BYTES]++;
        wanted[LOWER] += is_letter && from[i] >= 'a';
        wanted[UPPER] += is_letter && from[i] < 'a';
        wanted[DIGITS] += is_digit;
        wanted[FEEDS] += from[i] == '\n';
        wanted[SPACES] += from[i] != '\n' && (from[i] == ' ' || (from[i] >= '\t' && from[i] <= '\r'));
        wanted[BAD] += from[i] == 0x7F || from[i] < '\t' || (from[i] > '\r' && from[i] < ' ');
        wanted[STARTS] += (is_letter || is_digit) && !was_letter && !was_digit;
    }
    MUST(ascii_at(-1, from, bytes, counts) == passed);
    MUST(!memcmp(counts, wanted, sizeof wanted));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    const uint8_t *const classes = take(&in, 1) & 1 ? other_table : table;
    struct column c = take_column(&in);
    int64_t *counts = exactly((size_t)(MEASURES * c.rows) * sizeof *counts);
    const int64_t answer = count_signs(classes, ARRAY(c), counts), bad = first_bad(&c);
    MUST(answer == (bad < c.rows ? bad + 1 : 0));
    for (int64_t row = 0; row < bad; row++) {
        const uint8_t *from;
        int64_t bytes, wanted[MEASURES];
        MUST(row_of(&c, row, &from, &bytes));
        look_at_ascii(from, bytes);
        plain_signs(classes, from, bytes, wanted);
        for (int measure = 0; measure < MEASURES && !answer; measure++)
            MUST(counts[measure * c.rows + row] == wanted[measure]);
    }
    free(counts);
    free_column(&c);
    return 0;
}
