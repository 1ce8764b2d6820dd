/* Strings out of lines that are one JSON object each: the plain kind alone, in which nothing could be read in two ways.
 *
 * RFC 8259 in full, but for what is rare: a line with an escape in a key, a field asked for twice or that is neither a
 * string nor null, half a surrogate pair, a number with an exponent, or deep nesting is not plain, and its caller has
 * another parser for it. Bytes that are not UTF-8 are passed on as they are. No state between calls, no allocation.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { MOST_FIELDS = 64, DEEPEST = 64, LONGEST_NUMBER = 100, WORD = 8, MISSING = -1 };

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* A byte of *word* that is below *least*, at most 0x80: the high bit of the first such byte, and of none before it. */
static uint64_t below(uint64_t word, uint8_t least)
{
    return (word - EACH(least)) & ~word & EACH(0x80);
}

/* The first byte at *at or behind it that does not stand for itself in a string: a quote, a backslash, a control; or end. */
static const uint8_t *plain_end(const uint8_t *at, const uint8_t *end)
{
    for (; end - at >= WORD; at += WORD) {
        uint64_t word;
        memcpy(&word, at, WORD);
        if (below(word, 0x20) | below(word ^ EACH('"'), 1) | below(word ^ EACH('\\'), 1))
            break;
    }
    while (at < end && *at != '"' && *at != '\\' && *at >= 0x20)
        at++;
    return at;
}

static const uint8_t *past_space(const uint8_t *at, const uint8_t *end)
{
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r'))
        at++;
    return at;
}

/* Four hexadecimal digits at *at*, or MISSING. */
static int32_t hexadecimal(const uint8_t *at, const uint8_t *end)
{
    int32_t value = 0;
    if (end - at < 4)
        return MISSING;
    for (int i = 0; i < 4; i++) {
        const uint8_t letter = at[i] | 0x20;
        const int32_t digit = at[i] >= '0' && at[i] <= '9' ? at[i] - '0' : letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : MISSING;
        if (digit == MISSING)
            return MISSING;
        value = value << 4 | digit;
    }
    return value;
}

static uint8_t *write_point(uint8_t *out, uint32_t point)
{
    if (point < 0x80) {
        *out++ = (uint8_t)point;
        return out;
    }
    if (point < 0x800) {
        *out++ = (uint8_t)(0xC0 | point >> 6);
    } else {
        if (point < 0x10000) {
            *out++ = (uint8_t)(0xE0 | point >> 12);
        } else {
            *out++ = (uint8_t)(0xF0 | point >> 18);
            *out++ = (uint8_t)(0x80 | (point >> 12 & 0x3F));
        }
        *out++ = (uint8_t)(0x80 | (point >> 6 & 0x3F));
    }
    *out++ = (uint8_t)(0x80 | (point & 0x3F));
    return out;
}

/* Past the escape whose backslash *at* is, its character written at *out*, which moves; null where it is none, or half of one. */
static const uint8_t *escape(const uint8_t *at, const uint8_t *end, uint8_t **out)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    int32_t point, low;
    if (end - at < 2)
        return NULL;
    if (at[1] != 'u') {
        const char *found = at[1] ? strchr(from, at[1]) : NULL;
        if (!found)
            return NULL;
        *(*out)++ = (uint8_t)to[found - from];
        return at + 2;
    }
    point = hexadecimal(at + 2, end);
    at += 6;
    if (point == MISSING || (point >= 0xDC00 && point < 0xE000))
        return NULL;
    if (point >= 0xD800 && point < 0xDC00) {
        low = end - at >= 6 && at[0] == '\\' && at[1] == 'u' ? hexadecimal(at + 2, end) : MISSING;
        if (low < 0xDC00 || low >= 0xE000)
            return NULL;
        point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
        at += 6;
    }
    *out = write_point(*out, (uint32_t)point);
    return at;
}

/* Past the string whose first byte after the quote *at* is, written at *out*, which moves: never more bytes than were read.
 * Null where it is not plain. */
static const uint8_t *take_string(const uint8_t *at, const uint8_t *end, uint8_t **out)
{
    for (;;) {
        const uint8_t *stop = plain_end(at, end);
        memcpy(*out, at, (size_t)(stop - at));
        *out += stop - at;
        if (stop == end || *stop < 0x20)
            return NULL;
        if (*stop == '"')
            return stop + 1;
        at = escape(stop, end, out);
        if (!at)
            return NULL;
    }
}

static const uint8_t *pass_string(const uint8_t *at, const uint8_t *end)
{
    for (;;) {
        uint8_t scratch[4], *out = scratch;
        at = plain_end(at, end);
        if (at == end || *at < 0x20)
            return NULL;
        if (*at == '"')
            return at + 1;
        at = escape(at, end, &out);
        if (!at)
            return NULL;
    }
}

static const uint8_t *pass_word(const uint8_t *at, const uint8_t *end, const char *word)
{
    const size_t length = strlen(word);
    return (size_t)(end - at) >= length && !memcmp(at, word, length) ? at + length : NULL;
}

static const uint8_t *pass_digits(const uint8_t *at, const uint8_t *end)
{
    const uint8_t *from = at;
    while (at < end && *at >= '0' && *at <= '9')
        at++;
    return at > from ? at : NULL;
}

static const uint8_t *pass_number(const uint8_t *at, const uint8_t *end)
{
    const uint8_t *from = at;
    if (*at == '-')
        at++;
    if (at < end && *at == '0')
        at++;
    else if (!(at = pass_digits(at, end)))
        return NULL;
    if (at < end && *at == '.' && !(at = pass_digits(at + 1, end)))
        return NULL;
    return (at < end && (*at | 0x20) == 'e') || at - from > LONGEST_NUMBER ? NULL : at;
}

/* Past any value, *deep* objects and lists within each other at most; null where it is not plain. */
static const uint8_t *pass_value(const uint8_t *at, const uint8_t *end, int deep)
{
    uint8_t close;
    if (at >= end)
        return NULL;
    switch (*at) {
    case '"':
        return pass_string(at + 1, end);
    case 't':
        return pass_word(at, end, "true");
    case 'f':
        return pass_word(at, end, "false");
    case 'n':
        return pass_word(at, end, "null");
    case '{':
    case '[':
        break;
    default:
        return pass_number(at, end);
    }
    if (!deep)
        return NULL;
    close = *at == '{' ? '}' : ']';
    at = past_space(at + 1, end);
    if (at < end && *at == close)
        return at + 1;
    for (;;) {
        if (close == '}') {
            if (at >= end || *at != '"' || !(at = pass_string(at + 1, end)))
                return NULL;
            at = past_space(at, end);
            if (at >= end || *at != ':')
                return NULL;
            at = past_space(at + 1, end);
        }
        if (!(at = pass_value(at, end, deep - 1)))
            return NULL;
        at = past_space(at, end);
        if (at >= end || (*at != ',' && *at != close))
            return NULL;
        if (*at == close)
            return at + 1;
        at = past_space(at + 1, end);
    }
}

struct fields {
    const uint8_t *names;
    const int32_t *ends; /* of each name in names */
    int32_t count;
    uint8_t *out[MOST_FIELDS]; /* where the next string goes */
};

static int32_t field_of(const struct fields *fields, const uint8_t *name, int64_t length)
{
    int32_t from = 0;
    for (int32_t field = 0; field < fields->count; from = fields->ends[field++])
        if (fields->ends[field] - from == length && !memcmp(fields->names + from, name, (size_t)length))
            return field;
    return MISSING;
}

/* False where at[0..end) is not one plain object. *given: a bit for each field that has a string. */
static bool take_object(const uint8_t *at, const uint8_t *end, struct fields *fields, uint64_t *given)
{
    uint64_t met = 0;
    *given = 0;
    if (at >= end || *at != '{')
        return false;
    at = past_space(at + 1, end);
    if (at < end && *at == '}')
        return at + 1 == end;
    for (;;) {
        const uint8_t *name = at + 1, *stop;
        int32_t field;
        if (at >= end || *at != '"')
            return false;
        stop = plain_end(name, end);
        if (stop == end || *stop != '"')
            return false;
        field = field_of(fields, name, stop - name);
        at = past_space(stop + 1, end);
        if (at >= end || *at != ':')
            return false;
        at = past_space(at + 1, end);
        if (field == MISSING || (at < end && *at == 'n')) {
            at = pass_value(at, end, DEEPEST);
        } else {
            if (at >= end || *at != '"')
                return false;
            at = take_string(at + 1, end, &fields->out[field]);
            *given |= UINT64_C(1) << field;
        }
        if (!at)
            return false;
        if (field != MISSING) {
            if (met >> field & 1)
                return false;
            met |= UINT64_C(1) << field;
        }
        at = past_space(at, end);
        if (at >= end || (*at != ',' && *at != '}'))
            return false;
        if (*at == '}')
            return at + 1 == end;
        at = past_space(at + 1, end);
    }
}

/* Lines data[starts[i]..ends[i]) as strings of *count* fields, whose names lie end to end in *names*: of field f in out[f],
 * which has room for as many bytes as all lines together, line i at offsets[f][i] to offsets[f][i + 1]; given[f][i]: 1, or
 * 0 where the field is null or missing. Returns how many lines were read: *lines*, or the number of the first one that is
 * not plain; -1 for more than 64 fields, or a line outside data[0..length). */
int64_t read_objects(const uint8_t *data, int64_t length, const int64_t *starts, const int64_t *ends, int64_t lines,
                     const uint8_t *names, const int32_t *name_ends, int32_t count, uint8_t *const *out, int64_t *offsets,
                     uint8_t *given)
{
    struct fields fields = {names, name_ends, count, {0}};
    if (count > MOST_FIELDS)
        return -1;
    for (int32_t field = 0; field < count; field++) {
        fields.out[field] = out[field];
        offsets[field * (lines + 1)] = 0;
    }
    for (int64_t line = 0; line < lines; line++) {
        uint64_t strings;
        if (starts[line] < 0 || ends[line] < starts[line] || ends[line] > length)
            return -1;
        if (!take_object(data + starts[line], data + ends[line], &fields, &strings))
            return line;
        for (int32_t field = 0; field < count; field++) {
            offsets[field * (lines + 1) + line + 1] = fields.out[field] - out[field];
            given[field * lines + line] = strings >> field & 1;
        }
    }
    return lines;
}
