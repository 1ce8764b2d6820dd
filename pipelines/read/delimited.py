"""Read CSV and TSV: a record is a row as Python's `csv` reads it in strict mode, quoted newlines and all."""

import csv
import io
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from checks.authenticity.unmapped import FIELD, NAMES, fields_told
from pipelines.read.base import BLOCK_BYTES, LONGEST_RECORD_BYTES, Block, Careful, Framing, Shard, Span, Unread
from pipelines.read.blocks import broken_block, make_block
from pipelines.read.codec import DecodedFile, decoded
from pipelines.read.columns import field_paths
from pipelines.read.lines import BOM
from pipelines.read.searched import Searched
from pipelines.read.unmapped import as_column
from schemas.errors import ConfigError

_DELIMITERS = ",\t;|"


def read_delimited(
    shard: Shard, span: Span, framing: Framing, careful: Careful | None = None, window_bytes: int = BLOCK_BYTES
) -> Iterator[Block]:
    """The rows after the header (*span* is the whole), in blocks of about *window_bytes* of the decoded shard.

    The first row names the columns; the delimiter is the one of comma, tab, semicolon and bar that occurs most often in
    it. A row with another number of columns is `bad record`. Raises ConfigError where a mapped column is missing.
    """
    if span != Span():
        raise ValueError(span)
    lines = _Lines(DecodedFile(decoded(shard.stream(), framing.codec)))
    csv.field_size_limit(LONGEST_RECORD_BYTES)
    header = lines.header()
    if header is None:
        if lines.failure is not None:
            yield broken_block(lines.at, 0, lines.failure)
        return
    rows = csv.reader(lines, delimiter=_delimiter(header), strict=True)
    try:
        names = next(rows)
    except csv.Error:
        yield broken_block(0, lines.at, "bad record")
        return
    places = _places(names, {f: ".".join(p) for f, p in field_paths(framing).items()}, shard.name)
    yield from _blocks(rows, lines, _Columns(names, places), careful, window_bytes)


class _Columns:
    """The header's columns: which are mapped, and which could hold an implicit label that the mapping drops."""

    def __init__(self, names: list[str], places: dict[str, int]) -> None:
        self.width = len(names)
        self.places = places
        self._further = [(i, name) for i, name in enumerate(names) if i not in places.values()]
        self.are_a_label = any(name in NAMES for _, name in self._further)

    def label(self, row: list[str]) -> str | None:
        """What the columns that nothing is mapped to say of a label; empty ones say nothing."""
        return fields_told(tuple((name, row[i]) for i, name in self._further if row[i]), FIELD)


class _Lines:
    """The decoded shard's lines as text for `csv`, counting bytes. Bytes that are no UTF-8 become lone surrogates."""

    def __init__(self, file: DecodedFile) -> None:
        self._file = file
        self._searched = Searched(file)
        self._buffered = io.BufferedReader(self._searched, 1 << 20)
        self._next: bytes | None = None
        self.at = 0  # decoded offset after the last line given
        self.dirty = False  # whether a line since it was last cleared is no UTF-8
        self.unfinished = 0  # bytes of the line that a break left without its end

    @property
    def failure(self) -> str | None:
        return self._file.failure

    def name_a_label(self) -> bool:
        """Whether the lines given since it was last asked hold the name of a label's field."""
        return self._searched.passed(self.at)

    def header(self) -> bytes | None:
        """The first line that is not blank, still to be given; None if there is none."""
        line = self._read()
        if line.startswith(BOM):
            self.at, line = len(BOM), line[len(BOM) :]
        while line and not line.strip():
            self.at += len(line)
            line = self._read()
        self._next = line
        return line or None

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._read() if self._next is None else self._next
        self._next = None
        if not line:
            raise StopIteration
        self.at += len(line)
        try:
            return line.decode()
        except UnicodeDecodeError:
            self.dirty = True
            return line.decode(errors="surrogateescape")

    def _read(self) -> bytes:
        line = self._buffered.readline(LONGEST_RECORD_BYTES)
        if line and not line.endswith(b"\n") and self._file.failure is not None:
            self.unfinished = len(line)
            return b""
        return line


def _blocks(
    rows: Iterator[list[str]],
    lines: _Lines,
    columns: _Columns,
    careful: Careful | None,
    window_bytes: int,
) -> Iterator[Block]:
    block = _Block(columns.places)
    lines.name_a_label()  # the header does
    while True:
        begin, lines.dirty = lines.at, False
        if careful is not None and (block.framed == 0 or any(a <= begin < b for a, b in careful.slow)):
            careful.before(begin)
        reason, row = None, None
        try:
            row = next(rows)
        except StopIteration:
            break
        except csv.Error as error:
            reason = "too long" if "field larger" in str(error) else "bad record"
            if "unexpected end" in str(error):
                reason = lines.failure or "cut short"
        if row is not None and not row:
            continue
        if reason is None and row is not None and len(row) != columns.width:
            reason = "bad record"
        if careful is not None and begin in careful.skip:
            reason = careful.skip[begin]
        unfinished = lines.unfinished if reason is not None and lines.failure is not None else 0
        label = columns.label(row) if (lines.name_a_label() or columns.are_a_label) and row and not reason else None
        block.add(row, begin, lines.at + unfinished - begin, reason, dirty=lines.dirty, label=label)
        if unfinished:
            yield block.made()
            return
        if lines.at - block.begin >= window_bytes:
            yield block.made()
            block = _Block(columns.places)
    if block.framed:
        yield block.made()
    if lines.failure is not None:
        yield broken_block(lines.at, lines.unfinished, lines.failure)


class _Block:
    """Rows gathered for one block."""

    def __init__(self, places: dict[str, int]) -> None:
        self.begin = 0
        self.framed = 0
        self._places = places
        self._values: dict[str, list[str | None]] = {field: [] for field in places}
        self._index: list[int] = []
        self._offset: list[int] = []
        self._length: list[int] = []
        self._labels: list[str | None] = []
        self._unread: list[Unread] = []

    def add(
        self, row: list[str] | None, offset: int, length: int, reason: str | None, *, dirty: bool, label: str | None
    ) -> None:
        """One framed row, read if there is no *reason* and its mapped fields are UTF-8."""
        if self.framed == 0:
            self.begin = offset
        if reason is None and row is not None and dirty and not all(_is_text(row[p]) for p in self._places.values()):
            reason = "bad utf-8"
        if reason is not None or row is None:
            self._unread.append(Unread(self.framed, offset, length, reason or "bad record"))
        else:
            for field, place in self._places.items():
                self._values[field].append(row[place] if field == "text" else row[place] or None)
            self._index.append(self.framed)
            self._offset.append(offset)
            self._length.append(length)
            self._labels.append(label)
        self.framed += 1

    def made(self) -> Block:
        """The block of all rows so far."""
        columns = {
            field: pa.array(values, pa.large_string() if field == "text" else pa.string())
            for field, values in self._values.items()
        }
        if any(self._labels):
            columns |= as_column(self._labels)
        places = [np.array(numbers, np.int64) for numbers in (self._index, self._offset, self._length)]
        return make_block(columns, places[0], places[1], places[2], self._unread)


def _delimiter(header: bytes) -> str:
    counts = [header.count(d.encode()) for d in _DELIMITERS]
    return _DELIMITERS[counts.index(max(counts))]


def _places(names: list[str], paths: dict[str, str], shard: str) -> dict[str, int]:
    problems = [
        f"{shard}: there is no column {path!r}, to which {field!r} is mapped; its columns are {', '.join(names)}; "
        "correct `columns` in the source"
        for field, path in paths.items() if names.count(path) == 0
    ] + [
        f"{shard}: column {path!r}, to which {field!r} is mapped, stands there twice; rename one of them"
        for field, path in paths.items() if names.count(path) > 1
    ]  # fmt: skip
    if problems:
        raise ConfigError(*problems)
    return {field: names.index(path) for field, path in paths.items()}


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
