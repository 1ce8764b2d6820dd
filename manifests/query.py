"""The questions legal staff ask of sealed runs: which runs, which sources under which licence, where a domain is in.

Only what the log, the manifest and its tables name is read, never what happens to lie in a folder. The manifest and the
files table are held against their digests on the way; an object is taken by its name, and `manifests.verify` hashes it.
"""

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from manifests.ledger import Ledger
from manifests.parquet import conformed, read_parquet
from manifests.runs import load_manifest, sealed_run, sealed_runs
from manifests.store import Store, object_path
from manifests.tables import read_files
from schemas.errors import StoreError
from schemas.ledger import DOMAINS, ROLLUP_DOMAIN
from schemas.manifest import Manifest


@dataclass(frozen=True, slots=True)
class RunRow:
    """One sealed run; *stopped*, *effect*: what its gate did; times UTC as the manifest gives them."""

    run: str
    started: str
    finished: str
    model: str
    stage: str
    records: int
    sources: int
    stopped: bool
    effect: str | None
    signed: bool
    manifest_sha256: str


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One source in one run. *licence*: as declared, None where nothing was; *bytes*: stored; *findings* by check."""

    source: str
    name: str | None
    source_class: str | None
    category: str | None
    licence: str | None
    registered: bool
    files: int
    bytes: int
    records: int
    looked_at: int
    unread: int
    not_looked_at: int
    findings: dict[str, int]


@dataclass(frozen=True, slots=True)
class PersonalRow:
    """One entity in one source, or in the run where *source* is None; estimates and shares None: not measured."""

    source: str | None
    entity: str
    findings: int
    validated: int
    records: int
    looked_at: int
    unread: int
    estimated_ppm: int | None
    low_ppm: int | None
    high_ppm: int | None
    precision_ppm: int | None
    recall_ppm: int | None
    measured_on: str | None
    labelled_values: int | None


@dataclass(frozen=True, slots=True)
class DomainRow:
    """Records of one source under one domain in one run; *bytes*: UTF-8 of their text."""

    run: str
    domain: str
    source: str
    records: int
    bytes: int


@dataclass(frozen=True, slots=True)
class DomainAnswer:
    """*rows* found; *not_counted*: runs that have no table of domains, of which nothing is known."""

    rows: tuple[DomainRow, ...]
    not_counted: tuple[str, ...]


def runs(ledger: Ledger) -> tuple[RunRow, ...]:
    """Every sealed run, in the log's order."""
    rows = []
    for sealed in sealed_runs(ledger.store):
        m = load_manifest(ledger.store, sealed)
        row = RunRow(
            m.run, m.started, m.finished, m.model.get("name", ""), m.stage or "", m.counts.records.read,
            len(m.counts.sources), m.gate.stopped, m.gate.effect, sealed.signed, sealed.manifest_sha256,
        )  # fmt: skip
        rows.append(row)
    return tuple(rows)


def sources_of(ledger: Ledger, run: str) -> tuple[SourceRow, ...]:
    """Every source of *run*: registered ones it read nothing of too, and the unregistered one where it read some."""
    manifest = load_manifest(ledger.store, sealed_run(ledger.store, run))
    declared = {s.id: s.declared for s in manifest.registry.sources}
    counted = {s.source: s for s in manifest.counts.sources}
    rows = []
    for source in sorted(declared.keys() | counted.keys()):
        said, seen = declared.get(source, {}), counted.get(source)
        files, records = (seen.files, seen.records) if seen else (None, None)
        row = SourceRow(
            source, said.get("name"), said.get("class"), said.get("category"), said.get("licence"),
            source in declared, files.listed if files else 0, files.listed_bytes if files else 0,
            records.read if records else 0, records.looked_at if records else 0, records.unread if records else 0,
            files.not_looked_at if files else 0, dict(seen.findings) if seen else {},
        )  # fmt: skip
        rows.append(row)
    return tuple(rows)


def personal_of(manifest: Manifest, source: str | None = None) -> tuple[PersonalRow, ...] | None:
    """Every entity that was looked for, over the run or over *source* (there those alone that were found).

    None where the run holds no counts by entity: it did not look, or an earlier version of the program made it.
    """
    found = manifest.counts.personal
    if found is None:
        return None
    rows = []
    for e in found.entities:
        known = e.accuracy
        for c in e.counts:
            if c.source != source:
                continue
            share = c.records_ppm
            row = PersonalRow(
                c.source, e.entity, c.findings, c.validated, c.records, c.looked_at, c.unread,
                share.value if share else None, share.low if share else None, share.high if share else None,
                known.precision_ppm if known else None, known.recall_ppm if known else None,
                known.measured_on if known else None, known.values if known else None,
            )  # fmt: skip
            rows.append(row)
    return tuple(rows)


def runs_with_domain(ledger: Ledger, domain: str, *, below: bool = True) -> DomainAnswer:
    """Where *domain* is in, over all sealed runs, in the log's order; with *below*, what lies under it too.

    Any case, with or without a last dot, in Unicode or IDNA. A run that did not count domains is named apart: it must
    not read as a run that has none.
    """
    names = _spellings(domain)
    rows: list[DomainRow] = []
    unknown: list[str] = []
    for sealed in sealed_runs(ledger.store):
        manifest = load_manifest(ledger.store, sealed)
        digest = _digest(read_files(ledger.store, manifest), DOMAINS)
        if digest is not None:
            table = _rollup(ledger.store, digest, names, below=below)
            rows += [
                DomainRow(sealed.run, r["domain"], r["source"], r["records"], r["bytes"]) for r in table.to_pylist()
            ]
        elif not any(top.table == "domain" and top.keys == 0 for top in manifest.top):
            unknown.append(sealed.run)  # an empty table has no object, and its Top says that it has no keys
    return DomainAnswer(tuple(rows), tuple(unknown))


def _rollup(store: Store, digest: str, names: list[str], *, below: bool) -> pa.Table:
    path = object_path(digest)
    local = store.local_path(path)
    if local is not None and not below:
        # Sorted by domain, so row groups outside it are skipped by their statistics.
        table = pq.read_table(local, filters=[("domain", "in", names)])
        return conformed(table, ROLLUP_DOMAIN, store.place(path))
    whole = read_parquet(store.get_object(digest), store.place(path), ROLLUP_DOMAIN)
    column = whole.column("domain")
    hit = pc.is_in(column, pa.array(names))
    for name in names if below else ():
        hit = pc.or_(hit, pc.ends_with(column, "." + name))
    return whole.filter(hit)


def _spellings(domain: str) -> list[str]:
    plain = domain.strip().rstrip(".").lower()
    if not plain or any(c.isspace() or c in "/:@?#" for c in plain):
        msg = f"domain {domain!r}: not a domain name; give it without scheme, port and path, such as example.org"
        raise StoreError(msg)
    others = (_to_ascii(plain), _to_unicode(plain))
    return [plain, *(other for other in others if other is not None and other != plain)]


def _to_ascii(name: str) -> str | None:
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:
        return None


def _to_unicode(name: str) -> str | None:
    try:
        return name.encode("ascii").decode("idna")
    except UnicodeError:
        return None


def _digest(files: pa.Table, name: str) -> str | None:
    found = files.filter(pc.equal(files.column("name"), name)).column("digest").to_pylist()
    return found[0] if found else None
