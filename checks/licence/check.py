"""Licence of every record: registry, declared column, tags, Creative Commons addresses and Chinese notices in the text."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from checks.base import Check, Measure, Measures, Seen, Tally, registry_value
from checks.licence.classes import CLASSES, Declared, classify, declarations
from checks.licence.evidence import CC_ADDRESS, SPDX_TAG, STATEMENT, TRIGGERS, Evidence, find
from checks.licence.verdict import Verdict, verdict
from checks.loaded import installed
from schemas.finding import FINDING

_REGISTRY: Final = "source.licence"
_KINDS: Final = ("registry", "declared", SPDX_TAG, CC_ADDRESS, STATEMENT, "mention")
_DECLARES_PPM: Final = 1_000_000
_MENTIONS_PPM: Final = 300_000
_OTHER: Final = "other"  # an expression or class without an id on the SPDX list


Indices = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Licence(Check):
    """Collect licence evidence of every record and take the most restrictive (`verdict`). Unknown is a class of its own.

    Columns: `licence` (the SPDX expression that decided, or null), `licence_class`, `evidence_count`. A finding's score
    tells a declaration (1,000,000) from a mention (300,000).
    """

    name: ClassVar[str] = "licence"
    version: ClassVar[int] = 1
    measures: ClassVar[tuple[Measure, ...]] = (
        *(
            Measure(f"{c.replace('-', '_')}_records", "records", f"records whose most restrictive evidence is {c}")
            for c in CLASSES
        ),
        Measure("conflicting_records", "records", "records with declarations that fall into different classes"),
        Measure("records_without_evidence", "records", "records with no licence evidence of any kind; part of unknown_records"),
        Measure("mentioning_records", "records", "records that mention a licence which is not declared to be theirs"),
        *(
            Measure(f"{name}_records_ppm", "ppm", f"{name}_records by records looked at")
            for name in ("unknown", "non_commercial", "restricted", "conflicting")
        ),
    )  # fmt: skip
    reads: ClassVar[tuple[str, ...]] = (_REGISTRY,)
    tally_bytes: ClassVar[int] = 32_768
    finding_schema: ClassVar[pa.Schema | None] = FINDING
    column_schema: ClassVar[pa.Schema | None] = pa.schema(
        [
            pa.field("licence", pa.string()),
            pa.field("licence_class", pa.string(), nullable=False),
            pa.field("evidence_count", pa.uint32(), nullable=False),
        ]
    )

    def inputs(self) -> dict[str, str]:
        """Trigger set, and the version of the package that carries the SPDX list."""
        return {"triggers": TRIGGERS.digest, "license-expression": installed("license-expression")}

    def zero(self) -> Tally:
        """No records; classes and kinds are named, SPDX ids only once seen."""
        return {
            "records": 0, "conflicting": 0, "without_evidence": 0,
            "by_class": dict.fromkeys(CLASSES, 0), "by_kind": dict.fromkeys(_KINDS, 0), "by_id": {},
        }  # fmt: skip

    def look(self, batch: pa.RecordBatch) -> Seen:
        """Most records have no evidence in their text: their verdict is worked out once a distinct declaration."""
        written = registry_value(batch, _REGISTRY)
        registry = None if written is None else classify(written)
        declared = batch["declared_licence"].dictionary_encode()
        records = [
            *map(declarations, declared.dictionary.to_pylist()),
            (),
        ]  # the last: of a record that declares nothing
        of_row = np.asarray(declared.indices.fill_null(len(records) - 1), np.int64)
        evidence = {row: tuple(found) for row, found in groupby(find(batch["text"]), lambda e: e.row)}
        # Verdicts first of the distinct declarations, then of each record with evidence in its text.
        told = [verdict(registry, record) for record in records]
        told += [verdict(registry, records[of_row[row]], found) for row, found in evidence.items()]
        which = of_row.copy()
        which[list(evidence)] = np.arange(len(records), len(told))
        base = int(registry is not None)
        declares = np.array([len(record) for record in records], np.int64)[of_row]
        counts = base + declares
        counts[list(evidence)] += np.array([len(found) for found in evidence.values()], np.int64)
        indices = pa.array(which)
        columns = pa.table(
            {
                "licence": pa.array([v.spdx for v in told], pa.string()).take(indices),
                "licence_class": pa.array([v.licence_class for v in told], pa.string()).take(indices),
                "evidence_count": counts,
            },
            schema=self.column_schema,
        )
        total = self._total(told, which, counts, registry, records, of_row, evidence)
        return Seen(total, findings=_findings(batch["row"], evidence), columns=columns)

    def report(self, total: Tally) -> Measures:
        """Counts as they stand; ppm of no records is None."""
        records = total["records"]
        counts = {f"{c.replace('-', '_')}_records": total["by_class"][c] for c in CLASSES}
        counts |= {
            "conflicting_records": total["conflicting"],
            "records_without_evidence": total["without_evidence"],
            "mentioning_records": total["by_kind"]["mention"],
        }
        shares = ("unknown", "non_commercial", "restricted", "conflicting")
        return counts | {
            f"{name}_records_ppm": counts[f"{name}_records"] * 1_000_000 // records if records else None
            for name in shares
        }

    def _total(
        self, told: Sequence[Verdict], which: Indices, counts: Indices, registry: Declared | None,
        records: Sequence[tuple[Declared, ...]], of_row: Indices, evidence: Mapping[int, Sequence[Evidence]],
    ) -> Tally:  # fmt: skip
        """The batch's tally; a record counts once under each id and each kind of its evidence.

        Verdict *told*[*which*[row]]; declarations *records*[*of_row*[row]].
        """
        total = self.zero()
        total["records"] = len(which)
        times = np.bincount(which, minlength=len(told)).tolist()
        for one, n in zip(told, times, strict=True):
            total["conflicting"] += n * one.conflicting
            total["by_class"][one.licence_class] += n
        total["without_evidence"] = int(np.count_nonzero(counts == 0))
        total["by_kind"]["registry"] = len(which) if registry is not None else 0
        declared = np.bincount(of_row, minlength=len(records)).tolist()
        total["by_kind"]["declared"] = sum(n for record, n in zip(records, declared, strict=True) if record)
        ids: Counter[str] = Counter()
        # Rows with evidence have a verdict of their own, so `times` counts the others under their declaration.
        for record, n in zip(records, times, strict=False):
            for spdx in _ids(registry, record, ()) if n else ():
                ids[spdx] += n
        for row, found in evidence.items():
            ids.update(_ids(registry, records[of_row[row]], found))
            for kind in {e.kind if e.declares else "mention" for e in found}:
                total["by_kind"][kind] += 1
        total["by_id"] = dict(ids)
        return total


def _ids(registry: Declared | None, record: Sequence[Declared], found: Sequence[Evidence]) -> set[str]:
    """SPDX ids that the evidence names; `other` where a piece names a licence without one."""
    pieces = [d.ids for d in ((registry,) if registry is not None else ()) + tuple(record)]
    pieces += [e.ids for e in found if e.kind != STATEMENT]
    return {spdx for ids in pieces for spdx in ids or (_OTHER,)}


def _findings(rows: pa.Array, evidence: Mapping[int, Sequence[Evidence]]) -> pa.Table:
    found = [e for pieces in evidence.values() for e in pieces]
    numbers = pc.take(rows, pa.array([e.row for e in found], pa.int64()))
    columns = {
        "rule": [f"licence.{e.kind}" for e in found],
        "row": numbers,
        **{name: [getattr(e, name) for e in found] for name in ("start", "end", "start_byte", "end_byte")},
        "score_ppm": [_DECLARES_PPM if e.declares else _MENTIONS_PPM for e in found],
        "detail": [e.detail for e in found],
    }
    return pa.table(columns, schema=FINDING)
