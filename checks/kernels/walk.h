/* Walk over the terms of a row and do with them what the mode is for; included once for each set of instructions.
 *
 * AT(name) is that set's name of a function. What is hot stands in functions of its own: inlined into one, its constants
 * would not find registers.
 */
#include "window.h"
#include "sketch.h"

INLINE void AT(hold)(struct job *job, enum mode mode, uint64_t hash, int64_t start, int64_t end)
{
    if (mode == PLACED) {
        job->starts[job->held] = start;
        job->ends[job->held] = end;
    }
    job->hashes[job->held++] = hash;
}

/* One space goes before each term but the first; NAMED: before the first too. */
INLINE void AT(write_bytes)(struct job *job, enum mode mode, uint32_t utf8, int length, bool starts)
{
    if (job->room - job->made < length + starts) {
        job->is_full = true;
        return;
    }
    if (starts && (mode == NAMED || job->passed++))
        job->bytes[job->made++] = ' ';
    for (int i = 0; i < length; i++)
        job->bytes[job->made++] = (uint8_t)(utf8 >> 8 * i);
}

INLINE void AT(lengthen)(struct job *job, enum mode mode, struct word *word, uint32_t utf8, int length)
{
    if (mode == WRITTEN || mode == NAMED)
        AT(write_bytes)(job, mode, utf8, length, !word->length);
    if (mode != WRITTEN) {
        for (int i = 0; i < 4; i++)
            word->bytes[word->filled + i] = (uint8_t)(utf8 >> 8 * i);
        word->filled += length;
        if (word->filled > STEP) {
            word->h = stepped(word->h, word->bytes);
            word->filled -= STEP;
            memcpy(word->bytes, word->bytes + STEP, 4);
        }
    }
    word->length += length;
}

INLINE void AT(end_word)(struct job *job, enum mode mode, struct word *word)
{
    if (!word->length)
        return;
    if (mode != WRITTEN)
        AT(hold)(job, mode, ended(word->h, word->bytes, word->filled, word->length), word->start, word->end);
    word->h = 0;
    word->length = word->filled = 0;
}

/* Any entry but one that is expanded. */
INLINE void AT(take_entry)(struct job *job, enum mode mode, struct word *word, uint32_t entry, int64_t place)
{
    const uint32_t kind = entry >> KIND_SHIFT;
    int length;
    if (kind == WORD) {
        if (!word->length)
            word->start = place;
        word->end = place + 1;
        const uint32_t utf8 = utf8_of(entry & VALUE_MASK, &length);
        AT(lengthen)(job, mode, word, utf8, length);
    } else if (kind != IGNORED) {
        AT(end_word)(job, mode, word);
        if (kind != ALONE)
            return;
        const uint32_t utf8 = utf8_of(entry & VALUE_MASK, &length);
        if (mode == WRITTEN || mode == NAMED)
            AT(write_bytes)(job, mode, utf8, length, true);
        if (mode != WRITTEN) {
            const uint8_t bytes[STEP] = {(uint8_t)utf8, (uint8_t)(utf8 >> 8), (uint8_t)(utf8 >> 16), (uint8_t)(utf8 >> 24)};
            AT(hold)(job, mode, ended(0, bytes, length, length), place, place + 1);
        }
    }
}

/* Han, kana and the like, in three bytes each and with punctuation among them, while there is nothing else. */
INLINE const uint8_t *AT(take_alone)(struct job *job, enum mode mode, const uint8_t *at, const uint8_t *end, int64_t *place)
{
    const uint32_t *const table = job->fold.table;
    uint64_t *const hashes = job->hashes;
    int64_t held = job->held, most = MOST_HELD;
    uint8_t *to = mode == NAMED ? job->bytes + job->made : NULL;
    if (mode == NAMED && (job->room - job->made) / 4 < most - held)
        most = held + (job->room - job->made) / 4; /* what is left of the room is for `write_bytes` to refuse */
    while (end - at >= 4 && held < most) {
        const uint32_t four = four_bytes(at);
        const uint32_t point = (four & 0x0F) << 12 | (four >> 2 & 0xFC0) | (four >> 16 & 0x3F);
        if ((four & 0xC0C0F0) != 0x8080E0 || point < 0x800 || (mode == PLACED && point - 0xD800 < 0x800))
            break; /* without places a surrogate may pass: it separates, as what it is read as does */
        const uint32_t entry = table[point], value = entry - ((uint32_t)ALONE << KIND_SHIFT);
        uint64_t bytes = four & 0xFFFFFF;
        if (!LIKELY((entry == 0) | (value == point))) { /* both together: what is next is not to be guessed */
            if (value - 0x800 >= 0xF800)
                break;
            bytes = (value >> 12 | 0xE0) | (value >> 6 & 0x3F) << 8 | (value & 0x3F) << 16 | 0x808000;
        }
        hashes[held] = mixed(bytes * TERM_A + 3 * TERM_C);
        if (mode == PLACED) {
            job->starts[held] = *place;
            job->ends[held] = ++*place;
        }
        if (mode == NAMED) {
            const uint8_t four_out[4] = {' ', (uint8_t)bytes, (uint8_t)(bytes >> 8), (uint8_t)(bytes >> 16)};
            memcpy(to, four_out, 4);
            to += (entry != 0) * 4;
        }
        held += entry != 0;
        at += 3;
    }
    if (mode == NAMED)
        job->made = to - job->bytes;
    job->held = held;
    return at;
}

/* Code points from *at on, past at least one, until no word is open and ASCII follows, or the end. */
INLINE const uint8_t *AT(take_points)(struct job *job, enum mode mode, const uint8_t *at, const uint8_t *end, int64_t *place)
{
    struct word word = {.h = 0};
    do {
        if (mode != WRITTEN && !LIKELY(job->held < MOST_HELD)) /* no code point makes as many as MOST_WIDTH terms */
            AT(pass_on)(job, mode, false);
        if (mode != WRITTEN && !word.length) {
            at = AT(take_alone)(job, mode, at, end, place);
            if (at == end)
                break;
        }
        const uint32_t point = *at < 0x80 ? *at++ : decode(&at, end);
        const uint32_t entry = job->fold.table[point];
        if (!LIKELY(entry >> KIND_SHIFT != EXPANDED)) {
            const uint32_t *more = job->fold.expansions + (entry & VALUE_MASK);
            for (uint32_t i = 1; i <= more[0]; i++)
                AT(take_entry)(job, mode, &word, more[i], *place);
        } else
            AT(take_entry)(job, mode, &word, entry, *place);
        ++*place;
    } while (at < end && !(mode == NAMED && job->is_full) && (mode == PLACED || word.length || *at >= 0x80 || end - at < 8 ||
                          (eight_bytes(at) & UINT64_C(0x8080808080808080))));
    if (at == end)
        AT(end_word)(job, mode, &word);
    return at;
}

OUTLINE void AT(hash_words)(const struct window *window, int64_t count, uint64_t *restrict hashes)
{
    for (int64_t i = 0; i < count; i += 2)
        *hashes++ = hash_of_bytes(window->folded + window->borders[i], window->borders[i + 1] - window->borders[i]);
}

/* The same, and each term goes to *to* behind a space: WINDOW_ROOM is enough. Returns where the last one ends. */
OUTLINE uint8_t *AT(name_words)(const struct window *window, int64_t count, uint64_t *restrict hashes, uint8_t *restrict to)
{
    for (int64_t i = 0; i < count; i += 2) {
        const uint8_t *from = window->folded + window->borders[i];
        const int64_t length = window->borders[i + 1] - window->borders[i];
        *to++ = ' ';
        memcpy(to, from, STEP); /* a fixed length is one instruction */
        if (!LIKELY(length <= STEP))
            memcpy(to + STEP, from + STEP, (size_t)(length - STEP));
        to += length;
        *hashes++ = hash_of_bytes(from, length);
    }
    return to;
}

/* The terms of the first *count* / 2 pairs of borders. */
INLINE void AT(take_words)(struct job *job, enum mode mode, int64_t count)
{
    const struct window *window = &job->window;
    if (mode == WRITTEN) {
        for (int64_t i = 0; i < count; i += 2) {
            const int64_t length = window->borders[i + 1] - window->borders[i];
            if (job->room - job->made < length + STEP + 1) {
                job->is_full = true;
                return;
            }
            uint8_t *to = job->bytes + job->made;
            const uint8_t *from = window->folded + window->borders[i];
            *to = ' '; /* kept but before the first term */
            to += job->passed++ > 0;
            memcpy(to, from, STEP); /* a fixed length is one instruction */
            if (length > STEP)
                memcpy(to, from, (size_t)length);
            job->made = to + length - job->bytes;
        }
        return;
    }
    if (job->held + count / 2 >= MOST_HELD + MOST_WIDTH)
        AT(pass_on)(job, mode, false);
    if (mode == NAMED) {
        if (job->room - job->made < WINDOW_ROOM) {
            job->is_full = true;
            return;
        }
        job->made = AT(name_words)(window, count, job->hashes + job->held, job->bytes + job->made) - job->bytes;
    } else
        AT(hash_words)(window, count, job->hashes + job->held);
    job->held += count / 2;
}

/* Whether a word is at its end before the code point at *at. */
INLINE bool AT(ends_word)(const struct job *job, const uint8_t *at, const uint8_t *end)
{
    if (*at < 0x80) /* the window was full */
        return false;
    const uint32_t kind = job->fold.table[decode(&at, end)] >> KIND_SHIFT;
    return kind == SEPARATOR || kind == ALONE;
}

/* All terms of a row; `held`, `passed`, `made` and `is_full` are as its caller set them. */
INLINE void AT(take_text)(struct job *job, enum mode mode, const uint8_t *at, const uint8_t *end)
{
    int64_t place = 0;
    while (at < end && !job->is_full) {
        if (mode != PLACED && end - at >= 8 && !(eight_bytes(at) & UINT64_C(0x8080808080808080))) {
            struct window *window = &job->window;
            AT(take_window)(window, at, end);
            int64_t count = window->count, length = window->length;
            const bool is_open = count & 1, is_last = at + length == end || (is_open && AT(ends_word)(job, at + length, end));
            if (is_open && is_last)
                window->borders[count++] = (uint16_t)length;
            else if (is_open)
                length = window->borders[--count];
            AT(take_words)(job, mode, count);
            at += length;
            if (!is_open || is_last)
                continue;
        }
        at = AT(take_points)(job, mode, at, end, &place);
    }
    if (mode != WRITTEN)
        AT(pass_on)(job, mode, true);
}

static void AT(sketch)(struct job *job, const uint8_t *at, const uint8_t *end)
{
    AT(take_text)(job, SKETCHED, at, end);
}

static void AT(shingle)(struct job *job, const uint8_t *at, const uint8_t *end)
{
    AT(take_text)(job, SHINGLED, at, end);
}

static void AT(place)(struct job *job, const uint8_t *at, const uint8_t *end)
{
    AT(take_text)(job, PLACED, at, end);
}

static void AT(name)(struct job *job, const uint8_t *at, const uint8_t *end)
{
    AT(take_text)(job, NAMED, at, end);
}

static void AT(write_out)(struct job *job, const uint8_t *at, const uint8_t *end)
{
    AT(take_text)(job, WRITTEN, at, end);
}
