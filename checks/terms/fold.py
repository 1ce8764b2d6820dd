"""The frozen fold table: read, held to its digest; ``python -m checks.terms.fold --write`` makes it anew.

It lies in `fold_table.zlib`: the bytes of the canonical form in four planes (all lowest bytes first), compressed. The
canonical form is the table, 0x110000 little-endian uint32, and the expansions behind it, uint32 likewise; `fold_digest()`
is its SHA-256 and stands in every signature file and manifest. What an entry means: `checks.terms.fold_rules`.
"""

import hashlib
import sys
import unicodedata
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from checks.loaded import once
from checks.terms.fold_rules import CODE_POINTS, UNICODE, fold_table

PATH: Final = Path(__file__).with_name("fold_table.zlib")
DIGEST: Final = "e657a805eecfe1079853ea193b8785e36b411e95470debdf551504d8a0fa29ab"
"""A table of another digest gives other terms: whoever changes it changes `checks.terms.VERSION` too."""


@dataclass(frozen=True, slots=True)
class Fold:
    """*table*: uint32[0x110000]; *expansions*: uint32[any]; both read-only."""

    table: npt.NDArray[np.uint32]
    expansions: npt.NDArray[np.uint32]


def fold() -> Fold:
    """The frozen table, read once a process. Raises ``ValueError`` where the file is not the one that DIGEST names."""
    return once("checks.terms.fold", _frozen)


def fold_digest() -> str:
    """SHA-256 of the canonical form, in hexadecimal digits."""
    return DIGEST


def canonical(table: npt.NDArray[np.uint32], expansions: npt.NDArray[np.uint32]) -> bytes:
    """The bytes that `fold_digest` is of."""
    return table.astype("<u4").tobytes() + expansions.astype("<u4").tobytes()


def packed(content: bytes) -> bytes:
    """The file's bytes for a canonical form."""
    return zlib.compress(np.frombuffer(content, np.uint8).reshape(-1, 4).T.tobytes(), 9)


def unpacked(file: bytes) -> bytes:
    """The canonical form again. Raises ``ValueError`` for bytes that are none."""
    try:
        planes = np.frombuffer(zlib.decompress(file), np.uint8)
        return planes.reshape(4, -1).T.tobytes()
    except (zlib.error, ValueError) as error:
        msg = f"{PATH.name}: {error}; take the file of this version again"
        raise ValueError(msg) from error


def _frozen() -> Fold:
    content = unpacked(PATH.read_bytes())
    found = hashlib.sha256(content).hexdigest()
    if found != DIGEST:
        msg = f"{PATH.name}: SHA-256 {found[:16]}…, not {DIGEST[:16]}…; take the file of this version again"
        raise ValueError(msg)
    entries = np.frombuffer(content, "<u4").astype(np.uint32)
    entries.flags.writeable = False
    return Fold(entries[:CODE_POINTS], entries[CODE_POINTS:])


def main(arguments: list[str]) -> int:
    """Print the digest of the table that this Python gives; with ``--write``, put it in its place."""
    if unicodedata.unidata_version != UNICODE or arguments not in ([], ["--write"]):
        sys.stderr.write(f"usage: python -m checks.terms.fold [--write], by a Python with Unicode {UNICODE} (3.11)\n")
        return 2
    content = canonical(*fold_table())
    digest = hashlib.sha256(content).hexdigest()
    if arguments:
        PATH.write_bytes(packed(content))
    sys.stdout.write(
        f"{digest}{'' if digest == DIGEST else ': set DIGEST here, and another VERSION in checks/terms'}\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
