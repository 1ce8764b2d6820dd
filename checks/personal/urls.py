"""Personal values in URLs: found through percent-encoding, masked in place as ``<ENTITY>``."""

import re
from collections.abc import Sequence
from typing import Final

import pyarrow as pa

from checks.personal.entities import BUILT_IN, IP, Catalogue
from checks.personal.spot import Spotted, spot

_ESCAPE: Final = re.compile("%([0-9A-Fa-f]{2})")
_BEFORE_HOST: Final = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?//(?:[^/?#@]*@)?\Z")
_OTHER: Final = "\ufffd"  # stands for an escaped byte that is no printable ASCII: outside every expression


def spot_in_urls(urls: pa.Array, catalogue: Catalogue = BUILT_IN) -> list[Spotted]:
    """What is found in *urls* (string), decoded once; `start` and `end` are code points of the URL as it is written.

    A host that is an IP address is the site's, not a person's, and is no finding. Byte places are those of the decoded
    URL and of no use.
    """
    if urls.null_count == len(urls):
        return []
    written = urls.to_pylist()
    decoded = pa.array([url if url is None or "%" not in url else _decoded(url) for url in written], pa.large_string())
    found = []
    for spotted in spot(decoded, catalogue=catalogue):
        url = written[spotted.row]
        origin = _origins(url)
        start, end = origin[spotted.start], origin[spotted.end]
        if not (spotted.entity is IP and _BEFORE_HOST.search(url, 0, start)):
            found.append(spotted._replace(start=start, end=end))
    return found


def masked(urls: pa.Array, found: Sequence[Spotted]) -> pa.Array:
    """*urls* with each finding replaced by its entity's name in angle brackets; null stays null."""
    if not found:
        return urls.cast(pa.string())
    written = urls.to_pylist()
    for spotted in reversed(found):  # from the back, so that places before stay true
        url = written[spotted.row]
        written[spotted.row] = f"{url[: spotted.start]}<{spotted.entity.name}>{url[spotted.end :]}"
    return pa.array(written, pa.string())


def _decoded(url: str) -> str:
    return _ESCAPE.sub(lambda m: _character(m[1]), url)


def _character(hexadecimal: str) -> str:
    code = int(hexadecimal, 16)
    return chr(code) if 0x20 <= code < 0x7F else _OTHER


def _origins(url: str) -> list[int]:
    """For each code point of the decoded URL, and its end, where it is written in *url*."""
    origins, at = [], 0
    for escape in _ESCAPE.finditer(url):
        origins += [*range(at, escape.start()), escape.start()]
        at = escape.end()
    return [*origins, *range(at, len(url) + 1)]
