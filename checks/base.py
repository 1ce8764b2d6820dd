"""The one interface every check has, and what it is shown."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks.triggers import PatternSet
from schemas.canonical import canonical_json, parse_json
from schemas.tallies import added

Tally = dict[str, Any]
"""Integers, strings-to-integers maps over closed sets, lists of integers, nested; canonical JSON is its one form."""
Measures = dict[str, int | None]
"""measure -> integer (a count, or ppm where its name ends in _ppm); None: nothing was there to measure."""


class Seen(NamedTuple):
    """What one look at one batch gave. Adding up over any cut of the rows gives the same whole."""

    total: Tally
    findings: pa.Table | None = None  # the check's `finding_schema`
    columns: pa.Table | None = None  # the check's `column_schema`, one row a record, in row order
    tables: Mapping[str, pa.Table] | None = None  # table name -> rows of its `table_schemas`; keys may repeat
    sketches: npt.NDArray[np.void] | None = (
        None  # the check's `sketch_type`, in row order; a unit makes objects of them
    )
    terms: pa.Table | None = (
        None  # schemas.record.TERMS: for the checks that declare LICENCE_TERMS among what they read
    )


@dataclass(frozen=True)
class Measure:
    """One number that policy may bound and reports print.

    *unit*: records, bytes, findings, ppm, …; *method*: one sentence, how it is counted; both stand in the manifest.
    """

    name: str
    unit: str
    method: str


@dataclass(frozen=True)
class Check(ABC):
    """Look at batches of records; add up what was seen.

    A check is a frozen value: its fields are its settings, JSON-able as they stand, and the manifest prints them. It
    does no I/O but loading package data through `checks.loaded`, and knows nothing of Beam.
    tests/checks/test_laws.py holds every check to the same laws; `version` is raised by hand when output changes.
    """

    name: ClassVar[str]
    version: ClassVar[int]
    measures: ClassVar[tuple[Measure, ...]]
    reads: ClassVar[tuple[str, ...]] = ()  # of schemas.record.REGISTRY_READS, SHARD_NAME and LICENCE_TERMS
    tally_bytes: ClassVar[int]  # the most its canonical tally may take for one source; at most 64 KiB
    finding_schema: ClassVar[pa.Schema | None] = None
    column_schema: ClassVar[pa.Schema | None] = None  # one row a record; without `row`, which the writer adds
    # table name -> (key, counts…): first column is the key; rows of one key are added up, but of a column `row` the least stays
    table_schemas: ClassVar[Mapping[str, pa.Schema]] = {}

    @property
    def sketch_type(self) -> np.dtype[np.void] | None:
        """The fixed width of its sketches, which a unit spills to local disk beyond 128 MiB; its first field is `row`."""
        return None

    @property
    def triggers(self) -> tuple[PatternSet, ...]:
        """What it scans the text of records for: the sets of all checks are looked for in one walk (`checks.triggers`)."""
        return ()

    @property
    def gives_terms(self) -> bool:
        """May it, as it is set, give `Seen.terms`? It is then shown a batch before the checks that read them."""
        return False

    @property
    def derives(self) -> Mapping[str, tuple[str, ...]]:
        """Check -> columns of its that this one follows from, as it is set; then no text is read for it.

        It is shown batches of `row` and of those columns, named ``check.column`` and null where that check could not look
        at the record, in place of RECORD.
        """
        return {}

    def settings(self) -> dict[str, Any]:
        """The fields as JSON values, in the manifest and in every unit and work id."""
        return {f.name: _plain(getattr(self, f.name)) for f in fields(self)}

    def inputs(self) -> dict[str, str]:
        """Digests of every model, list, pattern set and engine it reads, by name; part of its work ids."""
        return {}

    @abstractmethod
    def zero(self) -> Tally:
        """The tally of nothing."""

    @abstractmethod
    def look(self, batch: pa.RecordBatch) -> Seen:
        """Show it one batch of RECORD rows of one source (may be a slice, may be empty)."""

    @abstractmethod
    def report(self, total: Tally) -> Measures:
        """The measures of a tally, in the order of `measures`."""

    def merge(self, a: Tally, b: Tally) -> Tally:
        """The tally of both; adds integers and lists, unites maps. Neither argument is changed."""
        merged: Tally = added(a, b)
        return merged


@dataclass(frozen=True)
class PatternCheck(Check):
    """A check that seeks one set of patterns in the text of records, and follows from it."""

    patterns: ClassVar[PatternSet]

    @property
    def triggers(self) -> tuple[PatternSet, ...]:
        """What it looks for in texts."""
        return (self.patterns,)

    def inputs(self) -> dict[str, str]:
        """The trigger set."""
        return {"triggers": self.patterns.digest}


def encode_tally(total: Tally) -> bytes:
    """The canonical bytes of a tally: what is stored, shuffled and compared."""
    return canonical_json(total)


def decode_tally(data: bytes) -> Tally:
    """The tally of its canonical bytes."""
    tally: Tally = parse_json(data)
    return tally


def registry_value(batch: pa.RecordBatch, key: str) -> str | None:
    """A registry value that the check declared in `reads`, e.g. ``source.licence``; None where the registry has none."""
    raw = (batch.schema.metadata or {}).get(key.encode())
    return None if raw is None else raw.decode()


def records_measure(kind: str) -> str:
    """The name of the measure that counts records of *kind*: ``visible_label_records`` of ``visible-label``."""
    return f"{kind.replace('-', '_')}_records"


def _plain(value: Any) -> Any:
    return [_plain(v) for v in value] if isinstance(value, tuple) else value
