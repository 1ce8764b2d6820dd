/* Count the classes of a stretch of ASCII, 64 bytes at a time; included once an instruction set, with AT(name).
 *
 * Vectors of the compiler, no intrinsics: 64 counters of eight bits a class, added up before one of them is full.
 */
static bool AT(holds_more)(const uint8_t *at)
{
    uint64_t eight[WIDE_BYTES / 8], all = 0;
    memcpy(eight, at, WIDE_BYTES);
    for (int i = 0; i < WIDE_BYTES / 8; i++)
        all |= eight[i];
    return all & UINT64_C(0x8080808080808080);
}

static int64_t AT(added_up)(const wide *counters)
{
    uint8_t each[WIDE_BYTES];
    uint32_t sum = 0;
    memcpy(each, counters, WIDE_BYTES);
    for (int i = 0; i < WIDE_BYTES; i++)
        sum += each[i];
    return sum;
}

static const uint8_t *AT(count_ascii)(const uint8_t *at, const uint8_t *end, struct ascii_counts *counts)
{
    enum { FULL = 255 };
    while (end - at >= WIDE_BYTES) {
        wide lower = {0}, upper = {0}, digits = {0}, spaces = {0}, feeds = {0}, bad = {0}, starts = {0};
        const uint8_t *const begin = at;
        const int64_t left = (end - at) / WIDE_BYTES;
        bool is_over = true;
        for (int64_t i = 0; i < (left < FULL ? left : FULL); i++) {
            wide here, before; /* the byte before the first belongs to the row too */
            memcpy(&here, at, WIDE_BYTES);
            memcpy(&before, at - 1, WIDE_BYTES);
            is_over = AT(holds_more)(at);
            if (is_over)
                break;
            const wide small = here - 'a' < 26, capital = here - 'A' < 26, digit = here - '0' < 10;
            const wide in_run = small | capital | digit;
            const wide was_in_run = ((before | 0x20) - 'a' < 26) | (before - '0' < 10);
            const wide feed = here == '\n', space = (here == ' ') | ((here - '\t' < 5) & ~feed);
            lower -= small; /* true is -1 */
            upper -= capital;
            digits -= digit;
            spaces -= space;
            feeds -= feed;
            bad -= (here == 0x7F) | ((here < ' ') & ~space & ~feed);
            starts -= in_run & ~was_in_run;
            at += WIDE_BYTES;
        }
        counts->bytes += at - begin;
        counts->lower += AT(added_up)(&lower);
        counts->upper += AT(added_up)(&upper);
        counts->digits += AT(added_up)(&digits);
        counts->spaces += AT(added_up)(&spaces);
        counts->feeds += AT(added_up)(&feeds);
        counts->bad += AT(added_up)(&bad);
        counts->starts += AT(added_up)(&starts);
        if (is_over)
            break;
    }
    return at;
}
