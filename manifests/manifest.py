"""Manifest to canonical bytes and back, the part that two runs are compared by, and what must add up in it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from schemas.canonical import canonical_json, digest_of, parse_json
from schemas.described import as_json, from_json
from schemas.errors import StoreError
from schemas.manifest import FORMAT, Counts, FileCounts, Manifest, Registry, SourceEntry
from schemas.source import Source
from schemas.source_proofs import missing_proofs
from schemas.yaml_shape import as_json as told
from schemas.yaml_shape import slots_of

OUTSIDE_COMPARISON: Final = ("run", "started", "finished", "log", "execution")
"""What may differ between two runs that came to the same: their names, clocks, machines, and the log before them."""


class MeasureRow(NamedTuple):
    """One number as reports print it; *source* None: of the run."""

    source: str | None
    check: str
    measure: str
    value: int | None
    unit: str
    method: str
    looked_at: int
    unread: int


def encode(manifest: Manifest) -> bytes:
    """The canonical bytes of *manifest*: what is stored, hashed and signed."""
    return canonical_json(as_json(manifest))


def decode(data: bytes, place: str = "manifest.json") -> Manifest:
    """The manifest of its bytes; refuses a format number this code does not know. *place* names the file in errors."""
    try:
        value = parse_json(data)
    except ValueError as error:
        msg = f"{place}: is not JSON; restore it from a copy"
        raise StoreError(msg) from error
    number = value.get("format") if isinstance(value, dict) else None
    if number != FORMAT:
        by = _writer(value)
        msg = f"{place}: manifest format {number!r}, this program reads {FORMAT}; read it with {by} or later"
        raise StoreError(msg)
    return from_json(Manifest, value, place)


def comparable(manifest: Manifest) -> bytes:
    """The bytes in which two runs agree when nothing but time, machine, name and reuse differs (data-path §8 a).

    The tables' own digests are left out, since their rows say what was reused and from where; their roots stay.
    """
    value = {k: v for k, v in as_json(manifest).items() if k not in OUTSIDE_COMPARISON}
    value["units"], value["files"] = manifest.units.root, manifest.files.root
    return canonical_json(value)


def registry_of(sources: Iterable[Source], as_of: str | None = None) -> Registry:
    """The registry's entry for *sources*, in order of id: what each declares by its YAML keys, defaults spelt out.

    *as_of*: ISO date on which what its class must prove is looked at; None: not looked at.
    """
    entries = []
    for source in sorted(sources, key=lambda s: s.id):
        declared = {
            slot.key: told(value)
            for slot in slots_of(Source)
            if (value := getattr(source, slot.field)) not in (None, ())
        }
        missing = None if as_of is None else tuple(proof.code for proof in missing_proofs(source, as_of))
        entries.append(SourceEntry(source.id, declared, digest_of(declared), missing))
    return Registry(digest_of({e.id: e.digest for e in entries}), tuple(entries))


def measure_rows(manifest: Manifest) -> Iterator[MeasureRow]:
    """Every number of the manifest with its unit, method and coverage, in the manifest's order."""
    meaning = {(c.name, m.name): m for c in manifest.checks for m in c.measures}
    for measured in manifest.measures:
        for name, value in measured.values.items():
            known = meaning.get((measured.check, name))
            yield MeasureRow(
                measured.source, measured.check, name, value,
                known.unit if known else "", known.method if known else "", measured.looked_at, measured.unread,
            )  # fmt: skip


def verify_conservation(manifest: Manifest) -> list[str]:
    """Every sum that does not come out, one sentence each; an empty list when nothing vanished."""
    counts = manifest.counts
    wrong = [*_files_add_up("the run", counts.files), *_media_add_up(counts), *_records_add_up(counts)]
    for source in counts.sources:
        of = f"source {source.source}"
        wrong += _files_add_up(of, source.files)
        wrong += _equal(of, "records read", source.records.read, "looked at + unread", source.records)
        wrong += _by_reason(of, source.records.unread, source.records.unread_by)
    wrong += [*_sources_add_up(counts), *_personal_adds_up(counts)]
    read_by = {s.source: s.records.read for s in counts.sources}
    for m in manifest.measures:
        read = counts.records.read if m.source is None else read_by.get(m.source)
        if read is None:
            wrong.append(f"measures of {m.check}: source {m.source} is not among the counted sources")
        elif m.looked_at + m.unread != read:
            wrong.append(
                f"measures of {m.check} over {m.source or 'the run'}: looked at {m.looked_at} + unread {m.unread} is not {read} records read"
            )
    return wrong


def _files_add_up(of: str, files: FileCounts) -> list[str]:
    total = files.read + files.not_looked_at + files.unreadable
    if files.listed == total:
        return []
    return [
        f"{of}: files listed {files.listed} is not read {files.read} + not looked at {files.not_looked_at}"
        f" + unreadable {files.unreadable} = {total}"
    ]


def _media_add_up(counts: Counts) -> list[str]:
    wrong = []
    for status, files in (
        ("read", counts.files.read),
        ("not-looked-at", counts.files.not_looked_at),
        ("unreadable", counts.files.unreadable),
    ):
        told = [m for m in counts.media if m.status == status]
        if sum(m.files for m in told) != files:
            wrong.append(f"the run: files {status} {files}, by media type {sum(m.files for m in told)}")
    total = sum(m.bytes for m in counts.media)
    if total != counts.files.listed_bytes:
        wrong.append(f"the run: bytes listed {counts.files.listed_bytes}, by media type {total}")
    return wrong


def _records_add_up(counts: Counts) -> list[str]:
    records = counts.records
    wrong = _equal("the run", "records read", records.read, "looked at + unread", records)
    wrong += _by_reason("the run", records.unread, records.unread_by)
    for check in counts.checks:
        wrong += _equal(f"check {check.check}", "records read", records.read, "looked at + unread by it", check)
        if check.unread < records.unread:
            wrong.append(f"check {check.check}: {check.unread} unread by it, fewer than the run's {records.unread}")
    if counts.decisions is not None:
        d = counts.decisions
        total = d.kept + d.redacted + d.dropped + d.held
        if total != records.looked_at:
            wrong.append(f"the run: looked at {records.looked_at} is not kept + redacted + dropped + held = {total}")
    return wrong


def _sources_add_up(counts: Counts) -> list[str]:
    parts = counts.sources
    columns: tuple[tuple[str, int, Callable[[Any], int]], ...] = (
        ("files listed", counts.files.listed, lambda s: s.files.listed),
        ("files read", counts.files.read, lambda s: s.files.read),
        ("files not looked at", counts.files.not_looked_at, lambda s: s.files.not_looked_at),
        ("bytes listed", counts.files.listed_bytes, lambda s: s.files.listed_bytes),
        ("bytes read", counts.files.read_bytes, lambda s: s.files.read_bytes),
        ("records read", counts.records.read, lambda s: s.records.read),
        ("records looked at", counts.records.looked_at, lambda s: s.records.looked_at),
        ("text bytes", counts.records.text_bytes, lambda s: s.records.text_bytes),
        *(
            (f"findings of {c.check}", c.findings, lambda s, name=c.check: s.findings.get(name, 0))
            for c in counts.checks
        ),
    )
    told = ((name, whole, sum(part(s) for s in parts)) for name, whole, part in columns)
    return [f"the run: {name} {whole}, over its sources {total}" for name, whole, total in told if whole != total]


def _personal_adds_up(counts: Counts) -> list[str]:
    if counts.personal is None:
        return []
    wrong, totals = [], {}
    for entity in counts.personal.entities:
        whole, *parts = entity.counts
        totals[entity.entity] = whole.findings
        for name in ("findings", "validated", "records"):
            told, total = getattr(whole, name), sum(getattr(part, name) for part in parts)
            # A source without a finding has no row: nothing of it is left to add.
            if told != total:
                wrong.append(f"the run: {name} of {entity.entity} {told}, over its sources {total}")
        if not (whole.validated <= whole.findings and whole.records <= whole.findings):
            wrong.append(f"the run: of {whole.findings} findings of {entity.entity} more are validated, or in records")
    for s in counts.personal.sensitive:
        total = sum(totals.get(name, 0) for name in s.entities)
        if s.findings != total:
            wrong.append(f"the run: sensitive findings under {s.profile} {s.findings}, over its entities {total}")
    return wrong


def _equal(of: str, name: str, whole: int, sum_name: str, parts: Any) -> list[str]:
    total = parts.looked_at + parts.unread
    return [] if whole == total else [f"{of}: {name} {whole} is not {sum_name} = {total}"]


def _by_reason(of: str, unread: int, reasons: Mapping[str, int]) -> list[str]:
    total = sum(reasons.values())
    return [] if unread == total else [f"{of}: unread {unread}, by reason {total}"]


def _writer(value: Any) -> str:
    product = value.get("product") if isinstance(value, dict) else None
    if isinstance(product, dict) and isinstance(product.get("version"), str):
        return f"corpusledger {product['version']}"
    return "the program that wrote it"
