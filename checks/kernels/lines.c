/* Lines and paragraphs of the rows of an Arrow String or LargeString array, each with the hash of its folded terms.
 *
 * What `checks/repetition/reference.py` does, in one pass; that stays as the fallback and the oracle. No state between
 * calls, no allocation. A line ends at a line feed or at the row's end; a line that shows nothing separates paragraphs.
 */
#if defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wunused-function" /* the walks for other ends than lines */
#endif
#include "terms.h"

enum { LINE_FEED = '\n' };

struct piece { /* a line or a paragraph: what its terms hash to, its bytes within the row, its number of terms */
    uint64_t hash;
    int64_t row, start, end, terms;
};

struct pieces {
    struct piece *at;
    int64_t count, room, shortest;
};

/* Code points that white space is: those for which Python's `str.isspace` holds. */
static bool is_space(uint32_t c)
{
    return (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x20) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

static bool shows_nothing(const struct fold *fold, const uint8_t *at, const uint8_t *end)
{
    while (at < end) {
        const uint32_t point = *at < 0x80 ? *at++ : decode(&at, end);
        if (!is_space(point) && fold->table[point] >> KIND_SHIFT != IGNORED)
            return false;
    }
    return true;
}

/* False where there is no room for a piece that is long enough. */
INLINE bool keep(struct pieces *pieces, const struct piece *piece)
{
    if (piece->terms < pieces->shortest)
        return true;
    if (pieces->count == pieces->room)
        return false;
    pieces->at[pieces->count++] = *piece;
    return true;
}

/* A row that is cut: where its line begins and ends, and its paragraph. A line that is its whole paragraph is no line, so
 * the first waits for a second. */
struct cutting {
    const uint8_t *from, *end, *line, *feed; /* feed: the first line feed that is not passed, or the end */
    int64_t row, lines_of_paragraph;
    struct piece paragraph, first;
    struct pieces lines, paragraphs;
};

INLINE uint64_t finished(uint64_t s)
{
    s = mixed(s);
    return s ^ s >> 32;
}

/* The first line feed at *at or behind it, or the end: found once, whatever lies between two questions. */
INLINE const uint8_t *feed_behind(struct cutting *cutting, const uint8_t *at)
{
    at = at < cutting->line ? cutting->line : at;
    if (cutting->feed < at) {
        const uint8_t *feed = at < cutting->end ? memchr(at, LINE_FEED, (size_t)(cutting->end - at)) : NULL;
        cutting->feed = feed ? feed : cutting->end;
    }
    return cutting->feed;
}

INLINE bool end_paragraph(struct job *job, struct cutting *cutting)
{
    if (!cutting->lines_of_paragraph)
        return true;
    cutting->lines_of_paragraph = 0;
    cutting->paragraph.hash = finished(job->around);
    job->around = 0;
    return keep(&cutting->paragraphs, &cutting->paragraph);
}

/* The line that ends at the feed, with all of its terms taken; the next one begins. */
INLINE bool end_line(struct job *job, struct cutting *cutting)
{
    const struct piece line = {finished(job->whole), cutting->row, cutting->line - cutting->from,
                               cutting->feed - cutting->from, job->passed};
    const bool is_blank = !line.terms && shows_nothing(&job->fold, cutting->line, cutting->feed);
    cutting->line = cutting->feed < cutting->end ? cutting->feed + 1 : cutting->end;
    job->whole = 0;
    job->passed = 0;
    if (is_blank)
        return end_paragraph(job, cutting);
    if (++cutting->lines_of_paragraph == 1) {
        cutting->paragraph = cutting->first = line;
        return true;
    }
    cutting->paragraph.end = line.end;
    cutting->paragraph.terms += line.terms;
    return (cutting->lines_of_paragraph > 2 || keep(&cutting->lines, &cutting->first)) && keep(&cutting->lines, &line);
}

typedef bool cut(struct job *job, struct cutting *cutting);

#define HOT "cut.h"
#include "each_level.h"
#define OF(level) cut_##level
static cut *const LEVELS[] = {EACH_LEVEL(OF)};

/* table, expansions: of `checks.terms.fold`; then an array as `count_signs` takes it. Cuts the rows from *next on; pieces
 * of fewer than *shortest* terms are not told. counts: how many lines and how many paragraphs there are, before and after.
 * *next: the first row that had no room for either, of which nothing counts, else row_count.
 * level: as `signatures` takes it. Returns 0; or row + 1 where that row's offsets lie outside the data; or -1 for a level
 * that is not here. */
int64_t lines_of_rows(const uint32_t *table, const uint32_t *expansions, const void *offsets, int32_t is_large,
                      const uint8_t *data, int64_t data_bytes, const uint8_t *validity, int64_t first_bit,
                      int64_t row_count, int32_t level, int64_t shortest, struct piece *lines, int64_t line_room,
                      struct piece *paragraphs, int64_t paragraph_room, int64_t *counts, int64_t *next)
{
    const struct rows rows = {offsets, data, validity, data_bytes, first_bit, is_large};
    struct cutting cutting = {.lines = {lines, counts[0], line_room, shortest},
                              .paragraphs = {paragraphs, counts[1], paragraph_room, shortest}};
    struct job job;
    const int32_t best = best_level();
    cut *const cut_row = LEVELS[level < 0 || level > best ? best : level];
    if (level > best)
        return -1;
    memset(&job, 0, sizeof job);
    job.fold = (struct fold){table, expansions};
    for (; *next < row_count; ++*next) {
        if (!take_row(&rows, *next, &cutting.from, &cutting.end))
            return *next + 1;
        if (cutting.from == cutting.end)
            continue;
        cutting.row = *next;
        cutting.line = cutting.from;
        const uint8_t *feed = memchr(cutting.from, LINE_FEED, (size_t)(cutting.end - cutting.from));
        cutting.feed = feed ? feed : cutting.end;
        cutting.lines_of_paragraph = 0;
        job.held = job.passed = 0;
        job.whole = job.around = 0;
        if (!cut_row(&job, &cutting))
            break;
        counts[0] = cutting.lines.count;
        counts[1] = cutting.paragraphs.count;
    }
    return 0;
}
