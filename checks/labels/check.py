"""Records that are items of a voided batch of labels, by content id or by the item's id.

Without a record of labelling there is nothing to seek, which is not zero; where it is missing, stale or under another key the
count is unknown, though what it names is still found. What the record itself comes to is told beside this (`pipelines.labels`).
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Final

import numpy as np
import pyarrow as pa

from checks.base import Check, Measure, Measures, Seen, Tally
from checks.labels.index import CONTENT, ITEM, KINDS, held_voided
from schemas.finding import FINDING, record_findings

VOIDED: Final = "labels.voided-batch"


@dataclass(frozen=True)
class Labels(Check):
    """Find items of voided batches; name the batch, never a label or a text.

    All settings follow from `labels` of run.yaml: *index*, sha256 of the object of items; *kinds*, how they are told (of
    `KINDS`); *unknown*: the record of labelling says nothing for certain.
    """

    name: ClassVar[str] = "labels"
    version: ClassVar[int] = 1
    tally_bytes: ClassVar[int] = 64
    measures: ClassVar[tuple[Measure, ...]] = (
        Measure("records", "records", "records held against the items of voided batches of labels"),
        Measure(
            "voided_records", "records",
            "records whose text has the content id of an item of a voided batch, or whose mapped `meta` is its id; items that "
            "were labelled again in a batch that stands are not sought",
        ),
    )  # fmt: skip
    finding_schema: ClassVar[pa.Schema | None] = pa.schema(FINDING)

    index: str | None = None
    kinds: tuple[str, ...] = ()
    unknown: bool = False

    def __post_init__(self) -> None:
        """Refuse what only a record of labelling may set."""
        if not set(self.kinds) <= set(KINDS) or (self.index is None and (self.kinds or self.unknown)):
            msg = "index, kinds and unknown follow from `labels`; leave them out here"
            raise ValueError(msg)

    def inputs(self) -> dict[str, str]:
        """The items, where there are any."""
        return {} if self.index is None else {"voided items": self.index}

    def zero(self) -> Tally:
        """No records."""
        return {"records": 0, "voided": 0}

    def look(self, batch: pa.RecordBatch) -> Seen:
        """One finding a record; without items nothing is read."""
        if self.index is None:
            return Seen(self.zero())
        held = held_voided(self.index)
        at = np.full(batch.num_rows, -1, np.int64)
        of = np.zeros(batch.num_rows, np.int64)
        for kind, column in ((ITEM, "meta"), (CONTENT, "text")):  # the text itself tells more than an id
            if kind in self.kinds:
                found = held[kind].places(batch.column(column).cast(pa.large_string()))
                at, of = np.where(found >= 0, found, at), np.where(found >= 0, KINDS.index(kind), of)
        rows = np.flatnonzero(at >= 0)
        names = [f"batch {held[KINDS[of[n]]].batches[at[n]]}, by {KINDS[of[n]]}" for n in rows.tolist()]
        return Seen({"records": batch.num_rows, "voided": len(rows)}, findings=_table(batch, rows, names))

    def report(self, total: Tally) -> Measures:
        """Counts as they stand; None without a record of labelling, or where it is unknown."""
        if self.index is None:
            return {"records": None, "voided_records": None}
        return {"records": total["records"], "voided_records": None if self.unknown else total["voided"]}


def _table(batch: pa.RecordBatch, rows: Any, names: list[str]) -> pa.Table:
    rules, at = pa.array([VOIDED] * len(rows), pa.string()), batch.column("row").take(pa.array(rows))
    return record_findings(rules, at, pa.array(names, pa.string())).sort_by("row")
