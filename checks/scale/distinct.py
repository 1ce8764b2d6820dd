"""How many different runs of terms texts hold, and how far they compress: sketches and sums that add up in any order."""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from checks.loaded import per_thread
from checks.mixed import mixed
from checks.signs.count import utf8_buffers
from checks.terms import shingle_runs
from schemas.diversity import RANKS, REGISTERS, registers_of, written

WIDTHS: Final = (1, 2, 3)
LONGEST: Final = 262_144
"""Code points of one text that are looked at: a longer one is cut there."""
SEGMENT: Final = 100
"""Terms of one segment."""
BLOCK: Final = 4_096
MOST_BLOCKS: Final = 16
"""Bytes of one block, and how many blocks of one text are compressed."""
LEVEL: Final = 3

Registers = npt.NDArray[np.uint8]
Hashes = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]
_LOW: Final = np.uint64((1 << RANKS) - 1)


class Runs(NamedTuple):
    """*runs*: int[3], of one, two and three terms; *registers*: uint8[3, REGISTERS]; *segments* of SEGMENT terms within one
    text, and the *different* terms of each, added up.
    """

    runs: tuple[int, ...]
    registers: Registers
    segments: int
    different: int


def runs_of(text: pa.Array) -> Runs:
    """What the runs of one, two and three terms of these texts come to (terms as `checks.terms` has them)."""
    terms, _, at = shingle_runs(text, np.arange(len(text), dtype=np.intp), 1)
    lengths = np.diff(at)
    places = np.arange(len(terms)) - np.repeat(at[:-1], lengths)
    left = np.repeat(lengths, lengths) - places  # terms of the same text from this one on
    registers, runs = np.zeros((len(WIDTHS), REGISTERS), np.uint8), []
    hashes = mixed(terms)
    for place, width in enumerate(WIDTHS):
        if width > 1:
            hashes = mixed(hashes[:-1] + terms[width - 1 :]) if len(hashes) else hashes
        whole = hashes[left[: len(hashes)] >= width]
        runs.append(len(whole))
        note(registers[place], whole)
    return Runs(tuple(runs), registers, *_segments(terms, lengths, places))


def note(registers: Registers, hashes: Hashes) -> None:
    """Let a sketch see *hashes*: the upper bits choose a register, which keeps the most leading zeros, plus one, of the rest."""
    low = hashes & _LOW
    # The exponent of a whole number below 2**53 is its bit length, exactly.
    exponents = low.astype(np.float64).view(np.int64) >> 52
    ranks = np.where(low == 0, RANKS + 1, RANKS + 1023 - exponents).astype(np.uint8)
    np.maximum.at(registers, (hashes >> np.uint64(RANKS)).astype(np.intp), ranks)


def united(a: str, b: str) -> str:
    """The sketch that saw what either saw; both as `schemas.diversity.written`."""
    if not a or not b:
        return a or b
    both = (np.frombuffer(registers_of(signs), np.uint8) for signs in (a, b))
    return written(np.maximum(*both).tobytes())


class Compressed(NamedTuple):
    """Blocks of BLOCK bytes, and the bytes that they come to, each compressed by itself."""

    blocks: int
    size: int


def compressed(text: pa.Array) -> Compressed:
    """Whole blocks from the start of each text, MOST_BLOCKS of one at most; a text that is shorter than one gives none."""
    press = per_thread("checks.scale.press", _press)
    offsets, data = utf8_buffers(text)
    lengths = np.where(np.asarray(text.is_valid()), np.diff(offsets), 0)
    blocks = np.minimum(lengths // BLOCK, MOST_BLOCKS)
    size = 0
    for row in np.flatnonzero(blocks).tolist():
        start = int(offsets[row])
        size += sum(
            len(press.compress(data[at : at + BLOCK])) for at in range(start, start + int(blocks[row]) * BLOCK, BLOCK)
        )
    return Compressed(int(blocks.sum()), size)


def _press() -> Any:
    import zstandard

    return zstandard.ZstdCompressor(level=LEVEL, write_content_size=False, write_checksum=False, write_dict_id=False)


def compressor() -> str:
    """The version of what compresses: another one may give another size."""
    import zstandard

    return ".".join(map(str, zstandard.ZSTD_VERSION))


def shortened(text: pa.Array) -> pa.Array:
    """Each text's first LONGEST code points."""
    if not len(text) or (pc.max(pc.binary_length(text)).as_py() or 0) <= LONGEST:
        return text
    return pc.utf8_slice_codeunits(text, 0, LONGEST)


def _segments(hashes: Hashes, lengths: Ints, places: Ints) -> tuple[int, int]:
    """Segments of SEGMENT terms, none over two texts, and the different terms of each, added up."""
    many = lengths // SEGMENT
    total = int(many.sum())
    if not total:
        return 0, 0
    whole = hashes[places < np.repeat(many * SEGMENT, lengths)].reshape(total, SEGMENT)
    ordered = np.sort(whole, axis=1)
    return total, total + int(np.count_nonzero(ordered[:, 1:] != ordered[:, :-1]))
