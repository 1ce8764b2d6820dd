/* Count places of whole words in chosen rows of an Arrow String or LargeString array.
 *
 * What the expressions of `checks/language/rules.py` do, which stay as the fallback and the oracle. Integers only, no state
 * between calls, no allocation.
 */
#include "rows.h"

/* The words looked for, by the hash of their last eight bytes; open addressing, at most half full. */
enum { SLOT_BITS = 10, SLOTS = 1 << SLOT_BITS, MOST_WORDS = SLOTS / 2, MOST_LISTS = 8 };

struct word {
    uint64_t key; /* the last eight bytes, in lower case; the first of them highest */
    int32_t start, length;
};

static inline uint32_t slot_of(uint64_t key)
{
    return (uint32_t)(key * UINT64_C(0x9E3779B97F4A7C15) >> (64 - SLOT_BITS));
}

/* A byte of a word in lower case, else 0: RE2's \b and \w know ASCII alone. */
static void fold_ascii(uint8_t *fold)
{
    memset(fold, 0, 256);
    for (int byte = '0'; byte <= '9'; byte++)
        fold[byte] = (uint8_t)byte;
    for (int byte = 'a'; byte <= 'z'; byte++)
        fold[byte] = fold[byte - 'a' + 'A'] = (uint8_t)byte;
    fold['_'] = '_';
}

static bool is_word(const uint8_t *fold, const uint8_t *text, const uint8_t *word, int64_t length)
{
    for (int64_t i = 0; i < length; i++)
        if (fold[text[i]] != word[i])
            return false;
    return true;
}

/* Places of whole words, in any ASCII case, in the rows `chosen` of an array.
 *
 * words: lower-case ASCII letters of all words end to end, word w at word_offsets[w]; no word twice. lists[w]: bit l:
 * the word is in list l; marks[w]: bits that a row gets that holds it. A row is read until it has `enough` marks; its
 * counts are then those of what was read. counts: int64[list_count][chosen_count]; marked: uint64[chosen_count].
 * Returns 0; or row + 1 where that row lies outside the array or the data; or -1 where there are too many words. */
int64_t count_words(const void *offsets, int32_t is_large, const uint8_t *data, int64_t data_bytes,
                    const uint8_t *validity, int64_t first_bit, int64_t row_count, const int64_t *chosen,
                    int64_t chosen_count, const uint8_t *words, const int32_t *word_offsets, const uint32_t *lists,
                    const uint64_t *marks, int32_t word_count, int32_t list_count, int32_t enough, int64_t *counts,
                    uint64_t *marked)
{
    const struct rows rows = {offsets, data, validity, data_bytes, first_bit, is_large};
    struct word known[MOST_WORDS];
    int16_t slots[SLOTS];
    uint8_t fold[256];
    int64_t longest = 0;
    if (word_count > MOST_WORDS || list_count > MOST_LISTS)
        return -1;
    fold_ascii(fold);
    memset(slots, -1, sizeof slots);
    for (int w = 0; w < word_count; w++) {
        known[w] = (struct word){0, word_offsets[w], word_offsets[w + 1] - word_offsets[w]};
        for (int i = word_offsets[w]; i < word_offsets[w + 1]; i++)
            known[w].key = known[w].key << 8 | words[i];
        longest = known[w].length > longest ? known[w].length : longest;
        uint32_t slot = slot_of(known[w].key);
        while (slots[slot] >= 0)
            slot = (slot + 1) % SLOTS;
        slots[slot] = (int16_t)w;
    }
    for (int64_t i = 0; i < chosen_count; i++) {
        const uint8_t *at, *end;
        uint64_t seen = 0;
        int64_t places[MOST_LISTS] = {0};
        if (chosen[i] < 0 || chosen[i] >= row_count)
            return row_count + 1; /* never 0, whatever was asked for */
        if (!take_row(&rows, chosen[i], &at, &end))
            return chosen[i] + 1;
        while (at < end) {
            while (at < end && !fold[*at])
                at++;
            const uint8_t *start = at;
            uint64_t key = 0;
            uint8_t byte;
            while (at < end && (byte = fold[*at]) != 0) {
                key = key << 8 | byte;
                at++;
            }
            if (at - start > longest || at == start)
                continue;
            int found = -1;
            for (uint32_t slot = slot_of(key); slots[slot] >= 0; slot = (slot + 1) % SLOTS) {
                const struct word *word = &known[slots[slot]];
                if (word->key == key && word->length == at - start &&
                    is_word(fold, start, words + word->start, word->length)) {
                    found = slots[slot];
                    break;
                }
            }
            if (found < 0)
                continue;
            for (int list = 0; list < list_count; list++)
                places[list] += lists[found] >> list & 1;
            if (marks[found] & ~seen) {
                int ones = 0;
                seen |= marks[found];
                for (uint64_t rest = seen; rest; rest &= rest - 1)
                    ones++;
                if (ones >= enough)
                    break;
            }
        }
        for (int list = 0; list < list_count; list++)
            counts[list * chosen_count + i] = places[list];
        marked[i] = seen;
    }
    return 0;
}
