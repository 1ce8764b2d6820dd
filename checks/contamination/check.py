"""Items of evaluation sets in the corpus: where a record holds terms of one in a row, 13 of them, 30 in Chinese text.

The sets are the customer's, named in run.yaml; without any there is nothing to measure, which is not zero. A set that was
rephrased or translated is not found: what is looked for are copies, also of a part.
"""

from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks.base import Check, Measure, Measures, Seen, Tally
from checks.contamination.entries import Widths, mostly_han
from checks.contamination.index import Index, Shelf, Spans, byte_places, held_index
from checks.signs import signs_of
from checks.terms import SCHEME
from schemas.finding import FINDING, ORDER
from schemas.shares import share_ppm
from schemas.tallies import added

FOUND: Final = pa.schema(
    [
        *FINDING,  # score_ppm: shingles of the item that the record has, of all that are sought
        pa.field("item", pa.uint32(), nullable=False),  # line of the set's file, from 1
    ]
)
_LEAST_WIDTH: Final = 5
_MOST_WIDTH: Final = 64
_PPM: Final = 1_000_000
_COUNTED: Final = ("records", "contaminated", "spans")


@dataclass(frozen=True)
class Contamination(Check):
    """Find records that hold shingles of items of evaluation sets; name set, item and overlap, never a text.

    *terms*, *terms_han*: width of a shingle, the second for records and items most of whose terms are Han characters.
    *most_items*: a shingle that more items of a set share is wording of the set and counts for none. *most_spans*: of one
    item in one record so many spans are listed; all are counted.

    The rest follows from `evaluation_sets` of run.yaml, in the order of *sets*: *index*, sha256 of the object of hashes;
    *items* as given, of which *sought*, *too_short*, *repeated* and *wording* (`checks.contamination.entries.SetCounts`);
    *shingles* in the index.
    """

    name: ClassVar[str] = "contamination"
    version: ClassVar[int] = 1
    tally_bytes: ClassVar[int] = 44_032  # a bit for each of MOST_ITEMS, six to a byte
    measures: ClassVar[tuple[Measure, ...]] = (
        Measure("records", "records", "records looked at for items of evaluation sets"),
        Measure(
            "contaminated_records",
            "records",
            "records that have a shingle in common with an item: 13 terms in a row, 30 in records most of whose terms are "
            "Han characters",
        ),
        Measure("contaminated_records_ppm", "ppm", "contaminated_records of records"),
        Measure("contaminated_spans", "spans", "stretches of text that an item has too, once for each such item"),
        Measure("items_found", "items", "different items of which at least one record has a shingle"),
        Measure("items_found_ppm", "ppm", "items_found of items_sought"),
        Measure("sets", "sets", "evaluation sets given; the same for every source"),
        Measure("items", "items", "items of these sets; the same for every source"),
        Measure("items_sought", "items", "items with shingles of their own; the same for every source"),
        Measure(
            "items_too_short",
            "items",
            "items of fewer terms than a shingle has (13; 30 where most are Han characters): not sought",
        ),
        Measure(
            "items_set_aside",
            "items",
            "items not sought because an earlier item of the set has the same terms, or because all their shingles are "
            "wording that more than `most_items` (16) items share",
        ),
    )
    finding_schema: ClassVar[pa.Schema | None] = FOUND

    terms: int = 13
    terms_han: int = 30
    most_items: int = 16
    most_spans: int = 16
    sets: tuple[str, ...] = ()
    index: str | None = None
    items: tuple[int, ...] = ()
    sought: tuple[int, ...] = ()
    too_short: tuple[int, ...] = ()
    repeated: tuple[int, ...] = ()
    wording: tuple[int, ...] = ()
    shingles: int = 0

    def __post_init__(self) -> None:
        """Refuse widths that find everything or nothing, and what only evaluation sets may set."""
        for name in ("terms", "terms_han"):
            if not _LEAST_WIDTH <= getattr(self, name) <= _MOST_WIDTH:
                msg = f"{name} is {getattr(self, name)}; take {_LEAST_WIDTH} to {_MOST_WIDTH}"
                raise ValueError(msg)
        if self.most_items < 1 or self.most_spans < 1:
            msg = f"most_items is {self.most_items}, most_spans {self.most_spans}; each at least 1"
            raise ValueError(msg)
        counts = (self.items, self.sought, self.too_short, self.repeated, self.wording)
        if (self.index is None) != (not self.sets) or any(len(c) != len(self.sets) for c in counts):
            msg = "sets, index and counts follow from `evaluation_sets`; leave them out here"
            raise ValueError(msg)

    @property
    def widths(self) -> Widths:
        """The two widths together."""
        return Widths(self.terms, self.terms_han)

    def inputs(self) -> dict[str, str]:
        """The index, and the fold table and terms it was made with; nothing without sets, for nothing is read then."""
        if self.index is None:
            return {}
        return {"evaluation index": self.index, "fold": SCHEME.fold, "terms": SCHEME.terms}

    def zero(self) -> Tally:
        """No records; *found*: a bit for each item, in base64, as long as the last that is set."""
        return {**dict.fromkeys(_COUNTED, 0), "found": ""}

    def look(self, batch: pa.RecordBatch) -> Seen:
        """One finding a span; without sets nothing is read."""
        if self.index is None:
            return Seen(self.zero())
        index, text, is_han = held_index(self.index), batch.column("text"), mostly_han(signs_of(batch))
        row = np.asarray(batch.column("row").to_numpy(zero_copy_only=False), np.uint32)
        total, items, tables = self.zero(), np.zeros(0, np.int64), [FOUND.empty_table()]
        total["records"] = batch.num_rows
        for width, kind in ((self.terms, ~is_han), (self.terms_han, is_han)):
            if (shelf := index.shelves.get(width)) is not None:
                spans = shelf.spans(text, np.flatnonzero(kind))
                total["contaminated"] += len(np.unique(spans.rows))
                total["spans"] += len(spans.rows)
                items = np.union1d(items, spans.items)
                tables.append(self._findings(text, row, spans, index, shelf))
        total["found"] = _packed(items)
        return Seen(
            total, findings=pa.concat_tables(tables).sort_by([(name, "ascending") for name in (*ORDER, "item")])
        )

    def _findings(
        self, text: pa.Array, row: npt.NDArray[np.uint32], spans: Spans, index: Index, shelf: Shelf
    ) -> pa.Table:
        """FOUND of the first `most_spans` of each item in each row."""
        listed = spans.take(spans.rank() < self.most_spans)
        overlap_ppm = listed.shared * _PPM // np.maximum(shelf.of_item[listed.items], 1)
        places, lines = byte_places(text, listed.rows, listed.places), index.lines[listed.items]
        return pa.table(
            [
                pa.array([f"contamination.{self.sets[n]}" for n in index.sets[listed.items].tolist()], pa.string()),
                pa.array(row[listed.rows]), *(pa.array(listed.places[:, i]) for i in (0, 1)),
                *(pa.array(places[:, i], mask=places[:, i] < 0) for i in (0, 1)), pa.array(overlap_ppm.astype(np.int32)),
                pa.array(
                    [
                        f"item {line}: {ppm} ppm of its {shelf.width}-term shingles"
                        for line, ppm in zip(lines.tolist(), overlap_ppm.tolist(), strict=True)
                    ],
                    pa.string(),
                ),
                pa.array(lines.astype(np.uint32)),
            ],
            schema=FOUND,
        )  # fmt: skip

    def merge(self, a: Tally, b: Tally) -> Tally:
        """Counts added, bits united."""
        merged: Tally = added({k: a[k] for k in _COUNTED}, {k: b[k] for k in _COUNTED})
        left, right = sorted((b64decode(a["found"]), b64decode(b["found"])), key=len)
        if not left:
            return {**merged, "found": a["found"] or b["found"]}
        bits = np.frombuffer(right, np.uint8).copy()
        bits[: len(left)] |= np.frombuffer(left, np.uint8)
        return {**merged, "found": b64encode(bits.tobytes()).decode()}

    def report(self, total: Tally) -> Measures:
        """Counts and shares; of no sets nothing is known, and everything is None."""
        if self.index is None:
            return dict.fromkeys((m.name for m in self.measures), None)
        sought = sum(self.sought)
        items = int(np.bitwise_count(np.frombuffer(b64decode(total["found"]), np.uint8)).sum())
        return {
            "records": total["records"], "contaminated_records": total["contaminated"],
            "contaminated_records_ppm": share_ppm(total["contaminated"], total["records"]), "contaminated_spans": total["spans"],
            "items_found": items, "items_found_ppm": share_ppm(items, sought),
            "sets": len(self.sets), "items": sum(self.items), "items_sought": sought, "items_too_short": sum(self.too_short),
            "items_set_aside": sum(self.repeated) + sum(self.wording),
        }  # fmt: skip


def _packed(items: npt.NDArray[np.int64]) -> str:
    bits = np.zeros(int(items[-1]) + 1 if len(items) else 0, np.bool_)
    bits[items] = True
    return b64encode(np.packbits(bits, bitorder="little").tobytes()).decode()
