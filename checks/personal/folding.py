"""Other ways of writing the same characters, made one before recognizers read: full-width, odd dashes and spaces, zero width.

Only what recognizers read is folded; every place that is reported is one of the text as it stands.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

_WIDE_POINTS: Final = (
    *range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B),  # 0-9 A-Z a-z
    0xFF0B, 0xFF0D, 0xFF0E, 0xFF20, 0xFF3F,  # + - . @ _
)  # fmt: skip
NARROW: Final = {point: point - 0xFEE0 for point in _WIDE_POINTS}
"""Full-width code point -> the ASCII one; one for one, so places stay."""

_ZERO: Final = "\u200b\u200c\u200d\u2060\ufeff"
_DASHES: Final = "\u2010\u2011\u2012\u2013\u2212"
_SPACES: Final = "\u00a0\u2002-\u200a\u202f\u3000"
_WIDE: Final = re.compile("[\uff0b\uff0d\uff0e\uff10-\uff19\uff20-\uff3a\uff3f\uff41-\uff5a]")
_HIDDEN: Final = re.compile(f"(?<=[0-9A-Za-z@])[{_ZERO}]+|[{_ZERO}]+(?=[0-9A-Za-z@])")
_DASH: Final = re.compile(f"(?<=[0-9])[{_DASHES}](?=[0-9])")
_SPACE: Final = re.compile(f"(?<=[0-9])[{_SPACES}](?=[0-9])")
_ANY: Final = re.compile(f"{_WIDE.pattern}|{_HIDDEN.pattern}|{_DASH.pattern}|{_SPACE.pattern}")

_ZERO_BYTES: Final = r"(?:\xe2\x80[\x8b-\x8d]|\xe2\x81\xa0|\xef\xbb\xbf)"
TRIGGERS: Final = (
    # Letter by letter: of a class of last bytes an engine stops at the first two, which every full-width comma has too.
    "|".join("".join(f"\\x{byte:02x}" for byte in chr(point).encode()) for point in sorted(_WIDE_POINTS)),
    rf"[0-9A-Za-z@]{_ZERO_BYTES}|{_ZERO_BYTES}[0-9A-Za-z@]",
    r"[0-9](?:\xe2\x80[\x80-\x95\xaf]|\xe2\x88\x92|\xc2\xa0|\xe3\x80\x80)[0-9]",
)
"""Over bytes (`checks.triggers`): `fold` leaves a line alone in which none of these matches. See test_personal_folding."""


class Folded(NamedTuple):
    """*text* as recognizers read it. *gaps*: places in it before which characters were left out; *skipped*: how many by then."""

    text: str
    gaps: Sequence[int] = ()
    skipped: Sequence[int] = ()

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where the filled span from *start* to *end* (half open) of `text` stands in the text as written."""
        return (start, end) if not self.gaps else (self._place(start), self._place(end - 1) + 1)

    def _place(self, at: int) -> int:
        before = bisect_right(self.gaps, at)
        return at + (self.skipped[before - 1] if before else 0)


@lru_cache(maxsize=1)  # plain Presidio asks once a recognizer for the same text
def fold(text: str) -> Folded:
    """*text* with full-width letters, digits and ``+ - . @ _`` narrow, zero-width characters beside them left out, and
    between two digits any dash a hyphen and any space a space. What each step sees depends on the neighbours alone.
    """
    if text.isascii() or _ANY.search(text) is None:
        return Folded(text)
    text = text.translate(NARROW)
    gaps: list[int] = []
    skipped: list[int] = []
    total = 0
    parts: list[str] = []
    at = 0
    for hidden in _HIDDEN.finditer(text):
        parts.append(text[at : hidden.start()])
        gaps.append(hidden.start() - total)
        total += hidden.end() - hidden.start()
        skipped.append(total)
        at = hidden.end()
    text = "".join((*parts, text[at:]))
    return Folded(_SPACE.sub(" ", _DASH.sub("-", text)), gaps, skipped)
