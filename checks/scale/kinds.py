"""The kind of content of the drawn rows of a batch, and how it was told: worked out once for the checks that ask for it."""

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks.addresses import given
from checks.base import registry_value
from checks.loaded import of_arrays
from checks.scale.cues import kinds_by_text
from checks.scale.sites import kinds_by_address
from schemas.content_kinds import ADDRESS, CONTENT_KINDS, DECLARED, KINDS, LAYOUT, METHODS, NONE, TEXT, UNKNOWN

KIND_READS: Final = ("source.content_kind",)
_UNKNOWN: Final = KINDS.index(UNKNOWN)

Codes = npt.NDArray[np.int8]


def kinds_of(batch: pa.RecordBatch, at: pa.Array, text: pa.Array) -> tuple[Codes, Codes]:
    """int8[n] each: places in KINDS and METHODS of the rows *at*; *text*: theirs, valid UTF-8 without nulls.

    The thread's last answer is kept for the next check that asks, with the very columns it is for. Not to be written to.
    """
    columns = [batch.column(name) for name in ("text", "url", "roles") if name in batch.schema.names]
    declared = registry_value(batch, KIND_READS[0])
    return of_arrays("kinds of content", columns, lambda: _kinds(batch, at, text, declared), declared, at.to_pylist())


def _kinds(batch: pa.RecordBatch, at: pa.Array, text: pa.Array, declared: str | None) -> tuple[Codes, Codes]:
    if declared in CONTENT_KINDS:
        return np.full(len(at), KINDS.index(declared), np.int8), np.full(len(at), METHODS.index(DECLARED), np.int8)
    kinds = kinds_by_address(given(batch.select(["url"]).take(at), "url"))
    methods = np.full(len(at), METHODS.index(ADDRESS), np.int8)
    if "roles" in batch.schema.names:
        turns = np.asarray(batch.column("roles").is_valid().take(at))
        kinds[turns], methods[turns] = KINDS.index("dialogue"), METHODS.index(LAYOUT)
    left = np.flatnonzero(kinds == _UNKNOWN)
    kinds[left] = kinds_by_text(text.take(pa.array(left)))
    methods[left] = np.where(kinds[left] == _UNKNOWN, METHODS.index(NONE), METHODS.index(TEXT))
    return kinds, methods
