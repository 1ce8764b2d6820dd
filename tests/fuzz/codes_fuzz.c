/* Codes of rows by the order in which their texts first occur, against a search through all rows before, with many that differ
 * in the middle alone. */
#include "fuzzed.h"

int64_t code_rows(COLUMN, int32_t, int32_t *, int64_t *);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MANY_ROWS = 400, MOST_CODES = 128 };

/* Of a column of its own with many short rows: their bounds, most of them as long as others. */
static struct column take_many(struct input *in, int64_t *bounds)
{
    struct column c = {0};
    const uint64_t flags = take(in, 1), seed = take(in, 1);
    c.is_large = flags & 1;
    c.rows = (int64_t)(take(in, 2) % (MANY_ROWS + 1));
    bounds[0] = (int64_t)(seed % 4);
    for (int64_t row = 0; row < c.rows; row++)
        bounds[row + 1] = bounds[row] + (int64_t)(seed >> 4) + (int64_t)(spread(seed ^ (uint64_t)row) % (1 + (flags >> 2 & 3) * 5));
    c.data_bytes = bounds[c.rows] - (flags & 32 && bounds[c.rows] ? 1 : 0);
    c.data = exactly((size_t)c.data_bytes);
    for (int64_t i = 0; i < c.data_bytes; i++) {
        const uint8_t byte = in->left ? (uint8_t)take(in, 1) : (uint8_t)spread(seed + (uint64_t)i);
        c.data[i] = !(flags & 2) ? byte : byte >= 0xFA ? 'b' : 'a'; /* long rows of few letters have the same ends */
    }
    if (flags & 16) {
        c.validity = exactly((size_t)(c.rows + 7) / 8);
        for (int64_t i = 0; i < (c.rows + 7) / 8; i++)
            c.validity[i] = (uint8_t)spread(seed ^ (uint64_t)i << 9);
    }
    const size_t width = c.is_large ? 8 : 4;
    c.offsets = exactly((size_t)(c.rows + 1) * width);
    for (int64_t row = 0; row <= c.rows; row++) {
        const int32_t narrow = (int32_t)bounds[row];
        memcpy((uint8_t *)c.offsets + (size_t)row * width, c.is_large ? (const void *)&bounds[row] : (const void *)&narrow, width);
    }
    return c;
}

/* As `row_of`, whose columns have fewer rows. */
static bool text_of(const struct column *c, const int64_t *bounds, int64_t row, const uint8_t **from, int64_t *bytes)
{
    struct column one = *c;
    one.bounds[0] = bounds[row];
    one.bounds[1] = bounds[row + 1];
    one.first_bit += row;
    return row_of(&one, 0, from, bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    int64_t many[MANY_ROWS + 1], distinct = 0, wanted = 0;
    const uint64_t flags = take(&in, 1);
    const int32_t most = (int32_t)(flags & 2 ? MOST_CODES - take(&in, 1) % 4 : take(&in, 1) % (MOST_CODES + 1));
    struct column c = flags & 1 ? take_many(&in, many) : take_column(&in);
    const int64_t *bounds = flags & 1 ? many : c.bounds;
    int32_t *code = exactly((size_t)c.rows * sizeof *code);
    int64_t *row_of_code = exactly((size_t)most * sizeof *row_of_code), firsts[MOST_CODES], sizes[MOST_CODES];
    const uint8_t *texts[MOST_CODES];
    const int64_t answer = code_rows(ARRAY(c), most, code, row_of_code);
    for (int64_t row = 0; row < c.rows && !wanted; row++) {
        const uint8_t *from;
        int64_t bytes, found = 0;
        if (!text_of(&c, bounds, row, &from, &bytes)) {
            wanted = -2 - row;
            break;
        }
        while (found < distinct && (bytes != sizes[found] || memcmp(from, texts[found], (size_t)bytes) != 0))
            found++;
        if (found == most)
            wanted = -1;
        else if (found == distinct) {
            texts[distinct] = from;
            sizes[distinct] = bytes;
            firsts[distinct++] = row;
        }
        MUST(answer < 0 || code[row] == found);
    }
    MUST(answer == (wanted ? wanted : distinct));
    MUST(answer < 0 || !memcmp(row_of_code, firsts, (size_t)distinct * sizeof *firsts));
    free(code), free(row_of_code);
    free_column(&c);
    return 0;
}
