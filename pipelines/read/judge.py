"""Say of each line what `pyarrow.json` says of that line alone, parsing many at once where that is provably the same.

A run of lines is believed when it parses, every line begins with ``{`` and ends with ``}``, and it gives one object a
line. Why that suffices: after a ``}`` that does not close the whole object, JSON allows only ``,``, ``]`` or ``}``,
never the ``{`` the next line begins with; so no object spans lines, and equal counts leave one a line.
"""

import json
import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.json as pj
from numpy.typing import NDArray

from pipelines.read.lines import Offsets
from pipelines.read.misfits import misfits
from pipelines.read.plain_objects import plain_table

_OPEN = ord("{")
_CLOSE = ord("}")
_SPACE = ord(" ")
_NESTED = 200  # past it the standard library's answer could hang on the depth of our own stack
_NO_FIELDS = pa.schema([])
_CROWD = 8
"""After so many lines of a wrong type the others are looked at for values that no schema takes."""
_ROW = re.compile(r" in row (\d+)$")


class Verdicts(NamedTuple):
    """*tables*: (lines, table of one row a line); *bad*: (line, reason). Each line asked for is in exactly one of both."""

    tables: list[tuple[Offsets, pa.Table]]
    bad: list[tuple[int, str]]


def judge(
    buffer: memoryview, starts: Offsets, ends: Offsets, asked: NDArray[np.bool_], schemas: Sequence[pa.Schema]
) -> Verdicts:
    """Parse the *asked* lines ``buffer[starts[i]:ends[i]]``, none of them blank, with exactly the fields of a schema.

    Several *schemas* are the ways a layout may be written; they must be such that a line which more than one accepts
    reads the same with each. A line that all refuse is cut out where the parser's message points, by halving otherwise,
    until it stands alone: the message only decides what is tried next, never what is believed.
    """
    return _judge(buffer, starts, ends, asked, schemas, _CROWD)


def _judge(
    buffer: memoryview,
    starts: Offsets,
    ends: Offsets,
    asked: NDArray[np.bool_],
    schemas: Sequence[pa.Schema],
    crowd: int,
) -> Verdicts:
    starts, ends = _stripped(buffer, starts, ends)
    octets = np.frombuffer(buffer, np.uint8)
    framed = (octets[starts] == _OPEN) & (octets[ends - 1] == _CLOSE)
    bad = [(int(i), why_not(bytes(buffer[starts[i] : ends[i]]))) for i in np.flatnonzero(asked & ~framed)]
    framed &= asked
    lines = np.flatnonzero(framed)
    tables: list[tuple[Offsets, pa.Table]] = []
    ways = list(schemas)  # the one that worked last comes first
    for way in ways if len(lines) else ():
        if (table := plain_table(octets, starts[lines], ends[lines], way)) is not None:
            return Verdicts([(lines, table)], bad)
    memory = pa.py_buffer(buffer if framed.all() else _blanked(octets, starts, ends, framed))
    low, run, after, refused = 0, len(lines), 0, -2
    while low < len(lines):
        high = min(low + run, len(lines))
        first, last = starts[lines[low]], ends[lines[high - 1]]
        table, good = _first_way(memory.slice(first, last - first), ways, high - low)
        if table is not None:
            tables.append((lines[low:high], table))
            low, run, after = high, after or run * 8, 0
        elif high - low == 1:
            line = int(lines[low])
            bad.append((line, why_not(bytes(buffer[starts[line] : ends[line]]))))
            # One more bad line at once: what follows is likely bad as well.
            low, run, refused = low + 1, 1 if refused == low - 1 else 64, low
            crowd -= bad[-1][1] == "wrong type"
            if not crowd:
                left, more = _without_misfits(buffer, starts, ends, lines[low:], schemas)
                told = _judge(buffer, starts, ends, left, ways, crowd=-1)
                return Verdicts(tables + told.tables, bad + more + told.bad)
        elif 0 <= good < high - low:
            run, after = max(good, 1), min(good, 1)
        else:
            run = (high - low) // 2
    return Verdicts(tables, bad)


def why_not(line: bytes) -> str:
    """Why *line* (no white space around it), refused alone with the mapped fields, is no record; of the same parser.

    A line that does not begin with ``{`` is no record whatever it is; only the word for it is asked of the faster parser
    of the standard library, for a file that is no JSONL at all has millions of them.
    """
    if line[0] != _OPEN:
        if line.count(b"[") + line.count(b"{") < _NESTED:
            return "not an object" if _is_json(line) else "not json"
        # A bare `null` at the start of its input kills pyarrow 25, so a value is shown to it inside an object.
        ways = (b'{"":' + line + b"}", b'{"":[' + line + b"]}")
        return "not an object" if all(_rows(way) == 1 for way in ways) else "not json"
    rows = _rows(line)
    if rows is None:
        return "not json"
    return "wrong type" if rows == 1 else "not an object"


def _without_misfits(
    buffer: memoryview, starts: Offsets, ends: Offsets, lines: Offsets, schemas: Sequence[pa.Schema]
) -> tuple[NDArray[np.bool_], list[tuple[int, str]]]:
    """(which of *lines* are still to be parsed, the others with their reasons)."""
    wrong = lines[misfits((bytes(buffer[starts[i] : ends[i]]) for i in lines), schemas)]
    left = np.zeros(len(starts), np.bool_)
    left[lines] = True
    left[wrong] = False
    held = [bytes(buffer[starts[i] : ends[i]]) for i in wrong]
    if _rows(b"\n".join(held)) == len(held):  # one object each, as of any run of lines
        return left, [(int(i), "wrong type") for i in wrong]
    return left, [(int(i), why_not(line)) for i, line in zip(wrong, held, strict=True)]


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line.decode(), parse_constant=_refuse)
    except ValueError:
        return False
    return True


def _refuse(constant: str) -> None:
    raise ValueError(constant)  # NaN and Infinity are no JSON


def _first_way(memory: pa.Buffer, ways: list[pa.Schema], rows: int) -> tuple[pa.Table | None, int]:
    """The table of the first schema that gives *rows* rows; else None and how many rows the furthest way took, or -1."""
    good = -1
    for i, schema in enumerate(ways):
        found = _read(memory, schema)
        if isinstance(found, pa.Table):
            if found.num_rows == rows:
                ways.insert(0, ways.pop(i))
                return found, rows
            continue
        row = _ROW.search(found)
        good = max(good, int(row.group(1)) if row else -1)
    return None, good


def _read(memory: pa.Buffer, schema: pa.Schema) -> pa.Table | str:
    """What the parser makes of *memory*: a table, or its message."""
    options = pj.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore")
    reading = pj.ReadOptions(use_threads=False, block_size=memory.size + 1)
    try:
        return pj.read_json(pa.BufferReader(memory), reading, options)
    except pa.ArrowInvalid as refusal:
        return str(refusal)


def _rows(text: bytes) -> int | None:
    found = _read(pa.py_buffer(text), _NO_FIELDS)
    return None if isinstance(found, str) else int(found.num_rows)


def _stripped(buffer: memoryview, starts: Offsets, ends: Offsets) -> tuple[Offsets, Offsets]:
    """Without the white space around each line; most lines have none."""
    octets = np.frombuffer(buffer, np.uint8)
    padded = np.flatnonzero((octets[starts] <= _SPACE) | (octets[ends - 1] <= _SPACE))
    if len(padded):
        starts, ends = starts.copy(), ends.copy()
    for i in padded:
        line = bytes(buffer[starts[i] : ends[i]])
        starts[i] += len(line) - len(line.lstrip(b" \t\r"))
        ends[i] -= len(line) - len(line.rstrip(b" \t\r"))
    return starts, ends


def _blanked(octets: NDArray[np.uint8], starts: Offsets, ends: Offsets, framed: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """A copy in which the lines that cannot be an object are white space, so the rest parses in one go."""
    copy = octets.copy()
    for i in np.flatnonzero(~framed):
        copy[starts[i] : ends[i]] = _SPACE
    return copy
