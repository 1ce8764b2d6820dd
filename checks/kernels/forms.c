/* Forms of the rows of an Arrow String or LargeString array: tokens, marks, runs, kinds of lines, repeated lines.
 *
 * What `checks/quality/forms_reference.py` does, in one pass; that stays as the fallback and the oracle. No state between
 * calls, no allocation. A token is a run of code points that are no white space. White space, letters and marks past ASCII
 * follow the table.
 */
#if defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wunused-function" /* what terms.h has for other walks */
#endif
#include "levels.h"
#include "terms.h"
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#include <immintrin.h>
#endif

enum { BLOCK_BYTES = 64, BLOCK_ROWS = 16, SHORT_LINE = 30, LINES_KNOWN = 1 << 15, ELLIPSIS = 0x2026, ALL_STOP_WORDS = 0xFF };
/* Bits of the table: `checks/quality/forms.py`. */
enum { SPACE_POINT = 1, LETTER_POINT = 2, OTHER_LETTER = 4, FUNCTION_POINT = 8, TERMINAL_POINT = 16, BULLET_POINT = 32,
       RARE_POINT = 64 };
enum { /* the output's rows */
    TOKENS, LETTER_TOKENS, CAPITAL_TOKENS, LONGEST_TOKEN, STOP_WORDS, URLS, HASHES, CURLY, ANGLES, ELLIPSES, ZH_FUNCTION,
    LONGEST_RUN, TERMINAL_LINES, ELLIPSIS_LINES, BULLET_LINES, SHORT_LINES, DUPLICATE_LINES, DUPLICATE_LINE_CHARS, FORMS
};

struct form { /* what a row has come to so far */
    const uint8_t *table;
    int64_t counts[FORMS];
    uint64_t longest_token, token_start; /* in code points */
    int64_t longest_run, ascii_run, run; /* runs of one code point: the longest, and those that may go on */
    uint32_t last_point, stop_words;
    const uint8_t *last_end; /* behind the last code point past ASCII that is no white space */
};

struct line { /* a line that was seen: its hash, and its bytes without white space at either end */
    uint64_t hash;
    const uint8_t *from, *end;
};

/* The bit of the stop word of *length* letters that *four* bytes begin with, in any case; 0 where it is none. */
INLINE uint32_t stop_word_of(uint32_t four, int length)
{
    static const uint32_t words[8] = {0x656874, 0x6F74, 0x666F, 0x646E61, 0x74616874, 0x68746977, 0x65766168, 0x6562};
    const uint32_t key = (four | 0x20202020) & UINT32_MAX >> (32 - 8 * length);
    uint32_t found = 0;
    for (int word = 0; word < 8; word++)
        found |= (uint32_t)(key == words[word]) << word;
    return found;
}

static bool is_word_byte(uint8_t byte)
{
    return (uint8_t)((byte | 0x20) - 'a') < 26 || (uint8_t)(byte - '0') < 10 || byte == '_';
}

/* The same for the run of [0-9A-Za-z_] that begins at *at*. */
static uint32_t stop_word_at(const uint8_t *at, const uint8_t *end)
{
    uint32_t four = 0;
    int length = 0;
    for (; at + length < end && is_word_byte(at[length]); length++) {
        if (length == 4)
            return 0;
        four |= (uint32_t)at[length] << 8 * length;
    }
    return stop_word_of(four, length);
}

/* Whether the slash at *at* is the first of http:// or https://, in any case. */
static bool ends_scheme(const uint8_t *begin, const uint8_t *at, const uint8_t *end)
{
    if (end - at < 2 || at[1] != '/' || at - begin < 5 || at[-1] != ':')
        return false;
    at -= (at[-2] | 0x20) == 's' ? 2 : 1;
    return at - begin >= 4 && (at[-1] | 0x20) == 'p' && (at[-2] | 0x20) == 't' && (at[-3] | 0x20) == 't' && (at[-4] | 0x20) == 'h';
}

/* Three dots are an ellipsis, six are two: of the runs of *dots* that begin in this block at one of *places*. */
static void take_dots(struct form *form, const uint8_t *begin, const uint8_t *at, const uint8_t *end, uint64_t places,
                      uint64_t dots)
{
    uint64_t starts = places & ~(dots << 1 | (uint64_t)(at > begin && at[-1] == '.'));
    for (; starts; starts &= starts - 1) {
        const uint8_t *const first = at + __builtin_ctzll(starts), *dot = first;
        while (dot < end && *dot == '.')
            dot++;
        form->counts[ELLIPSES] += (dot - first) / 3;
    }
}

/* The code point that ends before *end, which moves to its first byte; U+FFFD for what is ill-formed. */
static uint32_t last_point(const uint8_t *from, const uint8_t **end)
{
    const uint8_t *const stop = *end;
    if (stop[-1] < 0x80) {
        *end = stop - 1;
        return stop[-1];
    }
    for (int bytes = 2; bytes <= 4 && stop - bytes >= from; bytes++) {
        const uint8_t *next = stop - bytes;
        if (*next >= 0xC0) {
            const uint32_t point = decode(&next, stop);
            if (next == stop && point != REPLACEMENT) {
                *end = stop - bytes;
                return point;
            }
            break;
        }
    }
    *end = stop - 1;
    return REPLACEMENT;
}

static bool has_more_points(const uint8_t *at, const uint8_t *end, int64_t limit)
{
    if (end - at <= limit || end - at > 4 * limit) /* a code point has one to four bytes */
        return end - at > limit;
    while (end - at >= 8 && limit >= 8 && !(eight_bytes(at) & UINT64_C(0x8080808080808080))) {
        at += 8;
        limit -= 8;
    }
    for (; at < end && limit >= 0; limit--) {
        if (*at < 0x80)
            at++;
        else
            decode(&at, end);
    }
    return limit < 0;
}

static int64_t points_of(const uint8_t *at, const uint8_t *end)
{
    int64_t points = 0;
    for (; at < end; points++) {
        if (*at < 0x80)
            at++;
        else
            decode(&at, end);
    }
    return points;
}

static uint64_t hash_of_line(const uint8_t *at, int64_t length)
{
    uint8_t last[STEP] = {0};
    uint64_t h = 0;
    int64_t left = length;
    for (; left > STEP; left -= STEP, at += STEP)
        h = stepped(h, at);
    memcpy(last, at, (size_t)left);
    h = ended(h, last, left, length);
    return h ^ h >> 32;
}

/* Whether the line was among those known; else it is from now on. *mask*: slots less one, more than twice the lines. */
static bool was_known(struct line *known, uint64_t mask, const uint8_t *from, const uint8_t *end)
{
    const uint64_t hash = hash_of_line(from, end - from);
    uint64_t slot = hash & mask;
    for (; known[slot].from; slot = (slot + 1) & mask)
        if (known[slot].hash == hash && known[slot].end - known[slot].from == end - from &&
            !memcmp(known[slot].from, from, (size_t)(end - from)))
            return true;
    known[slot] = (struct line){hash, from, end};
    return false;
}

static void take_lines(struct form *form, struct line *known, const uint8_t *at, const uint8_t *end)
{
    const uint8_t *const table = form->table;
    int64_t left = 0; /* lines until what is known is forgotten */
    uint64_t mask = 0;
    while (at < end) {
        const uint8_t *const feed = memchr(at, '\n', (size_t)(end - at));
        const uint8_t *from = at, *stop = feed ? feed : end, *next;
        uint32_t first = 0;
        at = feed ? feed + 1 : end;
        for (next = from; next < stop; from = next) {
            first = *next < 0x80 ? *next++ : decode(&next, stop);
            if (!(table[first] & SPACE_POINT))
                break;
        }
        if (from == stop)
            continue;
        const uint8_t *before = stop;
        uint32_t last = last_point(from, &before);
        while (table[last] & SPACE_POINT) {
            stop = before;
            last = last_point(from, &before);
        }
        form->counts[TERMINAL_LINES] += (table[last] & TERMINAL_POINT) != 0;
        form->counts[BULLET_LINES] += (table[first] & BULLET_POINT) != 0;
        form->counts[ELLIPSIS_LINES] += last == ELLIPSIS || (last == '.' && stop - from >= 3 && stop[-2] == '.' && stop[-3] == '.');
        form->counts[SHORT_LINES] += !has_more_points(from, stop, SHORT_LINE);
        if (!left) {
            if (!feed && !mask)
                return; /* the only line */
            int64_t lines = 1;
            for (const uint8_t *other = at; other < end && lines < LINES_KNOWN; lines++) {
                const uint8_t *found = memchr(other, '\n', (size_t)(end - other));
                other = found ? found + 1 : end;
            }
            for (mask = 4; mask < 2 * (uint64_t)lines; mask *= 2)
                ;
            memset(known, 0, (size_t)mask * sizeof *known);
            mask--;
            left = LINES_KNOWN;
        }
        left--;
        if (was_known(known, mask, from, stop)) {
            form->counts[DUPLICATE_LINES]++;
            form->counts[DUPLICATE_LINE_CHARS] += points_of(from, stop);
        }
    }
}

/* Three bytes that stand for a code point whatever the first two are: most of Chinese. */
static inline bool is_plain_of_three(const uint8_t *at, const uint8_t *end)
{
    return end - at >= 3 && at[0] > 0xE0 && at[0] < 0xED && is_tail(at[1]) && is_tail(at[2]);
}

static inline uint32_t take_three(const uint8_t **at)
{
    const uint8_t *p = *at;
    *at = p + 3;
    return (uint32_t)(p[0] & 0x0F) << 12 | (uint32_t)(p[1] & 0x3F) << 6 | (p[2] & 0x3F);
}

typedef void tokens_walk(struct form *form, const uint8_t *floor, const uint8_t *at, const uint8_t *end,
                         const uint8_t *ceiling);

#define AT(name) name##_forms_plain
#include "forms.h"
#undef AT

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#pragma GCC push_options
#pragma GCC target("avx2,bmi,bmi2,lzcnt,popcnt")
#define FORMS_AVX2
#define AT(name) name##_forms_avx2
#include "forms.h"
#undef AT
#pragma GCC pop_options
static tokens_walk *const LEVELS[] = {take_tokens_forms_plain, take_tokens_forms_avx2};
enum { BEST = 1 };
#else
static tokens_walk *const LEVELS[] = {take_tokens_forms_plain};
enum { BEST = 0 };
#endif

/* Bytes of scratch that `forms_of_rows` wants. */
int64_t forms_scratch(void)
{
    return 2 * LINES_KNOWN * (int64_t)sizeof(struct line);
}

/* table: uint8[0x110000] of `checks.quality.forms`; then an array as `count_signs` takes it. level: 0 plain, 1 AVX2, less
 * than 0 the best that is here. counts: uint32[FORMS][row_count], all of it written; more than 32 bits hold stays at the
 * most that they hold. Returns 0; or row + 1 where that row's offsets lie outside the data; or -1 for a level that is not
 * here. */
int64_t forms_of_rows(const uint8_t *table, const void *offsets, int32_t is_large, const uint8_t *data, int64_t data_bytes,
                      const uint8_t *validity, int64_t first_bit, int64_t row_count, int32_t level, void *scratch,
                      uint32_t *counts)
{
    const struct rows rows = {offsets, data, validity, data_bytes, first_bit, is_large};
    const int32_t best = best_level() < BEST ? best_level() : BEST;
    uint32_t block[FORMS][BLOCK_ROWS];
    if (level > best)
        return -1;
    tokens_walk *const take_tokens = LEVELS[level < 0 ? best : level];
    for (int64_t row = 0; row < row_count; row++) {
        const int64_t at = row % BLOCK_ROWS;
        const uint8_t *from, *end;
        struct form form = {.table = table, .ascii_run = 1, .longest_run = 1};
        if (!take_row(&rows, row, &from, &end))
            return row + 1;
        if (from < end) {
            take_tokens(&form, data, from, end, data + data_bytes);
            take_lines(&form, scratch, from, end);
        }
        form.counts[LONGEST_TOKEN] = (int64_t)form.longest_token;
        form.counts[LONGEST_RUN] = form.counts[TOKENS] ? form.longest_run : 0;
        form.counts[STOP_WORDS] = __builtin_popcount(form.stop_words);
        for (int each = 0; each < FORMS; each++)
            block[each][at] = form.counts[each] > UINT32_MAX ? UINT32_MAX : (uint32_t)form.counts[each];
        if (at == BLOCK_ROWS - 1 || row == row_count - 1)
            for (int each = 0; each < FORMS; each++)
                memcpy(counts + each * row_count + row - at, block[each], (size_t)(at + 1) * 4);
    }
    return 0;
}
