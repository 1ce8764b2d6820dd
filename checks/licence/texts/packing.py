"""The licence texts as one small file: terms as numbers, rules end to end, compressed; written by `build`, read by `store`.

A rule is a licence's text, its usual header or a phrase that names it, as LicenseDB lists them, cut into terms
(`checks.terms`: a word, or one Han character). Each distinct term has a number, 1 to 65,535, by the order of its 64-bit hash.
Nothing else of the texts is kept: a rule can be compared, not read.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import zstandard

Array = npt.NDArray[Any]
FORMAT: Final = 1
MOST_TERMS: Final = 65_535
_MOST_BYTES: Final = 1 << 28
_LEVEL: Final = 22


@dataclass(frozen=True)
class Rules:
    """All rules. r rules, v distinct terms, t terms in all, q required phrases.

    *vocabulary*: uint64[v] term hashes, sorted. *lengths*: uint32[r] terms of each rule; *terms*: uint16[t] their numbers.
    *licences*: uint16[r] into `expressions`; *kinds*: uint8[r] into `KINDS`; *coverage*, *relevance*: uint8[r] per cent.
    *required_rule*: uint16[q], sorted; *required_start*, *required_length*: uint32[q] terms of that rule.
    *expressions*: SPDX expressions; *made_from*: package, version and SHA-256 that they were read from.
    """

    vocabulary: Array
    lengths: Array
    terms: Array
    licences: Array
    kinds: Array
    coverage: Array
    relevance: Array
    required_rule: Array
    required_start: Array
    required_length: Array
    expressions: tuple[str, ...]
    made_from: Mapping[str, str]


KINDS: Final = ("text", "notice", "reference", "tag")
"""A licence's own text; a notice that puts something under it; a phrase that names it; a line of metadata."""
_TYPES: Final = {
    "vocabulary": "<u8", "lengths": "<u4", "terms": "<u2", "licences": "<u2", "kinds": "<u1", "coverage": "<u1",
    "relevance": "<u1", "required_rule": "<u2", "required_start": "<u4", "required_length": "<u4",
}  # fmt: skip


def packed(rules: Rules) -> bytes:
    """The file's bytes: the same rules give the same bytes with one version of zstandard."""
    arrays = {name: np.ascontiguousarray(getattr(rules, name), kind) for name, kind in _TYPES.items()}
    head = {
        "format": FORMAT, "made_from": dict(rules.made_from), "expressions": list(rules.expressions),
        "counts": {name: len(array) for name, array in arrays.items()},
    }  # fmt: skip
    content = json.dumps(head, sort_keys=True, ensure_ascii=False).encode() + b"\n"
    content += b"".join(array.tobytes() for array in arrays.values())
    settings = zstandard.ZstdCompressionParameters.from_level(_LEVEL, window_log=27, enable_ldm=True)
    return zstandard.ZstdCompressor(compression_params=settings).compress(content)


def unpacked(data: bytes, digest: str) -> Rules:
    """The rules again. Raises ``ValueError`` for bytes whose SHA-256 is not *digest*."""
    found = hashlib.sha256(data).hexdigest()
    if found != digest:
        raise ValueError(
            f"licence texts: SHA-256 {found[:16]}…, not {digest[:16]}…; take the file of this version again"
        )
    content = zstandard.ZstdDecompressor(max_window_size=1 << 27).decompress(data, max_output_size=_MOST_BYTES)
    first, _, _ = content.partition(b"\n")
    head, at = json.loads(first), len(first) + 1
    if head["format"] != FORMAT:
        raise ValueError(f"licence texts: format {head['format']}, not {FORMAT}; take the file of this version again")
    arrays: dict[str, Array] = {}
    for name, kind in _TYPES.items():
        arrays[name] = np.frombuffer(content, kind, head["counts"][name], at)
        at += arrays[name].nbytes
    return Rules(**arrays, expressions=tuple(head["expressions"]), made_from=head["made_from"])


if {field.name for field in fields(Rules)} != {*_TYPES, "expressions", "made_from"}:
    raise AssertionError("Rules and _TYPES differ")
