"""Preferences on use: AIPREF's `Content-Usage` and Cloudflare's `Content-Signal`, as header values and as rules of robots.txt.

Sources: draft-ietf-aipref-vocab (format: Exemplary Serialization Format, Processing Algorithm) and draft-ietf-aipref-attach;
the Content Signals Policy (contentsignals.org). Neither is a standard yet: `checks.optouts.statements.VERSION` dates the reading.
"""

import re
from typing import Final, NamedTuple

from checks.optouts.statements import ALLOW, DISALLOW, INPUT, SEARCH, TRAIN, UNKNOWN
from checks.optouts.structured import dictionary

CONTENT_USAGE: Final = "content-usage"
CONTENT_SIGNAL: Final = "content-signal"
_USAGE_LABELS: Final = {"train-ai": TRAIN, "ai-use": INPUT, "search": SEARCH}
_USAGE_VALUES: Final = {b"y": ALLOW, b"n": DISALLOW}
_SIGNAL_LABELS: Final = {b"ai-train": TRAIN, b"ai-input": INPUT, b"search": SEARCH}
_SIGNAL_VALUES: Final = {b"yes": ALLOW, b"no": DISALLOW}
_SIGNAL: Final = re.compile(rb"[^,]+")


class Preference(NamedTuple):
    """One use and what is said of it, at [start, end) of the value."""

    use: str
    answer: str
    start: int
    end: int


def preferences(field: str, value: bytes) -> tuple[Preference, ...]:
    """What *value* of *field* (`CONTENT_USAGE` or `CONTENT_SIGNAL`) says, by use; nothing where it names no known use."""
    return content_usage(value) if field == CONTENT_USAGE else content_signal(value)


def content_usage(value: bytes) -> tuple[Preference, ...]:
    """An AIPREF expression: a dictionary with the tokens ``y`` and ``n``; other labels and all parameters are ignored.

    Where the draft says that the preference is unknown although something was written (no dictionary at all, a value of
    another kind), the answer is `UNKNOWN`, not silence: somebody meant to say something.
    """
    members = dictionary(value)
    if members is None:
        return (Preference(TRAIN, UNKNOWN, 0, len(value)),)
    found = []
    for label, use in _USAGE_LABELS.items():
        member = members.get(label)
        if member is not None:
            answer = _USAGE_VALUES.get(member.value, UNKNOWN) if member.kind == "token" else UNKNOWN
            found.append(Preference(use, answer, member.start, member.end))
    return tuple(found)


def content_signal(value: bytes) -> tuple[Preference, ...]:
    """``search=yes, ai-train=no``, in any case; of a label said twice the stricter counts, as nothing says which."""
    found: dict[str, Preference] = {}
    for match in _SIGNAL.finditer(value):
        label, sign, said = match.group().partition(b"=")
        use = _SIGNAL_LABELS.get(label.strip().lower())
        if use is None:
            continue
        start, end = match.start(), match.end()
        answer = _SIGNAL_VALUES.get(said.strip().lower(), UNKNOWN) if sign else UNKNOWN
        if use not in found or _stricter(answer, found[use].answer):
            found[use] = Preference(use, answer, start, end)
    return tuple(found.values())


def without_path(value: bytes) -> tuple[bytes, int]:
    """(pattern, where the expression begins) of a rule's value; the pattern is ``/``, all paths, where none is written."""
    if not value.startswith(b"/"):
        return b"/", 0
    parted = re.search(rb"[ \t]+", value)
    return (value, len(value)) if parted is None else (value[: parted.start()], parted.end())


def _stricter(one: str, other: str) -> bool:
    order = (DISALLOW, UNKNOWN, ALLOW)
    return order.index(one) < order.index(other)
