"""What other checks say of a record's terms, as the pipeline hands it over in a column: evidence beside that of its own."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from checks.licence.classes import Declared, registered
from checks.licence.fields import Fields
from schemas.finding import FINDING
from schemas.record import LICENCE_TERMS

Indices = npt.NDArray[np.int64]
_PLACES: Final = ("start", "end", "start_byte", "end_byte")


class Handed(NamedTuple):
    """*sets*: distinct sets of (detector, what its term declares), the first empty; *of_row*: the one of each row; *pieces*:
    how many each row has; *findings*: one for each piece, the rule the detector's name.
    """

    sets: list[tuple[tuple[str, Declared], ...]]
    of_row: Indices
    pieces: Indices
    findings: pa.Table


def handed_of(batch: pa.RecordBatch) -> Handed | None:
    """What *batch* brings along; None where there is nothing."""
    if LICENCE_TERMS not in batch.schema.names:
        return None
    lists = batch.column(LICENCE_TERMS)
    terms = lists.flatten()
    if not len(terms):
        return None
    pieces = np.asarray(pc.fill_null(pc.list_value_length(lists), 0), np.int64)
    named = pc.binary_join_element_wise(terms.field("detector"), terms.field("licence"), "\n").dictionary_encode()
    said = [_said(one) for one in named.dictionary.to_pylist()]
    code = np.asarray(named.indices, np.int64).tolist()
    distinct: dict[tuple[int, ...], int] = {(): 0}
    of_row = np.zeros(len(lists), np.int64)
    at = 0
    for row in np.flatnonzero(pieces).tolist():
        end = at + int(pieces[row])
        of_row[row] = distinct.setdefault(tuple(sorted(set(code[at:end]))), len(distinct))
        at = end
    sets = [tuple(sorted({said[c] for c in codes}, key=repr)) for codes in distinct]
    rows = batch.column("row").take(pa.array(np.repeat(np.arange(len(lists)), pieces)))
    return Handed(sets, of_row, pieces, _findings(rows, terms))


def with_handed(records: Sequence[Fields], of_row: Indices, handed: Handed) -> tuple[list[Fields], Indices]:
    """Distinct *records* (the one of each row in *of_row*) parted by what was handed over of their rows."""
    wide = len(handed.sets)
    both, parted = np.unique(of_row * wide + handed.of_row, return_inverse=True)
    found = [records[one // wide]._replace(terms=handed.sets[one % wide]) for one in both.tolist()]
    return found, parted.astype(np.int64)


def _said(named: str) -> tuple[str, Declared]:
    detector, _, licence = named.partition("\n")
    return detector, registered(licence)


def _findings(rows: pa.Array, terms: pa.StructArray) -> pa.Table:
    version = terms.field("version").cast(pa.string())
    parts = (terms.field("licence"), " (", terms.field("detector"), " ", version, ": ", terms.field("what"), ")", "")
    columns = {
        "rule": pc.binary_join_element_wise("licence", terms.field("detector"), "."),
        "row": rows,
        **{name: terms.field(name) for name in _PLACES},
        "score_ppm": terms.field("confidence_ppm"),
        "detail": pc.binary_join_element_wise(*parts),
    }
    return pa.table(columns, schema=FINDING)
