"""Licence of every record: registry, declared column, tags, Creative Commons addresses and Chinese notices in the text."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version as installed
from itertools import groupby
from typing import ClassVar, Final

import pyarrow as pa
import pyarrow.compute as pc

from checks.base import Check, Measure, Measures, Seen, Tally, registry_value
from checks.licence.classes import CLASSES, Declared, classify, declarations
from checks.licence.evidence import CC_ADDRESS, SPDX_TAG, STATEMENT, TRIGGERS, Evidence, find
from checks.licence.verdict import Verdict, verdict
from schemas.finding import FINDING

_REGISTRY: Final = "source.licence"
_KINDS: Final = ("registry", "declared", SPDX_TAG, CC_ADDRESS, STATEMENT, "mention")
_DECLARES_PPM: Final = 1_000_000
_MENTIONS_PPM: Final = 300_000
_OTHER: Final = "other"  # an expression or class without an id on the SPDX list


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
        records: dict[int | None, tuple[Declared, ...]] = {None: ()}
        records.update(enumerate(map(declarations, declared.dictionary.to_pylist())))
        codes = declared.indices.to_pylist()
        evidence = {row: tuple(found) for row, found in groupby(find(batch["text"]), lambda e: e.row)}
        plain = {code: verdict(registry, record) for code, record in records.items()}
        verdicts = [
            verdict(registry, records[code], evidence[row]) if row in evidence else plain[code]
            for row, code in enumerate(codes)
        ]
        base = int(registry is not None)
        counts = [base + len(records[code]) + len(evidence.get(row, ())) for row, code in enumerate(codes)]
        columns = pa.table(
            {
                "licence": [v.spdx for v in verdicts],
                "licence_class": [v.licence_class for v in verdicts],
                "evidence_count": counts,
            },
            schema=self.column_schema,
        )
        total = self._total(verdicts, counts, registry, [records[code] for code in codes], evidence)
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
        self,
        verdicts: Sequence[Verdict],
        counts: Sequence[int],
        registry: Declared | None,
        declared: Sequence[tuple[Declared, ...]],
        evidence: Mapping[int, Sequence[Evidence]],
    ) -> Tally:
        """The batch's tally; a record counts once under each id and each kind of its evidence."""
        total = self.zero()
        total["records"] = len(verdicts)
        total["conflicting"] = sum(v.conflicting for v in verdicts)
        total["without_evidence"] = counts.count(0)
        total["by_class"].update(Counter(v.licence_class for v in verdicts))
        total["by_kind"]["registry"] = len(verdicts) if registry is not None else 0
        total["by_kind"]["declared"] = sum(bool(d) for d in declared)
        ids: Counter[str] = Counter()
        without = Counter(d for row, d in enumerate(declared) if row not in evidence)
        for record, n in without.items():
            for spdx in _ids(registry, record, ()):
                ids[spdx] += n
        for row, found in evidence.items():
            ids.update(_ids(registry, declared[row], found))
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
