"""The check that judges records by the profiles a run drops under, from what the checks of quality and language stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks.base import Check, Measure, Measures, Seen, Tally
from checks.selection.held import MOST_TOGETHER, held_profiles
from schemas.finding import FINDING, record_findings
from schemas.profiles import NOT_TOLD, Profile
from schemas.profiles_judged import judged
from schemas.shares import share_ppm

QUALITY: Final = "quality"
LANGUAGE: Final = "language"
SIZES: Final = ("bytes", "chars", "words")
_COUNTED: Final = ("records", *SIZES)

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Selection(Check):
    """Judge each record by the profiles that are made for its language; one that does not keep all of them is unfit and goes.

    A record of another language is left alone and counted: a profile says nothing of languages that it is not made for.
    All settings follow from `drop_under` of run.yaml: *index*, sha256 of the object of rules; *profiles*, names with their
    versions; *files*, sha256 of their YAMLs; *rules*, ``profile.rule`` in the order of the tally; *counts* that they read.
    """

    name: ClassVar[str] = "selection"
    version: ClassVar[int] = 1
    tally_bytes: ClassVar[int] = 9_216
    measures: ClassVar[tuple[Measure, ...]] = (
        Measure("records", "records", "records held against the profiles of `drop_under`"),
        Measure("judged_records", "records", "records of a language that at least one of them is made for"),
        Measure("judged_records_ppm", "ppm", "such records of all records"),
        Measure("unsuited_records", "records", "records of a language that none of them is made for; they are left alone"),
        Measure("uncounted_records", "records", "records without the counts that a rule reads; they are left alone"),
        Measure("judged_bytes", "bytes", "UTF-8 bytes of text of judged_records"),
        Measure("unfit_records", "records", "judged_records that do not keep every rule of every profile made for their language"),
        Measure("unfit_records_ppm", "ppm", "such records of judged_records"),
        Measure("unfit_bytes", "bytes", "UTF-8 bytes of text of unfit_records"),
        Measure("unfit_bytes_ppm", "ppm", "unfit_bytes of judged_bytes"),
    )  # fmt: skip
    finding_schema: ClassVar[pa.Schema | None] = pa.schema(FINDING)
    table_schemas: ClassVar[Mapping[str, pa.Schema]] = {
        "language": pa.schema(
            [
                pa.field("language", pa.string()),
                *(pa.field(f"{kind}{name}", pa.int64()) for kind in ("", "judged_", "unfit_") for name in _COUNTED),
            ]
        )
    }

    index: str | None = None
    profiles: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    counts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what only `drop_under` may set."""
        given = (self.profiles, self.files, self.rules, self.counts)
        if any(bool(one) != (self.index is not None) for one in given) or len(self.rules) > MOST_TOGETHER:
            msg = "index, profiles, files, rules and counts follow from `drop_under`; leave them out here"
            raise ValueError(msg)

    def inputs(self) -> dict[str, str]:
        """The rules as one object."""
        return {} if self.index is None else {"profiles": self.index}

    @property
    def derives(self) -> Mapping[str, tuple[str, ...]]:
        """Counts, and the language; nothing where no profile is named."""
        if self.index is None:
            return {}
        return {QUALITY: tuple(sorted({*SIZES, *self.counts})), LANGUAGE: ("language",)}

    def zero(self) -> Tally:
        """No records."""
        return {
            "records": 0, "unsuited": 0, "uncounted": 0, "judged": [0] * len(_COUNTED), "unfit": [0] * len(_COUNTED),
            "first": [0] * len(self.rules), "every": [0] * len(self.rules),
        }  # fmt: skip

    def look(self, batch: pa.RecordBatch) -> Seen:
        """One finding for each record that goes: the first rule it does not keep; without profiles nothing is read."""
        total = self.zero()
        if self.index is None:
            return Seen(total)
        counts = pa.table(
            {name: batch.column(f"{QUALITY}.{name}") for name in self.derives[QUALITY]},
        )
        language = batch.column(f"{LANGUAGE}.language").fill_null(NOT_TOLD)
        suited, told, fails = self._judge(counts, language, held_profiles(self.index))
        is_judged, is_unfit = told, told & fails.any(axis=1)
        sizes = [np.ones(batch.num_rows, np.int64)]
        sizes += [np.asarray(counts.column(name).fill_null(0), np.int64) for name in SIZES]
        total["records"] = batch.num_rows
        total["unsuited"] = int(np.count_nonzero(~suited))
        total["uncounted"] = int(np.count_nonzero(suited & ~told))
        total["judged"] = [int(size[is_judged].sum()) for size in sizes]
        total["unfit"] = [int(size[is_unfit].sum()) for size in sizes]
        first = np.where(is_unfit, fails.argmax(axis=1), -1)
        total["first"] = np.bincount(first[is_unfit], minlength=len(self.rules)).tolist()
        total["every"] = np.count_nonzero(fails[is_unfit], axis=0).tolist()
        findings = self._findings(batch.column("row"), language, np.flatnonzero(is_unfit), first)
        return Seen(total, findings=findings, tables={"language": _by_language(language, sizes, is_judged, is_unfit)})

    def report(self, total: Tally) -> Measures:
        """Counts as they stand, shares of judged records; None without profiles."""
        judged_records, judged_bytes = total["judged"][:2]
        unfit_records, unfit_bytes = total["unfit"][:2]
        values: Measures = {
            "records": total["records"], "judged_records": judged_records,
            "judged_records_ppm": share_ppm(judged_records, total["records"]),
            "unsuited_records": total["unsuited"], "uncounted_records": total["uncounted"], "judged_bytes": judged_bytes,
            "unfit_records": unfit_records, "unfit_records_ppm": share_ppm(unfit_records, judged_records),
            "unfit_bytes": unfit_bytes, "unfit_bytes_ppm": share_ppm(unfit_bytes, judged_bytes),
        }  # fmt: skip
        return dict.fromkeys(values) if self.index is None else values

    def _judge(
        self, counts: pa.Table, language: pa.Array, profiles: tuple[Profile, ...]
    ) -> tuple[Flags, Flags, npt.NDArray[np.bool_]]:
        """bool[n]: a profile is made for its language; bool[n]: and each of those could judge it; bool[n, rules]: not kept."""
        coded = language.dictionary_encode()
        names, at = coded.dictionary.to_pylist(), coded.indices.to_numpy(zero_copy_only=False)
        rows = len(language)
        suited, told = np.zeros(rows, np.bool_), np.ones(rows, np.bool_)
        fails, base = np.zeros((rows, len(self.rules)), np.bool_), 0
        for profile in profiles:
            made_for = np.array([profile.made_for(name) for name in names], np.bool_)
            mine = made_for[at] if rows else suited
            there, bits = judged(counts, profile)
            suited |= mine
            told &= ~mine | there
            for number in range(len(profile.rules)):
                fails[:, base + number] = mine & ((bits >> np.uint64(number)) & np.uint64(1) != 0)
            base += len(profile.rules)
        return suited, suited & told, fails

    def _findings(
        self, row: pa.Array, language: pa.Array, at: npt.NDArray[np.intp], first: npt.NDArray[np.intp]
    ) -> pa.Table:
        places = pa.array(at)
        names = pa.array([f"{self.name}.{rule}" for rule in self.rules], pa.string())
        return record_findings(names.take(pa.array(first[at])), row.take(places), language.take(places))


def _by_language(language: pa.Array, sizes: list[npt.NDArray[np.int64]], is_judged: Flags, is_unfit: Flags) -> pa.Table:
    """Records, bytes, code points and words of each language: all, judged, unfit."""
    schema = Selection.table_schemas["language"]
    held = [language, *(size * which for which in (np.int64(1), is_judged, is_unfit) for size in sizes)]
    table = pa.table(held, schema=schema)
    sums = table.group_by("language", use_threads=False).aggregate([(name, "sum") for name in schema.names[1:]])
    sums = sums.sort_by("language")
    return pa.table(
        [sums.column("language"), *(sums.column(f"{name}_sum") for name in schema.names[1:])], schema=schema
    )
