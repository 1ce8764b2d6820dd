"""The report under Article 19(1) of the Interim Measures: which cell comes from where, in the order of the field list.

Every cell is a manifest path or a person's statement; an empty one says why. Quality is not among the article's items,
so its measures are left out. Paths of shards and of the registry's documents are never printed.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from manifests import parts
from manifests import report_sources as sources
from manifests.report import (
    Block,
    Cell,
    Facts,
    Item,
    Missing,
    Note,
    Report,
    Section,
    Statement,
    code,
    count,
    missing,
    named,
    table,
    text,
)
from manifests.report_labels import label_people, label_quality, label_rules, label_tasks
from manifests.report_lists import lists
from manifests.report_personal import personal
from schemas.canonical import digest_of
from schemas.manifest import EFFECTS, Manifest

ITEMS: Final = {
    "0": ("0.1", "0.2", "0.3", "0.4", "0.5"),
    "1": ("1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7"),
    "2": ("2.1", "2.2", "2.3", "2.4"),
    "3": ("3.1", "3.2", "3.3", "3.4", "3.5", "3.6"),
    "4": ("4.1", "4.2", "4.3", "4.4", "4.5"),
    "5": ("5.1", "5.2", "5.3", "5.4", "5.5"),
    "6": ("6.1", "6.2"),
    "7": ("7",),
    "8": ("8",),
    "9": ("9",),
}
"""Sections and their items, in the order in which they are printed."""
NOT_IN_ARTICLE_19: Final = ("quality",)
"""Checks whose measures the article does not ask for; given on request, in another report."""


def article19(
    manifest: Manifest, manifest_sha256: str, *, signed: bool, generated: str | None = None,
    statements: Mapping[str, tuple[str, str]] | None = None, draft: bool = True, uses: Sequence[Block] = (),
    reviews: Mapping[str, Sequence[Block]] | None = None,
) -> Report:  # fmt: skip
    """The model of the report. *statements*: item number -> (zh, en), what people have stated and released.

    *uses*: blocks on permitted uses (`manifests.report_uses`), shown with intellectual property; *reviews*: item -> blocks
    on samples that were judged (`manifests.report_review`).
    """
    said, more = statements or {}, {**(reviews or {}), "3.6": uses}
    sections = []
    for section, numbers in ITEMS.items():
        items = [
            Item(n, _blocks(n, manifest, manifest_sha256, said.get(n), signed, generated, more.get(n, ())))
            for n in numbers
        ]
        sections.append(Section(section, tuple(items)))
    return Report("cn-art19", manifest.run, manifest_sha256, signed, generated, draft, tuple(sections))


def _blocks(
    number: str,
    m: Manifest,
    digest: str,
    said: tuple[str, str] | None,
    signed: bool,
    generated: str | None,
    more: Sequence[Block],
) -> tuple[Block, ...]:
    told: list[Block] = []
    if number == "0.1":
        told.append(_identity(m, digest, signed, generated))
    elif number in _FROM_MANIFEST:
        told.extend(_FROM_MANIFEST[number](m))
    told.extend(more)
    if said is not None:
        told.append(Statement(*said))
    elif number in _ALSO_PEOPLE:
        told.append(Missing(_ALSO_PEOPLE[number]))
    return tuple(told) or (Missing("people"),)


def _identity(m: Manifest, digest: str, signed: bool, generated: str | None) -> Facts:
    return Facts((
        ("report_number", code(f"{m.run}/{digest[:12]}")),
        ("generated", Cell("date", generated) if generated else missing("no-clock")),
        ("scan_started", Cell("date", m.started)),
        ("scan_finished", Cell("date", m.finished)),
        ("manifest_sha256", code(digest)),
        ("signature", Cell("term", "signature.signed" if signed else "signature.unsigned")),
    ))  # fmt: skip


def _again(m: Manifest) -> list[Block]:
    facts = Facts((
        ("verify_command", code(f"corpusledger verify {m.run} --ledger LEDGER --key KEY.pub")),
        ("product", code(f"{m.product.name} {m.product.version}, Python {m.product.python}")),
        *((("lock_digest", code(m.product.lock_digest)),) if m.product.lock_digest else ()),
        ("settings_digest", code(digest_of(m.settings))),
        ("registry_digest", code(m.registry.digest)),
        ("shards_root", code(m.units.root)),
        ("files_root", code(m.files.root)),
    ))  # fmt: skip
    return [facts, Note("verify_by_hand")]


def _open_items(m: Manifest) -> list[Block]:
    open_rules = [
        r for r in m.gate.rules if r.state not in ("met", "not_applicable") and r.check not in NOT_IN_ARTICLE_19
    ]
    rows = [
        (code(r.rule), Cell("words", r.citation), Cell("term", f"state.{r.state}"), Cell("term", f"effect.{r.effect}"),
         named(r.sources), Cell("words", r.summary))
        for r in sorted(open_rules, key=lambda r: EFFECTS.index(r.effect))
    ]  # fmt: skip
    columns = ("rule", "citation", "state", "effect", "sources", "summary")
    told: list[Block] = [table("open_items", columns, rows) if rows else Note("no_open_items")]
    limits = ("limit_detectors", "limit_unread", "limit_licence", "limit_sources", "limit_copies", "limit_verdict")
    return [*told, *(Note(name) for name in limits)]


def _annexes(m: Manifest) -> list[Block]:
    tables = ((code(t.name), count(t.rows), code(t.digest)) for t in (*m.units.tables, *m.files.tables))
    policies = ((text(p.name), text(p.version), code(p.digest)) for p in m.policies)
    told: list[Block] = [table("tables", ("table", "rows", "sha256"), tables)]
    return [*told, table("policies", ("policy", "version", "sha256"), policies)] if m.policies else told


def _signatures(_: Manifest) -> list[Block]:
    roles = ("legal_representative", "safety_assessment", "lawfulness_assessment")
    return [Facts(tuple((role, missing("to-sign")) for role in roles))]


_FROM_MANIFEST: Final[Mapping[str, Callable[[Manifest], list[Block]]]] = {
    "0.2": parts.provider, "0.5": parts.model, "1.1": sources.register, "1.2": lambda m: [*sources.evidence(m), *lists(m)], "1.3": sources.collected, "1.4": sources.origin,
    "1.5": sources.reviews, "1.6": lambda m: [*parts.base_model(m), *sources.models(m)], "1.7": parts.left_out, "2.1": parts.scale, "2.2": parts.spread, "2.3": parts.labelled,
    "3.1": lambda m: parts.media(m, read=True), "3.2": parts.languages, "3.3": parts.code_licences, "3.4": personal, "3.5": parts.synthetic,
    "3.6": lambda _: [Note("see_licences")], "4.1": lambda m: [*parts.labelling(m), *label_tasks(m)], "4.2": lambda m: [*parts.rules(m), *label_rules(m)],
    "4.3": label_people, "4.4": label_quality, "5.2": lambda m: parts.checks(m, detectors=False),
    "5.3": parts.detectors, "5.5": parts.fairness, "6.2": _again, "7": _open_items, "8": _annexes, "9": _signatures,
}  # fmt: skip
_ALSO_PEOPLE: Final[Mapping[str, str]] = {
    "0.3": "people", "0.4": "people", "1.4": "origin-test", "2.3": "labelled-scale", "2.4": "people", "3.6": "people",
    "4.1": "people", "4.2": "people", "4.3": "people", "4.4": "people", "4.5": "people", "5.1": "people", "5.4": "people",
    "5.5": "people", "6.1": "people", "7": "remediation",
}  # fmt: skip
"""Items that people fill, alone or besides the tool: what to print while they have not."""
