/* Where the names of an implicit label's fields stand in a buffer. No state between calls, no allocation. */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* The four names that no other vocabulary has (GB 45438-2025) all hold "Pro": what stands before it and behind it. */
static const struct {
    const char *before, *behind;
} NAMES[] = {{"Content", "ducer"}, {"Content", "pagator"}, {"", "duceID"}, {"", "pagateID"}};

enum { STEM = 3 };

static bool is_name(const uint8_t *data, int64_t at, int64_t length)
{
    if (length - at < STEM || memcmp(data + at, "Pro", STEM) != 0)
        return false;
    for (size_t name = 0; name < sizeof NAMES / sizeof *NAMES; name++) {
        const int64_t before = (int64_t)strlen(NAMES[name].before), behind = (int64_t)strlen(NAMES[name].behind);
        if (at >= before && length - at - STEM >= behind &&
            memcmp(data + at - before, NAMES[name].before, (size_t)before) == 0 &&
            memcmp(data + at + STEM, NAMES[name].behind, (size_t)behind) == 0)
            return true;
    }
    return false;
}

/* How many names there are in data[0..length); the places of the "Pro" of the first *room* of them go to places, in order. */
int64_t find_label_fields(const uint8_t *data, int64_t length, int64_t *places, int64_t room)
{
    int64_t count = 0;
    for (int64_t at = 0; at < length; at++) {
        const uint8_t *found = memchr(data + at, 'P', (size_t)(length - at));
        if (found == NULL)
            break;
        at = found - data;
        if (!is_name(data, at, length))
            continue;
        if (count < room)
            places[count] = at;
        count++;
    }
    return count;
}
