"""Lines and paragraphs of the rows of an Arrow string array, by the kernel or without it, and counted by hash."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks import kernels
from checks.kernels import line_calls
from checks.kernels.line_calls import PIECE, Pieces
from checks.pairs import sorted_rows
from checks.repetition import reference
from checks.signs.count import utf8_buffers
from checks.terms.fold import fold

COUNTED = pa.schema(
    [
        pa.field("hash", pa.uint64(), nullable=False),
        pa.field("records", pa.int64(), nullable=False),  # in how many records
        pa.field("places", pa.int64(), nullable=False),  # how often
        pa.field("bytes", pa.int64(), nullable=False),  # UTF-8 bytes of all of them, without the line feed behind each
        pa.field("row", pa.uint32(), nullable=False),  # the least record that has it
    ]
)


def pieces_of(text: pa.Array, shortest: int) -> tuple[Pieces, Pieces]:
    """PIECE[l] lines and PIECE[p] paragraphs of at least *shortest* terms, as `checks.repetition.reference` defines them.

    *text*: String or LargeString, slices and nulls are fine; `row` counts from 0. Raises ``ValueError`` where the array's
    offsets lie outside its data.
    """
    library = kernels.library()
    if library is None:
        return _by_reference(text, shortest)
    frozen = fold()
    return line_calls.lines_of_rows(library, text, (frozen.table, frozen.expansions), shortest)


def counted(found: Pieces, rows: npt.NDArray[np.uint32]) -> pa.Table:
    """COUNTED of pieces that come row after row, sorted by hash; *rows*: the number of the record in each row."""
    hashes, row = np.ascontiguousarray(found["hash"]), np.ascontiguousarray(found["row"])
    order = sorted_rows(hashes, np.zeros(len(found), np.uint32), row.view(np.uint64))
    hashes, row, size = hashes[order], row[order], (found["end"] - found["start"])[order]
    is_new = np.ones(len(found), np.bool_)
    np.not_equal(hashes[1:], hashes[:-1], out=is_new[1:])
    starts = np.flatnonzero(is_new)
    in_new_record = is_new.copy()
    in_new_record[1:] |= row[1:] != row[:-1]
    if not len(starts):
        return COUNTED.empty_table()
    columns = [
        hashes[starts], np.add.reduceat(in_new_record, starts, dtype=np.int64), np.diff(starts, append=len(found)),
        np.add.reduceat(size, starts), np.minimum.reduceat(rows[row], starts),
    ]  # fmt: skip
    return pa.Table.from_arrays([pa.array(c, f.type) for c, f in zip(columns, COUNTED, strict=True)], schema=COUNTED)


def _by_reference(text: pa.Array, shortest: int) -> tuple[Pieces, Pieces]:
    offsets, data = utf8_buffers(text)
    if offsets[0] < 0 or (np.diff(offsets) < 0).any() or offsets[-1] > len(data):
        raise ValueError("text array: a row's offsets lie outside the data")
    present = np.asarray(text.is_valid()).tolist()
    found: tuple[list[tuple[int, ...]], list[tuple[int, ...]]] = ([], [])
    for row, (is_there, (start, end)) in enumerate(zip(present, pairwise(offsets.tolist()), strict=True)):
        for kind, made in zip(
            found, reference.pieces(bytes(data[start:end]) if is_there else b"", shortest), strict=True
        ):
            kind += [(p.hash, row, p.start, p.end, p.terms) for p in made]
    return np.array(found[0], PIECE), np.array(found[1], PIECE)
