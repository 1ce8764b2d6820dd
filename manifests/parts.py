"""Parts that any disclosure report is made of: sources, scale, types, labelling, checks, drawn from a manifest."""

from collections.abc import Mapping
from typing import Any, Final

from manifests.report import (
    Block,
    Cell,
    Facts,
    Missing,
    Note,
    by_source,
    code,
    count,
    document,
    measured,
    missing,
    settings,
    table,
    term,
    text,
)
from manifests.report_personal import accuracy_notes
from schemas.canonical import sha256_hex
from schemas.ledger import READ
from schemas.manifest import CheckEntry, Manifest

DETECTORS: Final = ("personal", "licence", "safety", "authenticity")
"""Checks that find something in a text, whose number says little without their accuracy."""
BOOK_KEEPING: Final = ("files", "records", "conservation")
"""Entries among the checks that only count what was read."""
_EVIDENCE: Final = ("licence_evidence", "contract", "labelling_rules", "personal_basis_evidence")


def provider(m: Manifest) -> list[Block]:
    """Who provides the service, as the run file says."""
    keys = ("name", "name_en", "uscc", "contact", "service", "filing_number")
    told = {**m.provider, "service": " / ".join(m.provider[k] for k in ("service", "service_en") if m.provider.get(k))}
    return [Facts(tuple((f"provider_{key}", text(told.get(key), "run-file")) for key in keys))]


def model(m: Manifest) -> list[Block]:
    """Which model, stage and data the run was for."""
    return [Facts((
        ("model_name", text(m.model.get("name"), "run-file")),
        ("model_version", text(m.model.get("version"), "run-file")),
        ("stage", term("stage", m.stage, "run-file")),
        ("run", code(m.run)),
        ("dataset_version", text(m.model.get("dataset_version"), "run-file")),
        ("shards_root", code(m.units.root)),
    ))]  # fmt: skip


def register(m: Manifest) -> list[Block]:
    """The register of sources by class."""
    registered = {s.id for s in m.registry.sources}
    rows = (
        (
            text(source), text(said.get("name")),
            term("class", said.get("class")) if source in registered else Cell("term", "class.unregistered"),
            term("category", said.get("category")), text(said.get("licence")),
            text(said.get("legal_basis") or said.get("public_data")),
        )
        for source, said in by_source(m)
    )  # fmt: skip
    columns = ("source", "name", "class", "category", "licence", "legal_basis")
    return [table("sources", columns, rows), *measured(m, "provenance", sources=False)]


def evidence(m: Manifest) -> list[Block]:
    """Documents that prove a source's terms: digests and web addresses, never paths."""
    rows: list[tuple[Cell, ...]] = []
    for source, said in by_source(m):
        given = [(text(source), Cell("term", f"evidence.{f}"), document(said[f])) for f in _EVIDENCE if said.get(f)]
        rows += given or [(text(source), missing("not-declared"), missing("not-declared"))]
    return [table("evidence", ("source", "evidence", "document"), rows)]


def collected(m: Manifest) -> list[Block]:
    """When and with what each source was collected."""
    keys = ("collected_from", "collected_until", "collected_with")
    rows = ((text(source), *(text(said.get(key)) for key in keys)) for source, said in by_source(m))
    return [table("collection", ("source", *keys), rows), Missing("robots")]


def origin(m: Manifest) -> list[Block]:
    """Domestic or foreign, as declared."""
    rows = ((text(source), term("origin", said.get("origin"))) for source, said in by_source(m))
    return [table("origin", ("source", "origin"), rows)]


def reviews(m: Manifest) -> list[Block]:
    """A person's decision on each source; without the person's name."""
    rows = []
    for source, said in by_source(m):
        review = said.get("review") or {}
        day, end = review.get("on"), review.get("expires")
        rows.append((
            text(source), term("review", review.get("decision")), text(day and str(day)),
            text(end and str(end), "no-end" if review else "not-declared"),
        ))  # fmt: skip
    return [table("reviews", ("source", "review", "reviewed_on", "review_expires"), rows), Missing("risk-assessment")]


def base_model(m: Manifest) -> list[Block]:
    """The base model and its filing."""
    keys = ("base_model", "base_model_version", "base_model_licence", "base_model_filing_number")
    return [Facts(tuple((key, text(m.model.get(key), "run-file")) for key in keys))]


def left_out(m: Manifest) -> list[Block]:
    """Rejected sources, and files that were not read."""
    rejected = [s for s, said in by_source(m) if (said.get("review") or {}).get("decision") == "rejected"]
    rows = ((text(source), Cell("term", "review.rejected")) for source in rejected)
    first: Block = table("rejected", ("source", "reason"), rows) if rejected else Note("none_rejected")
    return [first, *media(m, read=False)]


def media(m: Manifest, *, read: bool) -> list[Block]:
    """Files by media type; without *read*, only those that were not read."""
    rows = [
        (code(c.media_type), Cell("term", f"status.{c.status}"), count(c.files), count(c.bytes))
        for c in m.counts.media if read or c.status != READ
    ]  # fmt: skip
    caption = "media" if read else "not_read"
    return [table(caption, ("media_type", "status", "files", "bytes"), rows)] if rows else [Note("all_read")]


def scale(m: Manifest) -> list[Block]:
    """Files, bytes and records of the run."""
    f, r, d = m.counts.files, m.counts.records, m.counts.decisions
    told = [
        ("files_listed", count(f.listed), "files"), ("files_read", count(f.read), "files"),
        ("files_not_looked_at", count(f.not_looked_at), "files"), ("files_unreadable", count(f.unreadable), "files"),
        ("bytes_listed", count(f.listed_bytes), "bytes"), ("bytes_read", count(f.read_bytes), "bytes"),
        ("records_read", count(r.read), "records"), ("records_looked_at", count(r.looked_at), "records"),
        ("records_unread", count(r.unread), "records"), ("text_bytes", count(r.text_bytes), "bytes"),
        *(
            (f"records_{name}", count(getattr(d, name)) if d else missing("not-decided"), "records")
            for name in ("kept", "redacted", "dropped", "held")
        ),
        ("tokens", missing("tokens"), "tokens"),
    ]  # fmt: skip
    rows = (
        (Cell("term", f"quantity.{k}"), value, Cell("term", f"unit.{u}"), Cell("term", f"counted.{k}"))
        for k, value, u in told
    )
    return [table("scale", ("quantity", "value", "unit", "method"), rows), *measured(m, "duplicates", sources=False)]


def spread(m: Manifest) -> list[Block]:
    """The same by source."""
    said = dict(by_source(m))
    rows = (
        (
            text(s.source), term("stage", said[s.source].get("stage")), text(said[s.source].get("language")),
            count(s.files.listed), count(s.files.listed_bytes), count(s.records.read), count(s.records.looked_at),
            count(s.records.unread),
        )
        for s in m.counts.sources
    )  # fmt: skip
    columns = ("source", "stage", "language", "files", "bytes", "records", "looked_at", "unread")
    return [table("scale_by_source", columns, rows)]


def labelled(m: Manifest) -> list[Block]:
    """Records of the sources that declare labelling."""
    said = dict(by_source(m))
    rows = [
        (text(s.source), term("labelling", said[s.source].get("labelling_method")), count(s.records.read))
        for s in m.counts.sources
        if said[s.source].get("labelling_method") not in (None, "none") or said[s.source].get("labelling_rules")
    ]
    return [table("labelled", ("source", "labelling", "records"), rows)] if rows else []


def languages(m: Manifest) -> list[Block]:
    """Languages measured, and the largest keys of the tables that may be named."""
    told: list[Block] = list(measured(m, "language"))
    for top in m.top:
        rows = ((code(row.key), count(row.records), count(row.bytes)) for row in top.rows)
        told.append(table(f"top_{top.table}", ("key", "records", "bytes"), rows))
    return told


def code_licences(m: Manifest) -> list[Block]:
    """Licence marks measured."""
    return list(measured(m, "licence"))


def synthetic(m: Manifest) -> list[Block]:
    """Sources declared as synthetic, with their generator."""
    rows = [
        (text(source), text(said.get("generator")), text(said.get("collected_from")), text(said.get("collected_until")))
        for source, said in by_source(m)
        if said.get("class") == "synthetic" or said.get("category") == "synthetic" or said.get("generator")
    ]
    told: Block = Note("none_synthetic")
    if rows:
        told = table("synthetic", ("source", "generator", "collected_from", "collected_until"), rows)
    return [told, *measured(m, "authenticity")]


def labelling(m: Manifest) -> list[Block]:
    """How each source was labelled, as declared."""
    rows = [
        (text(source), term("labelling", said["labelling_method"]))
        for source, said in by_source(m) if said.get("labelling_method")
    ]  # fmt: skip
    return [table("labelling", ("source", "labelling"), rows)] if rows else []


def rules(m: Manifest) -> list[Block]:
    """Labelling rules by source."""
    rows = [(text(s), document(said["labelling_rules"])) for s, said in by_source(m) if said.get("labelling_rules")]
    return [table("labelling_rules", ("source", "document"), rows)] if rows else []


def checks(m: Manifest, *, detectors: bool) -> list[Block]:
    """The checks that ran, with their settings and the digests of what they read."""
    rows = [
        (code(c.name), count(c.version), settings(_settings(m, c)), settings({k: v[:16] for k, v in c.inputs.items()}))
        for c in m.checks if (c.name in DETECTORS) == detectors and c.name not in BOOK_KEEPING
    ]  # fmt: skip
    caption = "detectors" if detectors else "checks"
    return [table(caption, ("check", "version", "settings", "inputs"), rows)] if rows else [Missing("no-such-check")]


def _settings(m: Manifest, check: CheckEntry) -> dict[str, Any]:
    """A check's own settings, and for copies how the run judged them; the customer's recognizers by digest alone."""
    more = m.settings.get("dedup") if check.name == "duplicates" else None
    told = {**check.settings, **(more if isinstance(more, Mapping) else {})}
    if check.name == "personal" and isinstance(own := told.get("recognizers"), list | tuple):
        told["recognizers"] = [sha256_hex(str(text).encode())[:16] for text in own]
    return told


def detectors(m: Manifest) -> list[Block]:
    """The checks that detect, where their measured accuracy stands, and that it was not measured here."""
    return [*checks(m, detectors=True), *accuracy_notes(m), Missing("accuracy")]
