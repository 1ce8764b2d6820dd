"""Records of restricted datasets in the corpus, by field: the same terms, almost the same ones, or half of a passage.

The datasets are the customer's list, fingerprints named in run.yaml under `restricted`; without any nothing is known, which
is not zero. A dataset that was translated or rephrased is not found.
"""

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from checks.base import Check, Measure, Measures, Seen, Tally, registry_value
from checks.laundering.entries import MOST_SETS
from checks.laundering.index import Index, held_index
from checks.laundering.matching import Found, byte_places, found_in
from checks.laundering.values import FIELDS, Ints, Points, plain_text, values_of
from checks.terms import SCHEME
from schemas.finding import FINDING
from schemas.record import TERMS
from schemas.shares import share_ppm

FOUND: Final = pa.schema(
    [
        *FINDING,  # score_ppm: of the value's terms, or of its keys, those that the record has
        pa.field("item", pa.uint32(), nullable=False),  # record of the restricted dataset, from 1
    ]
)
RESTRICTED: Final = pa.schema(
    [
        pa.field("restricted", pa.string(), nullable=False),  # dataset.field
        pa.field("records", pa.int64(), nullable=False),
        pa.field("bytes", pa.int64(), nullable=False),  # of text
        pa.field("exact", pa.int64(), nullable=False),
    ]
)
_LICENCE: Final = "source.licence"
_PPM: Final = 1_000_000
_LEAST_NEAR_PPM: Final = 500_000


@dataclass(frozen=True)
class Laundering(Check):
    """Recognise records of restricted datasets under any label; name dataset, field, record and licence, never a text.

    A record that is known from a dataset is under its licence from here on, beside what it declares itself.

    *near_ppm*: from this share of its terms on in common a prompt is the dataset's.

    The rest follows from `restricted` of run.yaml, in the order of *sets*: *licences* that the datasets have, *versions* of
    them (empty: not told), *files*: sha256 of each fingerprint; *items* records in each dataset; *sought* values and *not_sought* ones; *index*: sha256 of the object
    of all their hashes.
    """

    name: ClassVar[str] = "laundering"
    version: ClassVar[int] = 1
    tally_bytes: ClassVar[int] = 512
    reads: ClassVar[tuple[str, ...]] = (_LICENCE,)
    measures: ClassVar[tuple[Measure, ...]] = (
        Measure("records", "records", "records looked at for values of restricted datasets"),
        Measure(
            "restricted_records",
            "records",
            "records that a fingerprint of a restricted dataset knows, by any field: all terms of a value, near_ppm (700000) of "
            "the terms of a prompt (all but two of six), or half of the keys of a passage",
        ),
        Measure("restricted_records_ppm", "ppm", "restricted_records of records"),
        Measure(
            "relabelled_records",
            "records",
            "restricted_records for which neither the record nor, where it says nothing, its source declares the licence of "
            "every restricted dataset that knows it",
        ),
        Measure("exact_records", "records", "restricted_records of which a turn or a text has all terms of a value, in order; of at most 64 terms"),
        Measure("prompt_records", "records", "restricted_records known by a prompt of a dataset"),
        Measure("response_records", "records", "restricted_records known by a response of a dataset"),
        Measure("text_records", "records", "restricted_records known by a text of a dataset, of records without turns"),
        Measure("datasets", "datasets", "restricted datasets given; the same for every source"),
        Measure("dataset_records", "records", "records of these datasets; the same for every source"),
        Measure("values_sought", "values", "prompts, responses and texts of them that are sought; the same for every source"),
        Measure(
            "values_not_sought",
            "values",
            "values of them too short to be told by, equal to an earlier one, or nothing but wording of their dataset",
        ),
    )  # fmt: skip
    finding_schema: ClassVar[pa.Schema | None] = FOUND
    table_schemas: ClassVar[dict[str, pa.Schema]] = {"restricted": RESTRICTED}

    near_ppm: int = 700_000
    sets: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    items: tuple[int, ...] = ()
    sought: tuple[int, ...] = ()
    not_sought: tuple[int, ...] = ()
    index: str | None = None

    def __post_init__(self) -> None:
        """Refuse a share that knows everything, and what only fingerprints may set."""
        if not _LEAST_NEAR_PPM <= self.near_ppm <= _PPM:
            msg = f"near_ppm is {self.near_ppm}; take {_LEAST_NEAR_PPM} to {_PPM}"
            raise ValueError(msg)
        told = (self.licences, self.versions, self.files, self.items, self.sought, self.not_sought)
        if (self.index is None) != (not self.sets) or any(len(t) != len(self.sets) for t in told):
            msg = "sets, index and counts follow from `restricted`; leave them out here"
            raise ValueError(msg)
        if len(self.sets) > MOST_SETS:
            msg = f"{len(self.sets)} restricted datasets; at most {MOST_SETS}"
            raise ValueError(msg)

    @property
    def gives_terms(self) -> bool:
        """Only where there are datasets."""
        return self.index is not None

    def inputs(self) -> dict[str, str]:
        """The index, and the fold table and terms it was made with; nothing without sets, for nothing is read then."""
        if self.index is None:
            return {}
        return {"restricted index": self.index, "fold": SCHEME.fold, "terms": SCHEME.terms}

    def zero(self) -> Tally:
        """No records; *fields*: known by each of FIELDS."""
        return {"records": 0, "known": 0, "exact": 0, "relabelled": 0, "fields": [0] * len(FIELDS)}

    def look(self, batch: pa.RecordBatch) -> Seen:
        """One finding for each record, dataset and field of it: the best; without sets nothing is read."""
        total = self.zero()
        if self.index is None:
            return Seen(total)
        index, text = held_index(self.index), plain_text(batch)
        points = Points.of(text)
        total["records"] = batch.num_rows
        found = _best(found_in(text, values_of(batch, points), index, self.near_ppm), index)
        if not len(found.row):
            return Seen(total, findings=FOUND.empty_table(), tables={"restricted": RESTRICTED.empty_table()})
        sets, fields = index.sets[found.owner], index.fields[found.owner]
        total["known"] = len(np.unique(found.row))
        total["exact"] = len(np.unique(found.row[found.exact > 0]))
        total["relabelled"] = len(np.unique(found.row[self._relabelled(batch, found.row, sets)]))
        total["fields"] = [len(np.unique(found.row[fields == f])) for f in range(len(FIELDS))]
        names = [f"{name}.{field}" for name in self.sets for field in FIELDS]
        codes = pa.array((sets * len(FIELDS) + fields).astype(np.int32))
        known = pa.DictionaryArray.from_arrays(codes, pa.array(names, pa.string())).cast(pa.string())
        counted = [
            known,
            pa.array(np.ones(len(sets), np.int64)),
            pa.array(np.diff(points.bounds)[found.row]),
            pa.array(found.exact),
        ]
        table = pa.Table.from_arrays(counted, schema=RESTRICTED)
        findings = self._findings(batch, found, index, known, points)
        return Seen(total, findings, tables={"restricted": table}, terms=self._terms(findings, known, sets))

    def _terms(self, findings: pa.Table, known: pa.Array, sets: Ints) -> pa.Table:
        """Every finding as the licence of its dataset; *known*: dataset.field of each."""
        n = findings.num_rows
        codes = pa.array(sets.astype(np.int32))
        licence = pa.DictionaryArray.from_arrays(codes, pa.array(self.licences, pa.string())).cast(pa.string())
        said = {
            "row": findings.column("row"), "licence": licence, "detector": pa.repeat(self.name, n),
            "version": pa.repeat(pa.scalar(self.version, pa.int32()), n), "what": known,
            "confidence_ppm": findings.column("score_ppm"),
        }  # fmt: skip
        return pa.table([said[name] if name in said else findings.column(name) for name in TERMS.names], schema=TERMS)

    def _relabelled(self, batch: pa.RecordBatch, row: Ints, sets: Ints) -> npt.NDArray[np.bool_]:
        """bool[n]: the licence that holds for the row is not that of the set."""
        own = batch.column("declared_licence").take(pa.array(row))
        source = registry_value(batch, _LICENCE)
        coded = (own if source is None else own.fill_null(source)).dictionary_encode("encode")
        declared = [_plain(licence) for licence in coded.dictionary.to_pylist()]
        other = [[licence is None or licence != _plain(its) for its in self.licences] for licence in declared]
        relabelled: npt.NDArray[np.bool_] = np.array(other, np.bool_)[coded.indices.to_numpy(), sets]
        return relabelled

    def _findings(self, batch: pa.RecordBatch, found: Found, index: Index, known: pa.Array, points: Points) -> pa.Table:
        start, end, start_byte, end_byte = byte_places(found, points)
        row = np.asarray(batch.column("row").to_numpy(zero_copy_only=False), np.uint32)[found.row]
        items = pa.array(index.items[found.owner].astype(np.uint32))
        # Of each set: as known by part of its terms, and by all.
        told = [f"{how}: {licence}" for licence in self.licences for how in (", part of the terms", ", all terms")]
        codes = pa.array((2 * index.sets[found.owner] + found.exact).astype(np.int32))
        how = pa.DictionaryArray.from_arrays(codes, pa.array(told, pa.string())).cast(pa.string())
        detail = pc.binary_join_element_wise(pa.scalar("record "), items.cast(pa.string()), how, pa.scalar(""))
        bad = _no_utf8(batch.column("text"), found.row)
        return pa.table(
            [
                pc.binary_join_element_wise(pa.scalar("laundering."), known, pa.scalar("")), pa.array(row), pa.array(start),
                pa.array(end), pa.array(start_byte, mask=bad), pa.array(end_byte, mask=bad),
                pa.array(found.score.astype(np.int32)), detail, items,
            ],
            schema=FOUND,
        )  # fmt: skip

    def report(self, total: Tally) -> Measures:
        """Counts and shares; of no datasets nothing is known, and everything is None."""
        if self.index is None:
            return dict.fromkeys((m.name for m in self.measures), None)
        records, known = total["records"], total["known"]
        return {
            "records": records, "restricted_records": known,
            "restricted_records_ppm": share_ppm(known, records), "relabelled_records": total["relabelled"],
            "exact_records": total["exact"], **{f"{f}_records": n for f, n in zip(FIELDS, total["fields"], strict=True)},
            "datasets": len(self.sets), "dataset_records": sum(self.items), "values_sought": sum(self.sought),
            "values_not_sought": sum(self.not_sought),
        }  # fmt: skip


def _best(found: Found, index: Index) -> Found:
    """Of each row, dataset and field the one of all terms, else of the highest score; ties by the least record; of two places
    of one the whole turn, and the first.
    """
    sets, fields = index.sets[found.owner], index.fields[found.owner]
    order = np.lexsort((found.start, found.start < 0, found.owner, -found.score, -found.exact, fields, sets, found.row))
    group = np.stack([found.row, sets, fields], 1)[order]
    fresh = np.ones(len(order), np.bool_)
    fresh[1:] = (group[1:] != group[:-1]).any(1)
    return found.take(order[fresh])


def _plain(licence: str | None) -> str | None:
    """Case and blanks aside, as SPDX compares licence ids."""
    return None if licence is None else " ".join(licence.split()).casefold()


def _no_utf8(text: pa.Array, rows: Ints) -> npt.NDArray[np.bool_]:
    """bool[n]: rows in which no bytes of a code point are known, for they are no UTF-8."""
    if _is_utf8(text):
        return np.zeros(len(rows), np.bool_)
    return np.array([not _is_utf8(text.slice(row, 1)) for row in rows.tolist()], np.bool_)


def _is_utf8(text: pa.Array) -> bool:
    try:
        text.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True
