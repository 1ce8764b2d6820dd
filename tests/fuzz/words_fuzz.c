/* Places and marks of whole words against a plain second search, for words of any number that end alike and rows of any bytes. */
#include "fuzzed.h"

int64_t count_words(COLUMN, const int64_t *, int64_t, const uint8_t *, const int32_t *, const uint32_t *, const uint64_t *, int32_t,
                    int32_t, int32_t, int64_t *, uint64_t *);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { KEPT_WORDS = 512, MOST_DRAWN = 515, LONGEST = 18, KEPT_LISTS = 8, MOST_CHOSEN = 8 };

static struct { /* what is looked for */
    int32_t count, lists;
    int enough;
    int64_t lengths[MOST_DRAWN];
    uint64_t letters[MOST_DRAWN]; /* of each a bit, the first one's lowest */
    uint32_t lists_of[MOST_DRAWN];
    uint64_t marks_of[MOST_DRAWN];
} known;

/* Words of two letters alone, so that many end in the same eight; none twice. */
static void take_words(struct input *in)
{
    const uint64_t flags = take(in, 1);
    const bool are_many = flags % 16 == 0; /* about as many as are taken; they differ in the letters that count them */
    const int32_t wanted = are_many ? KEPT_WORDS - 2 + (int32_t)(take(in, 1) % 5) : (int32_t)(flags % 16);
    known.lists = (int32_t)(take(in, 1) % (KEPT_LISTS + 2));
    known.enough = 1 + (int)(take(in, 1) % 4);
    known.count = 0;
    for (uint64_t i = 0; known.count < wanted; i++) {
        const uint64_t drawn = flags & 128 && in->left ? take(in, 4) : spread(i ^ flags << 32);
        const int64_t length = (int64_t)((are_many ? 10 : 1) + (drawn >> 18) % (are_many ? LONGEST - 9 : LONGEST));
        const uint64_t letters = are_many ? i : drawn & ((UINT64_C(1) << length) - 1);
        bool is_new = true;
        for (int32_t w = 0; w < known.count && !are_many; w++)
            is_new &= letters != known.letters[w] || length != known.lengths[w];
        if (!is_new)
            continue;
        known.letters[known.count] = letters;
        known.lengths[known.count] = length;
        known.lists_of[known.count] = (uint32_t)(drawn >> 22);
        known.marks_of[known.count++] = drawn >> 30 & 1 ? 0 : UINT64_C(1) << spread(drawn) % 64;
    }
}

static char letter_of(int w, int64_t place)
{
    return known.letters[w] >> place & 1 ? 'b' : 'a';
}

static bool in_word(uint8_t byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || byte == '_';
}

/* The word that at[0..bytes) is in lower case, or -1. */
static int word_of(const uint8_t *at, int64_t bytes)
{
    uint64_t letters = 0;
    for (int64_t k = 0; k < bytes; k++) {
        if (bytes > LONGEST || !strchr("aAbB", at[k]))
            return -1;
        letters |= (uint64_t)(at[k] == 'b' || at[k] == 'B') << k;
    }
    for (int w = 0; w < known.count; w++)
        if (known.lengths[w] == bytes && known.letters[w] == letters)
            return w;
    return -1;
}

static void plain_words(const uint8_t *at, int64_t bytes, int64_t *places, uint64_t *marked)
{
    memset(places, 0, KEPT_LISTS * sizeof *places);
    *marked = 0;
    for (int64_t i = 0, end; i < bytes; i = end + 1) {
        for (end = i; end < bytes && in_word(at[end]);)
            end++;
        const int w = end > i ? word_of(at + i, end - i) : -1;
        if (w < 0)
            continue;
        for (int list = 0; list < known.lists; list++)
            places[list] += known.lists_of[w] >> list & 1;
        const bool is_new = known.marks_of[w] & ~*marked;
        *marked |= known.marks_of[w];
        if (is_new && __builtin_popcountll(*marked) >= known.enough)
            return;
    }
}

/* Some bytes become a word, or one that differs from it in a letter, in any case; others letters and what parts words. */
static void write_words(struct column *c)
{
    static const char near[] = "aaaabbbbABab  .\n";
    for (int64_t i = 0; i < c->data_bytes; i++) {
        const uint8_t byte = c->data[i];
        char word[LONGEST + 2] = {0};
        if (byte >= 0xC0)
            continue;
        if (byte < 0x80 || !known.count) {
            c->data[i] = (uint8_t)near[byte % 16];
            continue;
        }
        const int w = (int)spread(byte ^ (uint64_t)i << 8) & INT32_MAX;
        for (int64_t k = 0; k < known.lengths[w % known.count]; k++)
            word[k] = (char)(letter_of(w % known.count, k) ^ (byte & 1 && k == byte % 5 ? 3 : 0) ^ (byte & 2 ? 0x20 : 0));
        word[known.lengths[w % known.count]] = ' ';
        i = write_part(c, i, word);
    }
}

/* The words, to the byte: letters end to end, and where each starts. */
static uint8_t *lay_words(int32_t *starts)
{
    starts[0] = 0;
    for (int32_t w = 0; w < known.count; w++)
        starts[w + 1] = starts[w] + (int32_t)known.lengths[w];
    uint8_t *letters = exactly((size_t)starts[known.count]);
    for (int32_t w = 0; w < known.count; w++)
        for (int64_t k = 0; k < known.lengths[w]; k++)
            letters[starts[w] + k] = (uint8_t)letter_of(w, k);
    return letters;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    const uint64_t flags = take(&in, 1);
    take_words(&in);
    const int64_t chosen_count = (int64_t)(take(&in, 1) % (MOST_CHOSEN + 1));
    int64_t *chosen = exactly((size_t)chosen_count * 8);
    for (int64_t i = 0; i < chosen_count; i++)
        chosen[i] = flags & 6 ? (int64_t)take(&in, 1) : (int64_t)take(&in, 8);
    struct column c = take_column(&in);
    for (int64_t i = 0; i < chosen_count && flags & 6 && c.rows; i++)
        chosen[i] = flags & 2 ? chosen[i] % c.rows : chosen[i] % (MOST_ROWS + 2) - 1;
    if (flags & 1)
        write_words(&c);
    int32_t *starts = exactly((size_t)(known.count + 1) * sizeof *starts);
    uint8_t *letters = lay_words(starts);
    uint32_t *lists = exactly((size_t)known.count * 4);
    uint64_t *marks = exactly((size_t)known.count * 8), *marked = exactly((size_t)chosen_count * 8);
    int64_t *counts = exactly((size_t)(known.lists * chosen_count) * 8), wanted = 0;
    memcpy(lists, known.lists_of, (size_t)known.count * 4);
    memcpy(marks, known.marks_of, (size_t)known.count * 8);
    const int64_t answer = count_words(ARRAY(c), chosen, chosen_count, letters, starts, lists, marks, known.count, known.lists, known.enough,
                                       counts, marked);
    if (known.count > KEPT_WORDS || known.lists > KEPT_LISTS)
        wanted = -1;
    for (int64_t i = 0; i < chosen_count && !wanted; i++) {
        const uint8_t *from;
        int64_t bytes, places[KEPT_LISTS];
        uint64_t found;
        if (chosen[i] < 0 || chosen[i] >= c.rows)
            wanted = c.rows + 1;
        else if (!row_of(&c, chosen[i], &from, &bytes))
            wanted = chosen[i] + 1;
        else if (!answer) {
            plain_words(from, bytes, places, &found);
            MUST(marked[i] == found);
            for (int list = 0; list < known.lists; list++)
                MUST(counts[list * chosen_count + i] == places[list]);
        }
    }
    MUST(answer == wanted);
    free(chosen), free(starts), free(letters), free(lists), free(marks), free(marked), free(counts);
    free_column(&c);
    return 0;
}
