/* Forms with and without the machine's instructions, and against a plain second count; repetition twice with one scratch, and
 * against n-grams that are compared word by word. */
#include "fuzzed.h"
#include <math.h>

int64_t forms_of_rows(const uint8_t *, const void *, int32_t, const uint8_t *, int64_t, const uint8_t *, int64_t, int64_t,
                      int32_t, void *, uint32_t *);
int64_t repeats_of_rows(const uint8_t *, const void *, int32_t, const uint8_t *, int64_t, const uint8_t *, int64_t, int64_t,
                        void *, uint32_t *);
int64_t forms_scratch(void);
int64_t repeats_scratch(void);

enum { FORMS = 18, REPEATS = 5, SPACE_POINT = 1, LETTER_POINT = 2, FUNCTION_POINT = 8 };
enum { TOKENS, LETTER_TOKENS, LONGEST_TOKEN = 3, HASHES = 6, ZH_FUNCTION = 10, LONGEST_RUN };
enum { DISTINCT_POINTS, ENTROPY_MBIT, TOP_2GRAM, DUPLICATE_5GRAMS, DUPLICATE_10GRAMS, MOST_WORDS = 100 };

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

static void plain_forms(const uint8_t *at, int64_t bytes, uint32_t *counts)
{
    uint32_t length = 0, run = 0, last = 0;
    bool has_letter = false;
    memset(counts, 0, FORMS * sizeof *counts);
    for (int64_t i = 0, taken; i <= bytes; i += taken) {
        int width = 1;
        const uint32_t point = i < bytes ? plain_point(at + i, bytes - i, &width) : '\n';
        taken = width;
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

static struct { /* the words of one row: where each begins among its code points, and which are equal */
    int64_t count, points, start[MOST_BYTES + 1], length[MOST_BYTES + 1], same[MOST_BYTES + 1]; /* same: the first one like it */
    uint32_t text[MOST_BYTES];
} row;

UNTRACED static void find_words(const uint8_t *at, int64_t bytes)
{
    row.count = row.points = 0;
    bool is_open = false;
    for (int64_t i = 0, length; i < bytes; i += length) {
        int taken;
        const uint32_t point = plain_point(at + i, bytes - i, &taken);
        const int class = classes[point] & 31; /* to 3 a run is one word, to 9 each is */
        length = taken;
        if (class <= 9 && !(is_open && class <= 3)) {
            row.start[row.count] = row.points;
            row.length[row.count++] = 0;
        }
        if (class <= 9)
            row.length[row.count - 1]++;
        is_open = class <= 3;
        row.text[row.points++] = point;
    }
    for (int64_t i = 0; i < row.count && row.count <= MOST_WORDS; i++)
        for (row.same[i] = 0; row.same[i] < i; row.same[i]++) {
            const int64_t one = row.same[i];
            int64_t k = 0;
            while (row.length[one] == row.length[i] && k < row.length[i] && row.text[row.start[one] + k] == row.text[row.start[i] + k])
                k++;
            if (k == row.length[i] && row.length[one] == k)
                break;
        }
}

UNTRACED static bool are_equal(int64_t one, int64_t other, int width)
{
    for (int i = 0; i < width; i++)
        if (row.same[one + i] != row.same[other + i])
            return false;
    return true;
}

UNTRACED static int64_t chars_of(int64_t first, int width)
{
    int64_t chars = 0;
    for (int i = 0; i < width; i++)
        chars += row.length[first + i];
    return chars;
}

/* Code points of the commonest pair of words, of two as common the longer; of none that is there twice, 0. */
UNTRACED static int64_t plain_top(void)
{
    int64_t most = 1, chars = 0;
    for (int64_t i = 0; i + 2 <= row.count; i++) {
        int64_t times = 0;
        for (int64_t j = 0; j + 2 <= row.count; j++)
            times += are_equal(i, j, 2);
        if (times > most || (times == most && times > 1 && chars_of(i, 2) * times > chars))
            chars = chars_of(i, 2) * times;
        most = times > most ? times : most;
    }
    return chars;
}

/* Code points of n-grams that were passed before; behind one of them the next begins. */
UNTRACED static int64_t plain_duplicates(int width)
{
    static bool is_passed[MOST_WORDS];
    int64_t chars = 0;
    memset(is_passed, 0, sizeof is_passed);
    for (int64_t i = 0; i + width <= row.count;) {
        bool is_known = false;
        for (int64_t j = 0; j < i; j++)
            is_known |= is_passed[j] && are_equal(i, j, width);
        is_passed[i] = !is_known;
        chars += is_known ? chars_of(i, width) : 0;
        i += is_known ? width : 1;
    }
    return chars;
}

static double plain_entropy(uint32_t *distinct)
{
    static uint32_t times[POINTS]; /* zeros between rows */
    double bits = 0;
    *distinct = 0;
    for (int64_t i = 0; i < row.points; i++)
        *distinct += times[row.text[i]]++ == 0;
    for (int64_t i = 0; i < row.points; i++)
        bits -= log2((double)times[row.text[i]] / (double)row.points) / (double)row.points;
    for (int64_t i = 0; i < row.points; i++)
        times[row.text[i]] = 0;
    return bits;
}

static void look_at_repeats(const uint8_t *at, int64_t bytes, const uint32_t *counts, int64_t rows)
{
    find_words(at, bytes);
    uint32_t distinct;
    MUST(fabs(plain_entropy(&distinct) * 1000 - counts[ENTROPY_MBIT * rows]) < 1.1); /* rounded down, twice */
    MUST(counts[DISTINCT_POINTS * rows] == distinct);
    if (row.count > MOST_WORDS)
        return;
    MUST(counts[TOP_2GRAM * rows] == plain_top());
    MUST(counts[DUPLICATE_5GRAMS * rows] == plain_duplicates(5));
    MUST(counts[DUPLICATE_10GRAMS * rows] == plain_duplicates(10));
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
    int64_t at = 0;
    for (; at < c.rows; at++) {
        const uint8_t *from;
        int64_t bytes;
        uint32_t wanted[FORMS];
        if (!row_of(&c, at, &from, &bytes))
            break;
        if (answer)
            continue;
        plain_forms(from, bytes, wanted);
        static const int told[] = {TOKENS, LETTER_TOKENS, LONGEST_TOKEN, HASHES, ZH_FUNCTION, LONGEST_RUN};
        for (size_t i = 0; i < sizeof told / sizeof *told; i++)
            MUST(best[told[i] * c.rows + at] == wanted[told[i]]);
        look_at_repeats(from, bytes, once + at, c.rows);
    }
    MUST(answer == (at < c.rows ? at + 1 : 0));
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
