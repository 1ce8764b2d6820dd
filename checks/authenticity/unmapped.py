"""Labels of GB 45438 in what a source maps to nothing: further fields of a record, and a file's own metadata.

A reader asks `field_places` where raw bytes name one of a label's fields, and writes what it found there with `fields_told`.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from checks import kernels
from checks.authenticity.labels import DIALECTS, KEY, TELLING, VALUES, labels_in
from checks.kernels.field_calls import label_fields_of

FIELD, FILE = PLACES = ("field", "file")
"""Where a label stood that a reader hands on: in a field of the record, or in the metadata of its whole file."""
NAMES: Final = frozenset(TELLING.split("|"))
"""The names of fields that a label alone has."""
LONGEST_NAME: Final = max(map(len, NAMES))
Members = tuple[tuple[str, Any], ...]
"""An object as its (name, value) pairs, names that come twice too; a list is an array; the rest are strings, or None."""

_PRO: Final = re.compile(rb"Pro(?:duceID|pagateID|(?<=ContentPro)(?:ducer|pagator))")


def field_places(octets: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """int64[n]: where the "Pro" of each of `NAMES` stands in uint8[...], contiguous, in order."""
    library = kernels.library()
    if library is None:
        return np.array([match.start() for match in _PRO.finditer(octets.data)], np.int64)
    return label_fields_of(library, octets)


def is_key(name: str) -> bool:
    """Whether a field is called as the label's outer key is; some write it small."""
    return name.casefold() == KEY.casefold()


def fields_told(members: Members, place: str) -> str | None:
    """`told` of the labels in an object, each with its *place*, parted by spaces; None where there is none.

    Its names and values are written one after another and read as any text is. Values that are missing say nothing.
    """
    parts = list[str]()
    _write(members, parts)
    return text_told("".join(parts), place)


def text_told(text: str, place: str) -> str | None:
    """The same of an object that is not parsed."""
    return " ".join(f"{label.told}/{place}" for label in labels_in(text)) or None


def parted(told: str) -> Iterator[tuple[str, str, int, str]]:
    """(value, dialect, fields, place) of what `fields_told` wrote; anything else is passed over."""
    for one in told.split(" "):
        value, dialect, fields, place = (*one.split("/"), "", "", "", "")[:4]
        if value in VALUES and dialect in DIALECTS and place in PLACES and re.fullmatch("[0-9]{1,2}", fields):
            yield value, dialect, int(fields), place


def _write(value: Any, to: list[str]) -> None:
    if isinstance(value, tuple):
        to.append("{")
        for name, inner in value:
            if inner is not None:
                to.append(f'"{KEY if is_key(name) else name}": ')
                _write(inner, to)
                to.append(", ")
        to.append("}")
    elif isinstance(value, list):
        to.append("[")
        for inner in value:
            _write(inner, to)
            to.append(", ")
        to.append("]")
    elif value is not None:
        to.append(f'"{value}"')
