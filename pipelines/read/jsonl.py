"""Read JSONL: a record is one line, and what `pyarrow.json` says of that line alone is what it is."""

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipelines.read.base import BLOCK_BYTES, LONGEST_RECORD_BYTES, Block, Careful, Framing, Shard, Span, Unread
from pipelines.read.blocks import broken_block, invalid_rows, make_block
from pipelines.read.codec import decoded
from pipelines.read.judge import Verdicts, judge
from pipelines.read.lines import Window, cut_lines, too_long
from pipelines.read.shapes import Shape, shape_of
from pipelines.read.unmapped import labels_of_lines

Ints = NDArray[np.int64]


def read_jsonl(
    shard: Shard, span: Span, framing: Framing, careful: Careful | None = None, window_bytes: int = BLOCK_BYTES,
    longest_bytes: int = LONGEST_RECORD_BYTES,
) -> Iterator[Block]:  # fmt: skip
    """The records of the lines that begin in *span*, in blocks of about *window_bytes* of the decoded shard."""
    shape = shape_of(framing)
    stream = decoded(shard.stream(max(span.start - 1, 0)), framing.codec)
    return blocks_of(cut_lines(stream, span, window_bytes, longest_bytes), shape, careful, longest_bytes)


def blocks_of(
    windows: Iterable[Window], shape: Shape, careful: Careful | None, longest_bytes: int = LONGEST_RECORD_BYTES
) -> Iterator[Block]:
    """A block for each window that frames anything."""
    for window in windows:
        if len(window.starts):
            yield _block(window, shape, careful, longest_bytes)
        if window.lost is not None:
            yield broken_block(*window.lost)


def _block(window: Window, shape: Shape, careful: Careful | None, longest_bytes: int) -> Block:
    count = len(window.starts)
    reasons: dict[int, str] = {int(i): "too long" for i in np.flatnonzero(too_long(window, longest_bytes))}
    tables: list[tuple[Ints, pa.Table]] = []
    for low, high in _steps(window, careful, reasons):
        if careful is not None:
            careful.before(window.base + int(window.starts[low]))
        asked = np.array([i not in reasons for i in range(low, high)]) if reasons else np.ones(high - low, np.bool_)
        verdicts = _verdicts(window, low, high, asked, shape)
        reasons.update((low + line, reason) for line, reason in verdicts.bad)
        tables += [(lines + low, table) for lines, table in verdicts.tables]
    parts = [(lines, shape.columns(table)) for lines, table in _merged(tables)]
    again = sorted(i for i, reason in reasons.items() if reason == "wrong type")
    if again and shape.walk is not None:
        walked = shape.walk([bytes(window.buffer[window.starts[i] : window.ends[i]]) for i in again])
        parts.append((np.array([again[k] for k in walked.rows], np.int64), walked.columns))
        for line in again:
            del reasons[line]
        reasons.update((again[k], reason) for k, reason in walked.bad)
    good = [_sound(lines, columns, reasons) for lines, columns in parts]
    index, columns = _together([part for part in good if len(part[0])])
    columns.update(labels_of_lines(window, index, shape.schemas))
    starts, lengths = window.base + window.starts, window.ends - window.starts
    unread = [Unread(i, int(starts[i]), int(lengths[i]), reason) for i, reason in reasons.items()]
    block = make_block(columns, index, starts[index], lengths[index], unread)
    assert block.framed == count, (block.framed, count)
    return block


def _verdicts(window: Window, low: int, high: int, asked: NDArray[np.bool_], shape: Shape) -> Verdicts:
    """Of the *asked* lines from *low* up to *high*; those that no schema takes for a field's type are shown to the loose ones."""
    lines = window.buffer, window.starts[low:high], window.ends[low:high]
    told = judge(*lines, asked, shape.schemas)
    again = [line for line, reason in told.bad if reason == "wrong type"]
    if not shape.loose or not again:
        return told
    asked = np.zeros(high - low, np.bool_)
    asked[again] = True
    loose = judge(*lines, asked, shape.loose)
    return Verdicts(told.tables + loose.tables, [one for one in told.bad if one[1] != "wrong type"] + loose.bad)


def _steps(window: Window, careful: Careful | None, reasons: dict[int, str]) -> Iterator[tuple[int, int]]:
    """Runs of lines to parse at once: all, or single ones where a record is known to kill; skipped ones get a reason."""
    count = len(window.starts)
    if careful is None:
        yield 0, count
        return
    offsets = window.base + window.starts
    slow = np.zeros(count, np.bool_)
    for start, end in careful.slow:
        slow |= (offsets >= start) & (offsets < end)
    for offset, reason in careful.skip.items():
        at = int(np.searchsorted(offsets, offset))
        if at < count and offsets[at] == offset:
            reasons[at] = reason
    low = 0
    for i in np.flatnonzero(slow):
        if low < i:
            yield low, int(i)
        if int(i) not in reasons:
            yield int(i), int(i) + 1
        low = int(i) + 1
    if low < count:
        yield low, count


def _merged(tables: list[tuple[Ints, pa.Table]]) -> list[tuple[Ints, pa.Table]]:
    """The tables of one schema as one: between bad lines they may be small and many."""
    by_schema: dict[pa.Schema, list[tuple[Ints, pa.Table]]] = {}
    for lines, table in tables:
        by_schema.setdefault(table.schema, []).append((lines, table))
    return [
        same[0] if len(same) == 1
        else (np.concatenate([lines for lines, _ in same]), pa.concat_tables([t for _, t in same]).combine_chunks())
        for same in by_schema.values()
    ]  # fmt: skip


def _sound(lines: Ints, columns: dict[str, pa.Array], reasons: dict[int, str]) -> tuple[Ints, dict[str, pa.Array]]:
    """The rows that have a text and whose mapped fields are all UTF-8; the others get their reason."""
    refused: dict[int, str] = {}
    for column in columns.values():
        refused.update(dict.fromkeys(invalid_rows(column), "bad utf-8"))
    if columns["text"].null_count:
        missing = columns["text"].is_null().to_numpy(zero_copy_only=False)
        refused.update(dict.fromkeys(map(int, np.flatnonzero(missing)), "no text"))
    if not refused:
        return lines, columns
    reasons.update((int(lines[row]), reason) for row, reason in refused.items())
    kept = np.setdiff1d(np.arange(len(lines)), np.array(list(refused)), assume_unique=True)
    return lines[kept], {name: column.take(pa.array(kept)) for name, column in columns.items()}


def _together(parts: list[tuple[Ints, dict[str, pa.Array]]]) -> tuple[Ints, dict[str, pa.Array]]:
    """All parts as one, in the order of their lines."""
    if not parts:
        return np.empty(0, np.int64), {}
    if len(parts) == 1:
        return parts[0]
    index = np.concatenate([lines for lines, _ in parts])
    columns = {name: pa.concat_arrays([part[name] for _, part in parts]) for name in parts[0][1]}
    order = np.argsort(index, kind="stable")
    if (order[1:] > order[:-1]).all():
        return index, columns
    take = pa.array(order)
    return index[order], {name: pc.take(column, take) for name, column in columns.items()}
