"""The record of labelling that run.yaml names: read once by the driver, held against its rows, joined by digest, told in the manifest.

The object that checks load holds the items of voided batches alone, so a new label looks at no record again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from glob import has_magic
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from checks.base import Check
from checks.labels import CONTENT, ENTRIES, ITEM, Labels, entries_of, use_voided
from checks.personal.keys import use_key
from manifests.labels import standing_of
from manifests.parquet import parquet_bytes
from manifests.store import Store
from pipelines.guards import check_on, elsewhere
from pipelines.joined_object import FileRow, JoinedObject
from pipelines.labels_measures import LABELLING
from pipelines.labels_read import Keyed, digest_of_file, read_rows
from pipelines.lists_read import Mistakes
from pipelines.places import resolved
from pipelines.registry_papers import with_digests
from schemas.canonical import canonical_json, digest_of, sha256_hex
from schemas.errors import ConfigError
from schemas.labels import VOIDED, Labelling
from schemas.labels_told import ERRORS, EVENTS, ROWS, ErrorStanding, Standing
from schemas.manifest import Measured
from schemas.run import LabelRecord
from schemas.yaml_places import Placed, read_yaml
from schemas.yaml_shape import Binding

NAME: Final = "corpusledger.labels"
FILE, BATCHES, ANNOTATORS, DONE = "labels/voided", "labels/batches", "labels/annotators", "labels/events"
JOINS, MISSING, STALE, OTHER_KEY, NOT_GIVEN = "joined", "missing", "stale", "other-key", "not-given"
MOST_TOLD: Final = 200
"""Tasks, and things that are missing, that a manifest names; how many there are it says."""


@dataclass(frozen=True)
class Record:
    """A record of labelling as read. *state*: joined; missing, stale, other-key: it says nothing for certain.

    *digest* of the YAML, *rows_digest* of its files of rows by name; *standing* None where it could not be read.
    """

    state: str
    digest: str | None = None
    rows_digest: str | None = None
    age_days: int | None = None
    max_age_days: int | None = None
    labelling: Labelling | None = None
    rows: pa.Table | None = None
    standing: Standing | None = None

    @property
    def is_certain(self) -> bool:
        """Does it say something for certain?"""
        return self.state == JOINS

    def as_json(self) -> dict[str, Any]:
        """As the manifest tells it: tasks and what is missing, the first of many; batches and annotators are tables."""
        told: dict[str, Any] = {"state": self.state}
        for name in ("digest", "rows_digest", "age_days", "max_age_days"):
            if getattr(self, name) is not None:
                told[name] = getattr(self, name)
        if self.labelling is None or self.standing is None:
            return told
        gaps = self.standing.gaps
        codes = sorted({gap.code for gap in gaps})
        return told | {
            "version": self.labelling.version, "as_of": self.labelling.as_of,
            "confidence_ppm": self.labelling.confidence_ppm,
            "tasks": [one.as_json() for one in self.standing.tasks[:MOST_TOLD]], "tasks_in_all": len(self.standing.tasks),
            "people": self.labelling.people(),
            "gaps": [gap.as_json() for gap in gaps[:MOST_TOLD]],
            "gaps_by_code": {code: sum(gap.count for gap in gaps if gap.code == code) for code in codes},
            "rules": [
                {"id": rules.id, "kind": rules.kind, "version": one.version, "from": one.starts, "until": one.until,
                 "sha256": one.document.sha256}
                for rules in self.labelling.rules for one in rules.versions
            ][:MOST_TOLD],
        }  # fmt: skip

    def of_source(self, source: str) -> int | None:
        """Labelled items of the tasks that name *source*; None where nothing is certain."""
        if self.labelling is None or self.standing is None or not self.is_certain:
            return None
        named = {task.id for task in self.labelling.tasks if source in task.sources}
        of_task = {batch.id: batch.task for batch in self.labelling.batches}
        return sum(one.done for one in self.standing.batches if of_task[one.id] in named)


@dataclass(frozen=True)
class JoinedLabels(JoinedObject):
    """The items of voided batches, joined to the check that seeks them; beside them the batches, annotators and events of *record*."""

    file, kind, key, schema = FILE, NAME, "labels", ENTRIES
    keep = staticmethod(use_voided)

    record: Record

    def put(self, store: Store) -> list[FileRow]:
        """Keep the objects; gives their rows of the run's files table."""
        found = super().put(store)
        standing = self.record.standing
        for name, rows in ((BATCHES, standing.batches), (ANNOTATORS, standing.annotators)) if standing else ():
            if rows:
                found.append((name, store.put_object(parquet_bytes(_errors(rows), NAME)), len(rows), NAME))
        if self.record.labelling is not None and (done := self.record.labelling.events()):
            table = pa.Table.from_pylist(done, schema=EVENTS)
            found.append((DONE, store.put_object(parquet_bytes(table, NAME)), table.num_rows, NAME))
        return found


def labels_of(
    placed: Placed, good: Mapping[str, Any], folder: Path, checks: Sequence[Check], days: tuple[str, str], binding: Binding
) -> JoinedLabels | None:  # fmt: skip
    """The `labels` of run.yaml, *placed*, as bound in *good*; every mistake goes to *binding*. *days*: the run's, and today."""
    given: LabelRecord | None = good.get("labels")
    if given is None:
        return None
    check = check_on(Labels, checks, "labels", placed, binding)
    if check is None:
        return None
    if (wrong := elsewhere(given.file)) is not None:
        binding.say(placed.key_lines["labels"], f"labels: {wrong}")
        return None
    before = len(binding.problems)
    keys = good.get("keys")
    key = Path(resolved(keys.hmac, folder)) if keys is not None and keys.hmac is not None else None
    try:
        key_id = None if key is None or not key.is_file() else use_key(key)
    except ConfigError as error:
        binding.problems += error.problems
        return None
    record = read_record(Path(resolved(given.file, folder)), days, binding.problems, key_id, given.max_age_days)
    return None if len(binding.problems) > before else joined_labels(check, record, in_meta=given.items_in_meta)


def joined_labels(check: Labels, record: Record, *, in_meta: bool) -> JoinedLabels:
    """*check* that seeks the voided items of *record*; *in_meta*: by the records' mapped `meta` too."""
    content, items = voided_items(record)
    kinds = (*((CONTENT,) if content else ()), *((ITEM,) if in_meta and items else ()))
    entries = entries_of(content, items if in_meta else {})
    data = parquet_bytes(entries, NAME, hashes=True)
    made = replace(check, index=sha256_hex(data), kinds=kinds, unknown=not record.is_certain)
    return JoinedLabels(made, data, entries.num_rows, record)


def voided_items(record: Record) -> tuple[dict[bytes, str], dict[str, str]]:
    """(content id -> batch, id of item -> batch) of voided batches, without what a batch that stands has too."""
    if record.labelling is None or record.rows is None:
        return {}, {}
    out = {one.id for one in record.labelling.batches if one.state == VOIDED}
    batches = np.array(record.rows.column("batch").to_pylist(), object)
    is_out = np.array([name in out for name in batches.tolist()], np.bool_)
    found = []
    for name in ("content", "item"):
        values = record.rows.column(name).to_pylist()
        stands = {value for value, gone in zip(values, is_out.tolist(), strict=True) if not gone}
        named: dict[Any, str] = {}
        for at in np.flatnonzero(is_out).tolist():
            value = values[at]
            if value is not None and value not in stands:
                named[value] = min(batches[at], named.get(value, batches[at]))
        found.append(named)
    return found[0], found[1]


def read_record(
    path: Path, days: tuple[str, str], problems: list[str], key_id: str | None = None, max_age_days: int | None = None
) -> Record:
    """The record of labelling at *path* with its rows; every mistake goes to *problems*. A file that is not there: `missing`."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return Record(MISSING, max_age_days=max_age_days)
    except OSError as error:
        problems.append(f"{path}: cannot be read ({error.strerror}); correct path or permissions")
        return Record(MISSING)
    before = len(problems)
    labelling = _bound(path, data, max(days), problems)
    if labelling is None or len(problems) > before:
        return Record(MISSING)
    files, is_whole = _files(labelling, path.parent)
    keyed, tables, digests = Keyed(key_id), [ROWS.empty_table()], dict[str, str]()
    for number, file in enumerate(files):
        try:
            digests[file.relative_to(path.parent).as_posix() if file.is_relative_to(path.parent) else file.name] = (
                digest_of_file(file)
            )
            tables.append(read_rows(file, number, keyed, Mistakes(file, problems)))
        except OSError as error:
            problems.append(f"{file}: cannot be read ({error.strerror}); correct path or permissions")
    if len(problems) > before:
        return Record(MISSING)
    rows = pa.concat_tables(tables).combine_chunks()
    age = max(0, (date.fromisoformat(days[0]) - date.fromisoformat(labelling.as_of)).days)
    state = JOINS
    if not is_whole:
        state = MISSING
    elif keyed.named and labelling.key_id is not None and labelling.key_id != key_id:
        state = OTHER_KEY
    elif max_age_days is not None and age > max_age_days:
        state = STALE
    return Record(
        state, sha256_hex(data), digest_of(digests), age, max_age_days, labelling, rows, standing_of(labelling, rows)
    )


def labels_told(joined: Iterable[object]) -> dict[str, Any]:
    """The record of labelling as the manifest's settings tell it; ``not-given``: nobody looked."""
    found = _among(joined)
    return {"state": NOT_GIVEN} if found is None else found.as_json()


def with_labels(rows: Sequence[Measured], joined: Iterable[object]) -> list[Measured]:
    """*rows* with the measures of the record of labelling in those of the check `labels`; unknown ones None."""
    record = _among(joined)
    certain = record.standing.measures if record is not None and record.standing and record.is_certain else {}
    made = []
    for row in rows:
        if row.check == Labels.name:
            told = dict[str, int | None].fromkeys(one.name for one in LABELLING)
            if row.source is None:
                told |= {name: certain.get(name) for name in told}
            elif record is not None:
                told["labelled_items"] = record.of_source(row.source)
            row = replace(row, values={**row.values, **told})  # noqa: PLW2901
        made.append(row)
    return made


def _among(joined: Iterable[object]) -> Record | None:
    return next((one.record for one in joined if isinstance(one, JoinedLabels)), None)


def _bound(path: Path, data: bytes, last: str, problems: list[str]) -> Labelling | None:
    placed = read_yaml(data, str(path), problems)
    if placed is None:
        return None
    binding = Binding(str(path), problems)
    found = binding.value(placed, Labelling, "labels")
    if found is None:
        return None
    for key, at, problem in found.problems():
        binding.say(placed.value[key].value[at].line, f"{key}[{at}]: {problem}")
    if found.as_of > last:
        binding.say(placed.value["as_of"].line, f"as_of is {found.as_of}, which is still to come; correct it")
    return with_digests(found, placed, path.parent, binding.say)


def _files(labelling: Labelling, folder: Path) -> tuple[list[Path], bool]:
    """(files of rows by name, whether each pattern names one)."""
    found: set[Path] = set()
    is_whole = True
    for pattern in labelling.rows:
        base = Path(resolved(pattern, folder))
        if has_magic(pattern) and not Path(pattern).is_absolute():
            these = {one for one in folder.glob(pattern) if one.is_file()}
        else:
            these = {base} if base.is_file() else set()
        is_whole &= bool(these)
        found |= these
    return sorted(found), is_whole


def _errors(rows: Sequence[ErrorStanding]) -> pa.Table:
    told = [
        {"id": one.id, "kind": one.kind, "state": one.state, "done": one.done, "judged": one.judged, "wrong": one.wrong,
         "upper_ppm": one.upper_ppm, "events": canonical_json(dict(one.events)).decode()}
        for one in rows
    ]  # fmt: skip
    return pa.Table.from_pylist(told, schema=ERRORS)
