"""Licence of every record: the least that its source, its own fields and its text together permit; with the evidence."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from checks.base import Check, Measure, Measures, Seen, Tally, records_measure, registry_value
from checks.licence import statements
from checks.licence.classes import CLASSES, Declared, registered
from checks.licence.evidence import KINDS, TRIGGERS, find
from checks.licence.fields import Fields, fields_of
from checks.licence.generators import output_terms
from checks.licence.handed import handed_of, with_handed
from checks.licence.piece import Evidence
from checks.licence.texts import DIGEST
from checks.licence.verdict import Verdict, verdict
from checks.loaded import installed
from checks.triggers import PatternSet
from schemas.finding import FINDING
from schemas.record import LICENCE_TERMS
from schemas.shares import share_ppm

_REGISTRY: Final = "source.licence"
_GENERATOR: Final = "source.generator"
_GENERATOR_LICENCE: Final = "source.generator_licence"
_KINDS: Final = ("registry", "generator", "declared", "metadata", *KINDS, "mention")
TABLE: Final = "licences"
"""Records and UTF-8 bytes of their text by `Verdict.key`."""
_OTHER: Final = "other"  # an expression or class without an id on the SPDX list


Indices = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Licence(Check):
    """Collect licence evidence of every record and take the most restrictive (`verdict`). Unknown is a class of its own.

    Terms that other checks find a record under (`Check.gives_terms`: a site's opt-out, a known restricted dataset) are evidence
    like any other; the rule of their findings is ``licence.`` and the check's name.
    Columns: `licence` (all that speaks for the record as one SPDX expression, or null), `licence_class`, `evidence_count`.
    A finding's score is its confidence; 300,000 and less is a mention, which declares nothing.
    """

    name: ClassVar[str] = "licence"
    version: ClassVar[int] = 2
    measures: ClassVar[tuple[Measure, ...]] = (
        *(
            Measure(records_measure(c), "records", f"records whose most restrictive evidence is {c}")
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
    reads: ClassVar[tuple[str, ...]] = (_REGISTRY, _GENERATOR, _GENERATOR_LICENCE, LICENCE_TERMS)
    tally_bytes: ClassVar[int] = 32_768
    table_schemas: ClassVar[Mapping[str, pa.Schema]] = {
        TABLE: pa.schema(
            [pa.field("licence", pa.string()), pa.field("records", pa.int64()), pa.field("bytes", pa.int64())]
        )
    }
    finding_schema: ClassVar[pa.Schema | None] = FINDING
    column_schema: ClassVar[pa.Schema | None] = pa.schema(
        [
            pa.field("licence", pa.string()),
            pa.field("licence_class", pa.string(), nullable=False),
            pa.field("evidence_count", pa.uint32(), nullable=False),
        ]
    )

    @property
    def triggers(self) -> tuple[PatternSet, ...]:
        """Scanned for together with those of the other checks."""
        return (TRIGGERS,)

    def inputs(self) -> dict[str, str]:
        """Trigger set, the index of licence texts, and the version of the package that carries the SPDX list."""
        return {
            "triggers": TRIGGERS.digest, "licence texts": DIGEST, "license-expression": installed("license-expression"),
        }  # fmt: skip

    def zero(self) -> Tally:
        """No records; classes and kinds are named, SPDX ids only once seen."""
        return {
            "records": 0, "conflicting": 0, "without_evidence": 0,
            "by_class": dict.fromkeys(CLASSES, 0), "by_kind": dict.fromkeys(_KINDS, 0), "by_id": {},
        }  # fmt: skip

    def look(self, batch: pa.RecordBatch) -> Seen:
        """Most records have no evidence in their text: their verdict is worked out once a distinct declaration."""
        told_by = _of_source(batch)
        records, of_row = fields_of(batch)
        handed = handed_of(batch)
        if handed is not None:
            records, of_row = with_handed(records, of_row, handed)
        evidence = {row: tuple(found) for row, found in groupby(find(batch["text"]), lambda e: e.row)}
        # Verdicts first of the distinct declarations, then of each record with evidence in its text.
        source = [d for _, d in told_by]
        told = [_verdict(source, r, ()) for r in records]
        told += [_verdict(source, records[of_row[row]], found) for row, found in evidence.items()]
        which = of_row.copy()
        which[list(evidence)] = np.arange(len(records), len(told))
        declares = np.array([len(r.declared) + len(r.mentioned) for r in records], np.int64)[of_row]
        counts = len(source) + declares
        counts[list(evidence)] += np.array([len(found) for found in evidence.values()], np.int64)
        counts += 0 if handed is None else handed.pieces
        indices = pa.array(which)
        columns = pa.table(
            {
                "licence": pa.array([v.spdx for v in told], pa.string()).take(indices),
                "licence_class": pa.array([v.licence_class for v in told], pa.string()).take(indices),
                "evidence_count": counts,
            },
            schema=self.column_schema,
        )
        total = self._total(told, which, counts, told_by, records, of_row, evidence)
        table = self._by_licence(told, which, batch["text"])
        findings = _findings(batch["row"], evidence)
        if handed is not None:
            findings = pa.concat_tables([findings, handed.findings])
        return Seen(total, findings=findings, columns=columns, tables={TABLE: table})

    def report(self, total: Tally) -> Measures:
        """Counts as they stand; ppm of no records is None."""
        records = total["records"]
        counts = {records_measure(c): total["by_class"][c] for c in CLASSES}
        counts |= {
            "conflicting_records": total["conflicting"],
            "records_without_evidence": total["without_evidence"],
            "mentioning_records": total["by_kind"]["mention"],
        }
        shares = ("unknown", "non_commercial", "restricted", "conflicting")
        return counts | {f"{name}_records_ppm": share_ppm(counts[f"{name}_records"], records) for name in shares}

    def _by_licence(self, told: Sequence[Verdict], which: Indices, text: pa.Array) -> pa.Table:
        """Records and bytes of text by key, sorted by it."""
        octets = np.zeros(len(told), np.int64)
        np.add.at(octets, which, np.asarray(pc.fill_null(pc.binary_length(text), 0), np.int64))
        sums: dict[str, list[int]] = {}
        for one, records, size in zip(
            told, np.bincount(which, minlength=len(told)).tolist(), octets.tolist(), strict=True
        ):
            if records:
                total = sums.setdefault(one.key, [0, 0])
                total[0] += records
                total[1] += size
        columns = list(zip(*((key, *of_key) for key, of_key in sorted(sums.items())), strict=True)) or [(), (), ()]
        return pa.table(
            dict(zip(self.table_schemas[TABLE].names, columns, strict=True)), schema=self.table_schemas[TABLE]
        )

    def _total(
        self, told: Sequence[Verdict], which: Indices, counts: Indices, told_by: Sequence[tuple[str, Declared]],
        records: Sequence[Fields], of_row: Indices, evidence: Mapping[int, Sequence[Evidence]],
    ) -> Tally:  # fmt: skip
        """The batch's tally; a record counts once under each id and each kind of its evidence.

        Verdict *told*[*which*[row]]; what its own fields say *records*[*of_row*[row]].
        """
        total = self.zero()
        total["records"] = len(which)
        times = np.bincount(which, minlength=len(told)).tolist()
        for one, n in zip(told, times, strict=True):
            total["conflicting"] += n * one.conflicting
            total["by_class"][one.licence_class] += n
        total["without_evidence"] = int(np.count_nonzero(counts == 0))
        for kind in {kind for kind, _ in told_by}:
            total["by_kind"][kind] = len(which)
        mentioning = np.array([bool(r.mentioned) for r in records], np.bool_)[of_row]
        for fields, n in zip(records, np.bincount(of_row, minlength=len(records)).tolist(), strict=True):
            total["by_kind"]["declared"] += n * fields.in_column
            total["by_kind"]["metadata"] += n * fields.in_metadata
            for kind in {detector for detector, _ in fields.terms}:
                total["by_kind"][kind] = total["by_kind"].get(kind, 0) + n
        ids: Counter[str] = Counter()
        # Rows with evidence have a verdict of their own, so `times` counts the others under their declaration.
        for fields, n in zip(records, times, strict=False):
            for spdx in _ids(told_by, fields, ()) if n else ():
                ids[spdx] += n
        for row, found in evidence.items():
            ids.update(_ids(told_by, records[of_row[row]], found))
            for kind in {e.kind for e in found if e.declares}:
                total["by_kind"][kind] += 1
            mentioning[row] |= not all(e.declares for e in found)
        total["by_kind"]["mention"] = int(np.count_nonzero(mentioning))
        total["by_id"] = dict(ids)
        return total


def _of_source(batch: pa.RecordBatch) -> list[tuple[str, Declared]]:
    """What the registry says of every record: (kind, declaration) of the source's licence and of its generator's terms."""
    written, generator = registry_value(batch, _REGISTRY), registry_value(batch, _GENERATOR)
    found = [] if written is None else [("registry", registered(written))]
    if generator is None:
        return found
    terms = output_terms(generator, registry_value(batch, _GENERATOR_LICENCE))
    return [*found, *(("generator", one) for one in terms)]


def _verdict(source: Sequence[Declared], fields: Fields, found: Sequence[Evidence]) -> Verdict:
    return verdict(source, fields.declared, found, fields.mentioned, [terms for _, terms in fields.terms])


def _ids(told_by: Sequence[tuple[str, Declared]], fields: Fields, found: Sequence[Evidence]) -> set[str]:
    """SPDX ids that the evidence names; `other` where a piece names a licence without one."""
    pieces = [d.ids for _, d in (*told_by, *fields.terms)] + [d.ids for d in (*fields.declared, *fields.mentioned)]
    pieces += [e.ids for e in found if e.kind not in statements.KINDS]
    return {spdx for ids in pieces for spdx in ids or (_OTHER,)}


def _findings(rows: pa.Array, evidence: Mapping[int, Sequence[Evidence]]) -> pa.Table:
    found = [e for pieces in evidence.values() for e in pieces]
    numbers = pc.take(rows, pa.array([e.row for e in found], pa.int64()))
    columns = {
        "rule": [f"licence.{e.kind}" for e in found],
        "row": numbers,
        **{name: [getattr(e, name) for e in found] for name in ("start", "end", "start_byte", "end_byte")},
        "score_ppm": [e.confidence_ppm for e in found],
        "detail": [e.detail for e in found],
    }
    return pa.table(columns, schema=FINDING)
