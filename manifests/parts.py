"""Parts that any disclosure report is made of: sources, scale, types, labelling, checks, drawn from a manifest."""

from collections.abc import Mapping
from typing import Any, Final

from manifests import report_sources
from manifests.fairness import precision_in
from manifests.manifest import measure_rows
from manifests.report import (
    Block,
    Cell,
    Facts,
    Missing,
    Note,
    by_source,
    code,
    count,
    measured,
    missing,
    settings,
    table,
    term,
    text,
)
from manifests.report_personal import accuracy_notes
from manifests.report_sources import named_paper, rejected
from schemas.canonical import sha256_hex
from schemas.ledger import READ
from schemas.manifest import CheckEntry, Manifest
from schemas.personal import Estimated

DETECTORS: Final = ("personal", "licence", "safety", "authenticity")
"""Checks that find something in a text, whose number says little without their accuracy."""
BOOK_KEEPING: Final = ("files", "records", "conservation", "assessment")
"""Entries among the checks that look at no text: they count what was read, or tell of the log."""


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


def base_model(m: Manifest) -> list[Block]:
    """The base model and its filing."""
    keys = ("base_model", "base_model_version", "base_model_licence", "base_model_filing_number")
    return [Facts(tuple((key, text(m.model.get(key), "run-file")) for key in keys))]


def left_out(m: Manifest) -> list[Block]:
    """Rejected sources, and files that were not read."""
    return [*rejected(m), *media(m, read=False)]


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
        *_counted(m),
    ]  # fmt: skip
    rows = (
        (Cell("term", f"quantity.{k}"), value, Cell("term", f"unit.{u}"), Cell("term", f"counted.{k}"))
        for k, value, u in told
    )
    return [table("scale", ("quantity", "value", "unit", "method"), rows), *measured(m, "duplicates", sources=False)]


def _counted(m: Manifest) -> list[tuple[str, Cell, str]]:
    """Code points and tokens of the run, as the check `scale` has them."""
    found = {row.measure: row.value for row in measure_rows(m) if row.check == "scale" and row.source is None}
    chars, tokens = found.get("chars"), found.get("tokens")
    told = [("chars", missing("not-counted") if chars is None else count(chars), "code points")]
    told.append(("tokens", missing("tokens") if tokens is None else count(tokens), "tokens"))
    bounds = ((name, found.get(name)) for name in ("tokens_least", "tokens_most"))
    few = missing("no-interval")
    return told + [
        (name, few if value is None else count(value), "tokens") for name, value in bounds if tokens is not None
    ]


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
    for top in (top for top in m.top if top.rows):
        rows = ((code(row.key), count(row.records), count(row.bytes)) for row in top.rows)
        told.append(table(f"top_{top.table}", ("key", "records", "bytes"), rows))
    return told


def code_licences(m: Manifest) -> list[Block]:
    """Licence marks measured, and records of restricted datasets under other marks."""
    return [*measured(m, "licence"), *report_sources.restricted(m)]


def synthetic(m: Manifest) -> list[Block]:
    """Sources declared as synthetic, with their generator."""
    return [*report_sources.synthetic(m), *measured(m, "authenticity")]


def labelling(m: Manifest) -> list[Block]:
    """How each source was labelled, as declared."""
    rows = [
        (text(source), term("labelling", said["labelling_method"]))
        for source, said in by_source(m) if said.get("labelling_method")
    ]  # fmt: skip
    return [table("labelling", ("source", "labelling"), rows)] if rows else []


def rules(m: Manifest) -> list[Block]:
    """Labelling rules by source."""
    rows = [(text(s), named_paper(said["labelling_rules"])) for s, said in by_source(m) if said.get("labelling_rules")]
    return [table("labelling_rules", ("source", "document"), rows)] if rows else []


def checks(m: Manifest, *, detectors: bool) -> list[Block]:
    """The checks that ran, with their settings and the digests of what they read."""
    rows = [
        (code(c.name), count(c.version), settings(_settings(m, c)), settings({k: v[:16] for k, v in c.inputs.items()}))
        for c in m.checks if (c.name in DETECTORS) == detectors and c.name not in BOOK_KEEPING
    ]  # fmt: skip
    caption = "detectors" if detectors else "checks"
    return [table(caption, ("check", "version", "settings", "inputs"), rows)] if rows else [Missing("no-such-check")]


def fairness(m: Manifest) -> list[Block]:
    """Screening indicators by the grounds of Article 4(2), where the run has them, and what they are not."""
    told = measured(m, "fairness")
    rows = [
        (term("ground", p.ground), text(p.language), count(p.judged), Cell("estimate", Estimated(p.precision_ppm, p.low_ppm, p.high_ppm)))
        for p in precision_in(m)
    ]  # fmt: skip
    columns = ("ground", "language", "judged_places", "precision")
    words: list[Block] = [table("fairness_precision", columns, rows)] if rows else []
    return [Note("fairness_screening"), *told, *words] if told else []


def _settings(m: Manifest, check: CheckEntry) -> dict[str, Any]:
    """A check's own settings, and for copies how the run judged them; the customer's recognizers and words by digest alone, and
    of quality profiles the names, for their rules have tables of their own.
    """
    more = m.settings.get("dedup") if check.name == "duplicates" else None
    told = {**check.settings, **(more if isinstance(more, Mapping) else {})}
    for name, setting in (("personal", "recognizers"), ("fairness", "lexicons")):
        if check.name == name and isinstance(own := told.get(setting), list | tuple):
            told[setting] = [sha256_hex(str(text).encode())[:16] for text in own]
    return {"profiles": told.get("profiles")} if check.name == "selection" else told


def detectors(m: Manifest) -> list[Block]:
    """The checks that detect, where their measured accuracy stands, and that it was not measured here."""
    return [*checks(m, detectors=True), *accuracy_notes(m), Missing("accuracy")]
