"""The index on this machine: made from the packed file once, then mapped into memory by every process that looks.

It lies in `corpusledger` in ``$XDG_CACHE_HOME`` or ``~/.cache``, under a name with the packed file's digest, and may be
deleted at any time. Where that folder cannot be written to, a process makes the index in its own memory, a second's work.
"""

import fcntl
import json
import os
import stat
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from checks.licence.texts.packing import Rules, unpacked
from checks.loaded import once

PATH: Final = Path(__file__).with_name("texts.zst")
DIGEST: Final = "9194dded31e01076cce9a62dc46a6707c39587d86acea31a814642a23eb93887"
"""SHA-256 of `PATH`; other texts give other matches, so it stands among the check's inputs."""
WIDTH: Final = 4
"""Terms in a shingle: their numbers side by side make its 64 bits, so two different ones are never taken for the same."""

Array = npt.NDArray[Any]
_FOLDER: Final = "corpusledger"
_SHORT, _MIDDLE, _LONG = (12, 1000), (40, 880), 800  # a rule of fewer shingles: thousandths that must be found
_COVERED: Final = (95, 920)  # a rule that LicenseDB wants found to so many per cent
_LAYOUT: Final = 1
_ALIGNED: Final = 64
_WRITABLE_BY_OTHERS: Final = stat.S_IWGRP | stat.S_IWOTH
_STRIPE: Final = 1 << 20


@dataclass(frozen=True)
class Index:
    """r rules, s distinct shingles, p places: which rules have which shingle.

    *vocabulary*: uint64[v], sorted hashes of terms; a term's number is its place there and one. *shingles*: uint64[s], sorted;
    *first*: uint32[s + 1], where each one's rules lie in *rules*: uint16[p], rising. *sizes*: uint32[r], distinct shingles of a
    rule; *lengths*: uint32[r], its terms. *wholes*: uint64[r], sorted hashes of whole rules; *whole_rules*: uint16[r], theirs.
    *required_terms*: uint16[any] and *required_first*: uint32[q + 1] where each phrase lies; *required_rule*: uint16[q], sorted.
    The rest as in `Rules`.
    """

    vocabulary: Array
    shingles: Array
    first: Array
    rules: Array
    sizes: Array
    lengths: Array
    wholes: Array
    whole_rules: Array
    required_terms: Array
    required_first: Array
    required_rule: Array
    licences: Array
    kinds: Array
    coverage: Array
    relevance: Array
    expressions: tuple[str, ...]

    @cached_property
    def needed(self) -> npt.NDArray[np.int64]:
        """int64[r]: shingles of each rule that must be found: of short ones all, of long ones most."""
        share = np.where(self.sizes < _SHORT[0], _SHORT[1], np.where(self.sizes < _MIDDLE[0], _MIDDLE[1], _LONG))
        share = np.where(self.coverage >= _COVERED[0], np.maximum(share, _COVERED[1]), share)
        needed: npt.NDArray[np.int64] = np.maximum(2, -(-self.sizes.astype(np.int64) * share // 1000))
        return needed


_ARRAYS: Final = tuple(field.name for field in fields(Index) if field.name != "expressions")


def index() -> Index:
    """The index, opened once a process. Raises ``ValueError`` where the packed file is not the one that DIGEST names."""
    return once("checks.licence.texts", opened)


def opened() -> Index:
    """The index that lies in the cache, put there first if need be; in memory where it cannot be put there."""
    path = _folder() / f"licence-texts-{_LAYOUT}-{DIGEST[:32]}.idx"
    kept = _mapped(path)
    if kept is not None:
        return kept
    with _alone(path):  # of many workers that start at once, one makes it
        kept = _mapped(path)
        if kept is not None:
            return kept
        made = indexed(unpacked(PATH.read_bytes(), DIGEST))
        _keep(path, made)
    return _mapped(path) or made


def indexed(rules: Rules) -> Index:
    """The index of *rules*: shingles of every rule, and for each the rules that have it."""
    ends = np.concatenate([[0], np.cumsum(rules.lengths, dtype=np.int64)])
    numbers = np.arange(len(rules.lengths), dtype=np.uint16)
    of_rule = np.repeat(numbers, rules.lengths)
    values = packed_shingles(rules.terms)
    within = np.flatnonzero(
        of_rule[: len(values)] == of_rule[WIDTH - 1 :]
    )  # no shingle runs from one rule into the next
    values, of_rule = values[within], of_rule[within]
    order = np.argsort(values, kind="stable")  # rules rise already
    values, of_rule = values[order], of_rule[order]
    fresh = np.concatenate([[True], (values[1:] != values[:-1]) | (of_rule[1:] != of_rule[:-1])])
    values, of_rule = values[fresh], of_rule[fresh]
    starts = np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]]))
    wholes = np.array([whole_hash(rules.terms[a:b]) for a, b in pairwise(ends.tolist())], np.uint64)
    by_whole = np.argsort(wholes, kind="stable")
    places = ends[rules.required_rule] + rules.required_start
    phrases = [rules.terms[a : a + n] for a, n in zip(places.tolist(), rules.required_length.tolist(), strict=True)]
    return Index(
        vocabulary=rules.vocabulary,
        shingles=values[starts], first=np.append(starts, len(values)).astype(np.uint32), rules=of_rule,
        sizes=np.bincount(of_rule, minlength=len(numbers)).astype(np.uint32), lengths=rules.lengths,
        wholes=wholes[by_whole], whole_rules=numbers[by_whole],
        required_terms=np.concatenate([*phrases, np.empty(0, np.uint16)]),
        required_first=np.concatenate([[0], np.cumsum(rules.required_length)]).astype(np.uint32),
        required_rule=rules.required_rule,
        licences=rules.licences, kinds=rules.kinds, coverage=rules.coverage, relevance=rules.relevance,
        expressions=rules.expressions,
    )  # fmt: skip


def places_in(listed: npt.NDArray[np.uint64], values: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """Where each of *values* lies in *listed*, sorted, if it does; asked for in their order, so that the walk stays in the cache."""
    order = np.argsort(values)
    at = np.empty(len(values), np.int64)
    at[order] = np.searchsorted(listed, values[order])
    return np.minimum(at, len(listed) - 1)


def packed_shingles(terms: Array) -> npt.NDArray[np.uint64]:
    """uint64[n - WIDTH + 1] of uint16[n] terms; none for fewer."""
    count = max(0, len(terms) - WIDTH + 1)
    values = np.zeros(count, np.uint64)
    for i in range(WIDTH):
        values <<= np.uint64(16)
        values |= terms[i : i + count]
    return values


def whole_hash(terms: Array) -> int:
    """A number for a run of uint16 terms; two runs may share it, so who finds one looks at the length too."""
    data = np.ascontiguousarray(terms, "<u2").tobytes()
    return zlib.crc32(data) << 32 | zlib.adler32(data)


def _folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / _FOLDER


def _mapped(path: Path) -> Index | None:
    """The index at *path*; None where it is not there, damaged, or others may have written it."""
    try:
        with path.open("rb") as file:
            told = os.fstat(file.fileno())
            if told.st_uid != os.getuid() or told.st_mode & _WRITABLE_BY_OTHERS:
                return None
            line = file.readline(1 << 22)
            data = np.asarray(np.memmap(file, np.uint8, "r"))
    except (OSError, ValueError):  # not there, not ours to read, or empty: it is made
        return None
    try:
        head = json.loads(line)
        start, crc = head["start"], 0
        for at in range(start, len(data), _STRIPE):
            crc = zlib.crc32(data[at : at + _STRIPE].data, crc)
        if crc != head["crc"] or len(data) != head["bytes"]:
            return None
        arrays = {
            name: data[start + at : start + at + size].view(kind) for name, (kind, at, size) in head["arrays"].items()
        }
    except (ValueError, KeyError, TypeError):  # of another layout or cut short: it is made anew and replaced
        return None
    return Index(**arrays, expressions=tuple(head["expressions"]))


def _keep(path: Path, made: Index) -> None:
    """Write beside *path* and rename, so that who opens it finds all of it or none."""
    arrays, at, crc = {}, 0, 0
    parts: list[bytes] = []
    for name in _ARRAYS:
        array = np.ascontiguousarray(getattr(made, name))
        data = array.tobytes()
        data += bytes(-len(data) % _ALIGNED)
        arrays[name] = (array.dtype.str, at, array.nbytes)
        at, crc = at + len(data), zlib.crc32(data, crc)
        parts.append(data)
    head = {"arrays": arrays, "crc": crc, "expressions": made.expressions}
    start = (len(json.dumps(head | {"start": 0, "bytes": 0})) + 64) // _ALIGNED * _ALIGNED + _ALIGNED
    line = json.dumps(head | {"start": start, "bytes": start + at}).encode()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(line.ljust(start - 1) + b"\n")
            for data in parts:
                file.write(data)
        Path(file.name).replace(path)
    except OSError:  # a cache is a convenience: a machine without a home folder works without it
        return


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold the lock beside *path*; without a folder to lock in, go on without."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = path.with_suffix(".lock").open("wb")
    except OSError:
        yield
        return
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
