/* Forms with and without the machine's instructions, and against a plain second count; repetition twice with one scratch. */
#include "fuzzed.h"

int64_t forms_of_rows(const uint8_t *, const void *, int32_t, const uint8_t *, int64_t, const uint8_t *, int64_t, int64_t,
                      int32_t, void *, uint32_t *);
int64_t repeats_of_rows(const uint8_t *, const void *, int32_t, const uint8_t *, int64_t, const uint8_t *, int64_t, int64_t,
                        void *, uint32_t *);
int64_t forms_scratch(void);
int64_t repeats_scratch(void);

enum { FORMS = 18, REPEATS = 5, SPACE_POINT = 1, LETTER_POINT = 2, FUNCTION_POINT = 8 };
enum { TOKENS, LETTER_TOKENS, LONGEST_TOKEN = 3, HASHES = 6, ZH_FUNCTION = 10, LONGEST_RUN, DISTINCT_POINTS = 0 };

static const uint8_t *table, *classes;
static void *lines, *grams;

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    size_t bytes;
    (void)count, (void)arguments;
    table = file_of("forms.bin", &bytes);
    MUST(bytes == POINTS);
    classes = file_of("classes.bin", &bytes);
    MUST(bytes == POINTS);
    lines = exactly((size_t)forms_scratch());
    grams = calloc(1, (size_t)repeats_scratch());
    MUST(grams);
    return 0;
}

static void plain_forms(const uint8_t *at, int64_t bytes, uint32_t *counts, uint32_t *distinct)
{
    static uint8_t seen[POINTS];
    uint32_t length = 0, run = 0, last = 0;
    bool has_letter = false;
    memset(counts, 0, FORMS * sizeof *counts);
    memset(seen, 0, sizeof seen);
    *distinct = 0;
    for (int64_t i = 0, taken; i <= bytes; i += taken) {
        int width = 1;
        const uint32_t point = i < bytes ? plain_point(at + i, bytes - i, &width) : '\n';
        taken = width;
        if (i < bytes)
            *distinct += !seen[point], seen[point] = 1;
        if (table[point] & SPACE_POINT) {
            counts[TOKENS] += length > 0;
            counts[LETTER_TOKENS] += has_letter;
            counts[LONGEST_TOKEN] = length > counts[LONGEST_TOKEN] ? length : counts[LONGEST_TOKEN];
            length = run = 0;
            has_letter = false;
            continue;
        }
        run = run && point == last ? run + 1 : 1;
        last = point;
        counts[LONGEST_RUN] = run > counts[LONGEST_RUN] ? run : counts[LONGEST_RUN];
        length++;
        has_letter |= (table[point] & LETTER_POINT) != 0;
        counts[HASHES] += point == '#';
        counts[ZH_FUNCTION] += (table[point] & FUNCTION_POINT) != 0;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    struct column c = take_column(&in);
    const size_t wide = (size_t)(c.rows * FORMS) * 4, narrow = (size_t)(c.rows * REPEATS) * 4;
    uint32_t *best = exactly(wide), *plain = exactly(wide), *once = exactly(narrow), *twice = exactly(narrow);
    const int64_t answer = forms_of_rows(table, ARRAY(c), -1, lines, best);
    MUST(answer == forms_of_rows(table, ARRAY(c), 0, lines, plain));
    MUST(answer == repeats_of_rows(classes, ARRAY(c), grams, once));
    MUST(answer == repeats_of_rows(classes, ARRAY(c), grams, twice));
    int64_t row = 0;
    for (; row < c.rows; row++) {
        const uint8_t *from;
        int64_t bytes;
        uint32_t wanted[FORMS], distinct;
        if (!row_of(&c, row, &from, &bytes))
            break;
        if (answer)
            continue;
        plain_forms(from, bytes, wanted, &distinct);
        static const int told[] = {TOKENS, LETTER_TOKENS, LONGEST_TOKEN, HASHES, ZH_FUNCTION, LONGEST_RUN};
        for (size_t i = 0; i < sizeof told / sizeof *told; i++)
            MUST(best[told[i] * c.rows + row] == wanted[told[i]]);
        MUST(once[DISTINCT_POINTS * c.rows + row] == distinct);
    }
    MUST(answer == (row < c.rows ? row + 1 : 0));
    if (!answer) {
        MUST(!memcmp(best, plain, wide));
        MUST(!memcmp(once, twice, narrow));
    }
    free(best);
    free(plain);
    free(once);
    free(twice);
    free_column(&c);
    return 0;
}
