/* Cut a row into lines and paragraphs; included by `lines.c` for each set of instructions. */
#include "walk.h"

/* The terms of a window of ASCII, line by line; false where there is no room. */
INLINE bool AT(cut_window)(struct job *job, struct cutting *cutting, const uint8_t *at, int64_t count, int64_t length)
{
    const uint16_t *const borders = job->window.borders;
    const uint64_t *const hashes = job->hashes;
    const int64_t words = count / 2;
    AT(take_in)(job);
    AT(hash_words)(&job->window, count, job->hashes);
    for (int64_t word = 0;;) {
        const int64_t limit = feed_behind(cutting, at) - at, first = word;
        uint64_t whole = job->whole, around = job->around;
        for (; word < words && borders[2 * word] < limit; word++) {
            whole = whole * TERM_P + hashes[word];
            around = around * TERM_P + hashes[word];
        }
        job->whole = whole;
        job->around = around;
        job->passed += word - first;
        if (limit >= length)
            return true;
        if (!end_line(job, cutting))
            return false;
    }
}

static bool AT(cut)(struct job *job, struct cutting *cutting)
{
    const uint8_t *at = cutting->from, *const end = cutting->end;
    int64_t place = 0;
    while (at < end) {
        if (end - at >= 8 && !(eight_bytes(at) & UINT64_C(0x8080808080808080))) {
            struct window *window = &job->window;
            AT(take_window)(window, at, end);
            int64_t count = window->count, length = window->length;
            const bool is_open = count & 1, is_last = at + length == end || (is_open && AT(ends_word)(job, at + length, end));
            if (is_open && is_last)
                window->borders[count++] = (uint16_t)length;
            else if (is_open)
                length = window->borders[--count];
            if (!AT(cut_window)(job, cutting, at, count, length))
                return false;
            at += length;
            if (!is_open || is_last)
                continue;
        }
        const uint8_t *const feed = feed_behind(cutting, at);
        if (at < feed)
            at = AT(take_points)(job, WHOLE, at, feed, &place);
        if (at == feed && feed < end) {
            AT(take_in)(job);
            if (!end_line(job, cutting))
                return false;
            at++;
        }
    }
    AT(take_in)(job);
    return (cutting->line == end || end_line(job, cutting)) && end_paragraph(job, cutting);
}
