/* The counts of characters and of words against a plain second count of the same rows. */
#include "fuzzed.h"

int64_t count_signs(const uint8_t *, const void *, int32_t, const uint8_t *, int64_t, const uint8_t *, int64_t, int64_t,
                    int64_t *);
int64_t count_words(const void *, int32_t, const uint8_t *, int64_t, const uint8_t *, int64_t, int64_t, const int64_t *,
                    int64_t, const uint8_t *, const int32_t *, const uint32_t *, const uint64_t *, int32_t, int32_t,
                    int32_t, int64_t *, uint64_t *);

enum { CLASSES = 18, MEASURES = 6 + CLASSES, LISTS = 3, WORDS = 7, MOST_CHOSEN = 8 };

static const uint8_t *table;
static const char *const words[WORDS] = {"a", "aaaaaaaaa", "baaaaaaaa", "of", "source", "sources", "the"};

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    size_t bytes;
    (void)count, (void)arguments;
    table = file_of("classes.bin", &bytes);
    MUST(bytes == POINTS);
    return 0;
}

static void plain_signs(const uint8_t *at, int64_t bytes, int64_t *counts)
{
    static uint8_t seen[MOST_BYTES + 2];
    int64_t points = 0;
    bool has_ink = false;
    memset(counts, 0, MEASURES * sizeof *counts);
    counts[0] = bytes;
    for (int64_t i = 0, length; i < bytes; i += length) {
        int taken;
        const uint8_t here = seen[points++] = table[plain_point(at + i, bytes - i, &taken)], kind = here & 31;
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

static bool in_word(uint8_t byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || byte == '_';
}

static void plain_words(const uint8_t *at, int64_t bytes, const uint32_t *lists, const uint64_t *marks, int enough,
                        int64_t *places, uint64_t *marked)
{
    memset(places, 0, LISTS * sizeof *places);
    *marked = 0;
    for (int64_t i = 0, end; i < bytes; i = end + 1) {
        for (end = i; end < bytes && in_word(at[end]);)
            end++;
        for (int w = 0; w < WORDS; w++) {
            bool is_equal = (int64_t)strlen(words[w]) == end - i;
            for (int64_t k = 0; is_equal && k < end - i; k++)
                is_equal = (at[i + k] | (at[i + k] >= 'A' && at[i + k] <= 'Z' ? 0x20 : 0)) == words[w][k];
            if (!is_equal)
                continue;
            for (int list = 0; list < LISTS; list++)
                places[list] += lists[w] >> list & 1;
            const bool is_new = marks[w] & ~*marked;
            *marked |= marks[w];
            if (is_new && __builtin_popcountll(*marked) >= enough)
                return;
        }
    }
}

static void look_for_words(struct input *in, const struct column *c, const int64_t *chosen, int64_t chosen_count, int enough,
                           uint64_t bits)
{
    uint8_t *letters = exactly(strlen("aaaaaaaaaabaaaaaaaaofsourcesourcesthe"));
    int32_t *starts = exactly((WORDS + 1) * sizeof *starts);
    uint32_t lists[WORDS];
    uint64_t marks[WORDS];
    (void)in;
    starts[0] = 0;
    for (int w = 0; w < WORDS; w++) {
        memcpy(letters + starts[w], words[w], strlen(words[w]));
        starts[w + 1] = starts[w] + (int32_t)strlen(words[w]);
        lists[w] = bits >> (3 * w) & 7;
        marks[w] = bits >> (3 * w + 24) & 7 ? UINT64_C(1) << (bits >> (3 * w + 24) & 7) : 0;
    }
    int64_t *counts = exactly((size_t)(LISTS * chosen_count) * sizeof *counts), *own = exactly((size_t)chosen_count * 8);
    uint64_t *marked = exactly((size_t)chosen_count * sizeof *marked);
    memcpy(own, chosen, (size_t)chosen_count * 8);
    const int64_t answer = count_words(ARRAY(*c), own, chosen_count, letters, starts, lists, marks, WORDS, LISTS, enough,
                                       counts, marked);
    int64_t bad = -1;
    for (int64_t i = 0; i < chosen_count && bad < 0; i++) {
        const uint8_t *from;
        int64_t bytes, places[LISTS];
        uint64_t found;
        if (chosen[i] < 0 || chosen[i] >= c->rows || !row_of(c, chosen[i], &from, &bytes)) {
            bad = i;
            break;
        }
        plain_words(from, bytes, lists, marks, enough, places, &found);
        MUST(marked[i] == found || answer);
        for (int list = 0; list < LISTS; list++)
            MUST(counts[list * chosen_count + i] == places[list] || answer);
    }
    MUST((answer != 0) == (bad >= 0));
    free(letters), free(starts), free(counts), free(own), free(marked);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    const uint64_t bits = take(&in, 6);
    const int enough = 1 + (int)(take(&in, 1) % 4);
    int64_t chosen[MOST_CHOSEN];
    const int64_t chosen_count = (int64_t)(take(&in, 1) % (MOST_CHOSEN + 1));
    for (int64_t i = 0; i < chosen_count; i++) {
        chosen[i] = (int64_t)(take(&in, 1) % (MOST_ROWS + 2)) - 1;
        if (chosen[i] == MOST_ROWS)
            chosen[i] = (int64_t)take(&in, 8);
    }
    struct column c = take_column(&in);
    int64_t *counts = exactly((size_t)(MEASURES * c.rows) * sizeof *counts), bad = -1;
    const int64_t answer = count_signs(table, ARRAY(c), counts);
    for (int64_t row = 0; row < c.rows && bad < 0; row++) {
        const uint8_t *from;
        int64_t bytes, wanted[MEASURES];
        if (!row_of(&c, row, &from, &bytes)) {
            bad = row;
            break;
        }
        plain_signs(from, bytes, wanted);
        for (int measure = 0; measure < MEASURES && !answer; measure++)
            MUST(counts[measure * c.rows + row] == wanted[measure]);
    }
    MUST(answer == bad + 1);
    look_for_words(&in, &c, chosen, chosen_count, enough, bits);
    free(counts);
    free_column(&c);
    return 0;
}
