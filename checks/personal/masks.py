"""What a masked value looks like: its separators and a few of its ends stay, so that a reader sees what it was."""

from typing import Final

_HIDDEN: Final = "*"
_SHOWN_OF: Final = ((15, 3, 2), (11, 3, 4), (7, 2, 2), (2, 1, 0))
"""From so many letters and digits on: how many of the first and of the last are shown. Never more than two thirds of them."""
_ALL_HIDDEN: Final = ("SECRET", "URL_CREDENTIALS")


def masked_value(entity: str, value: str) -> str:
    """*value* with its inner letters and digits as asterisks: 138****5678, z***@e******.com, 110*************34.

    A secret shows nothing. The domain of an address keeps its last label.
    """
    if entity in _ALL_HIDDEN:
        return _shown(value, 0, 0)
    name, at, domain = value.replace("＠", "@").rpartition("@")
    if at:
        *labels, last = domain.split(".")
        return ".".join([_shown(name, 1, 0) + at + _shown(labels[0], 1, 0) if labels else at, *_rest(labels), last])
    count = sum(c.isalnum() for c in value)
    first, end = next(((a, b) for least, a, b in _SHOWN_OF if count >= least), (0, 0))
    return _shown(value, first, end)


def _rest(labels: list[str]) -> list[str]:
    return [_shown(label, 1, 0) for label in labels[1:]]


def _shown(value: str, first: int, last: int) -> str:
    places = [i for i, c in enumerate(value) if c.isalnum()]
    hidden = set(places[first : len(places) - last])
    return "".join(_HIDDEN if i in hidden else c for i, c in enumerate(value))
