"""Parts of a disclosure report that tell of the sources: register, papers, what is missing of them, origin, review, assessment."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from manifests.report import (
    DITTO,
    Block,
    Cell,
    Missing,
    Note,
    by_source,
    code,
    count,
    document,
    measured,
    missing,
    said_once,
    table,
    term,
    text,
)
from schemas.manifest import Manifest, SourceAssessment, SourceEntry
from schemas.source_papers import latest, reviews_in
from schemas.source_proofs import said as words_of

Said = Mapping[str, Any]
_PAPERS: Final = (
    "licence_evidence", "licence_files", "public_data.evidence", "contract", "contract.warranty", "acquisition.records",
    "authorisation.agreement", "authorisation.records", "ownership", "generator.terms", "labelling_rules",
    "personal_basis_evidence",
)  # fmt: skip
"""Where a source's YAML names papers, in the order in which they are printed."""


def bare(value: Any, key: str) -> str | None:
    """A field that was written as one text, or as a mapping of which *key* is that text."""
    found = value.get(key) if isinstance(value, Mapping) else value
    return str(found) if found else None


def register(m: Manifest) -> list[Block]:
    """The register of sources by class."""
    registered = {s.id for s in m.registry.sources}
    rows = (
        (
            text(source), text(said.get("name")),
            term("class", said.get("class")) if source in registered else Cell("term", "class.unregistered"),
            term("category", said.get("category")), text(said.get("licence")),
            text(said.get("legal_basis") or bare(said.get("public_data"), "terms")),
            term("grade", bare(said.get("classification"), "grade")),
        )
        for source, said in by_source(m)
    )  # fmt: skip
    columns = ("source", "name", "class", "category", "licence", "legal_basis", "grade")
    return [table("sources", columns, rows), *measured(m, "provenance", sources=False)]


def evidence(m: Manifest) -> list[Block]:
    """Papers that prove a source's terms: digests and web addresses, never paths; and what of the proofs is missing."""
    rows: list[tuple[Cell, ...]] = []
    for source, said in by_source(m):
        given = [
            (text(source), Cell("term", f"evidence.{place}"), named_paper(paper))
            for place in _PAPERS
            for paper in _papers_at(said, place)
        ]
        rows += given or [(text(source), missing("not-declared"), DITTO)]
    told: list[Block] = [table("evidence", ("source", "evidence", "document"), rows)]
    return [*told, *proofs(m)]


def named_paper(paper: Any) -> Cell:
    """A paper by its digest, which was worked out when the run began, or its address."""
    if isinstance(paper, Mapping):
        digest = paper.get("sha256")
        return code(f"sha256:{digest}") if digest else document(paper.get("file"))
    return document(paper)


def proofs(m: Manifest) -> list[Block]:
    """What each source lacks of the proofs of its class, by name."""
    known = [s for s in _in_order(m) if s.proofs_missing is not None]
    if not known:
        return [Missing("proofs-not-recorded")]
    rows = [
        (text(s.id), term("class", s.declared.get("class")), Cell("words", words_of(s.proofs_missing)))
        for s in known if s.proofs_missing
    ]  # fmt: skip
    told: Block = table("proofs_missing", ("source", "class", "proof"), rows) if rows else Note("proofs_complete")
    return [told, Note("proofs_limits")]


def collected(m: Manifest) -> list[Block]:
    """When, with what and under which restrictions each source was collected."""
    keys = ("collected_from", "collected_until", "collected_with")
    rows = []
    for source, said in by_source(m):
        how = said.get("acquisition") or {}
        tools = [str(tool) for tool in (said.get("collected_with"), *(how.get("tools") or ())) if tool]
        rows.append((
            text(source), text(said.get(keys[0])), text(said.get(keys[1])), text(", ".join(tools)), text(how.get("user_agent")),
            text(how.get("robots_policy")), count(len(how.get("records") or ())),
        ))  # fmt: skip
    columns = ("source", *keys, "user_agent", "robots_policy", "collection_records")
    return [table("collection", columns, map(said_once, rows)), *site_words(m)]


def site_words(m: Manifest) -> list[Block]:
    """What the sites said of training, where the crawler's files were given to the run; else that nobody looked."""
    if not _has(m, "optouts", "captures"):
        return [Missing("robots")]
    return [*measured(m, "optouts"), Note("optouts_limits")]


def restricted(m: Manifest) -> list[Block]:
    """Records of known restricted datasets, where fingerprints were given to the run; else that nobody looked; of a run without the check nothing."""
    if not _has(m, "laundering", "sets"):
        return [Missing("restricted-datasets")] if any(c.name == "laundering" for c in m.checks) else []
    return [*measured(m, "laundering"), Note("laundering_limits")]


def _has(m: Manifest, check: str, setting: str) -> bool:
    return any(c.name == check and bool(c.settings.get(setting)) for c in m.checks)


def origin(m: Manifest) -> list[Block]:
    """Domestic or foreign, as a person attests it; without the person's name."""
    rows = []
    for source, said in by_source(m):
        given = said.get("origin")
        day = given.get("on") if isinstance(given, Mapping) else None
        attested = text(day and str(day), "not-attested") if given else missing("not-declared")
        rows.append((text(source), term("origin", bare(given, "value")), attested))
    hints = measured(m, "origin_hints")
    return [
        table("origin", ("source", "origin", "attested_on"), rows),
        *hints,
        *([Note("hints_limits")] if hints else []),
    ]


def reviews(m: Manifest) -> list[Block]:
    """People's decisions on each source, without their names, and whether it was assessed before it was collected."""
    rows: list[tuple[Cell, ...]] = []
    for source, said in by_source(m):
        held = reviews_in(said)
        rows += [
            (
                text(source), term("review", one.decision), text(one.on), text(one.expires, "no-end"),
                text(", ".join(one.uses)) if one.uses else Cell("term", "uses.all"),
            )
            for one in held
        ] or [(text(source), *(missing("not-declared") for _ in range(4)))]  # fmt: skip
    columns = ("source", "review", "reviewed_on", "review_expires", "uses")
    return [table("reviews", columns, rows), *assessments(m), Missing("risk-assessment")]


def assessments(m: Manifest) -> list[Block]:
    """The scan of a sample before each source was collected, as the log holds it."""
    rows = [_assessed(s, s.assessment) for s in _in_order(m)]
    if not rows:
        return []
    columns = ("source", "assessment", "assessed_on", "sample_records", "sample_sha256", "unlawful_before")
    return [table("assessments", columns, rows), Note("assessments_limits")]


def rejected(m: Manifest) -> list[Block]:
    """Sources that a person rejected."""
    found = [s for s, said in by_source(m) if (one := latest(reviews_in(said))) and one.decision == "rejected"]
    rows = ((text(source), Cell("term", "review.rejected")) for source in found)
    return [table("rejected", ("source", "reason"), rows) if found else Note("none_rejected")]


def synthetic(m: Manifest) -> list[Block]:
    """Sources declared as synthetic, with their generator."""
    rows = []
    for source, said in by_source(m):
        given = said.get("generator")
        if said.get("class") == "synthetic" or said.get("category") == "synthetic" or given:
            parts = (
                bare(given, "model"),
                *((given.get("version"), given.get("at")) if isinstance(given, Mapping) else ()),
            )
            told = " ".join(str(part) for part in parts if part)
            rows.append((text(source), text(told), text(said.get("collected_from")), text(said.get("collected_until"))))
    if not rows:
        return [Note("none_synthetic")]
    return [table("synthetic", ("source", "generator", "collected_from", "collected_until"), rows)]


def models(m: Manifest) -> list[Block]:
    """Models that made or labelled the data of a source, with their filing; none is no table."""
    rows: list[tuple[Cell, ...]] = []
    for source, said in by_source(m):
        made = said.get("generator")
        if made:
            rows.append(
                _model(source, made if isinstance(made, Mapping) else {"model": made}, Cell("term", "role.generator"))
            )
        rows += [_model(source, one, text(one.get("role"))) for one in said.get("base_models") or ()]
    return (
        [table("source_models", ("source", "name", "version", "licence", "filing_number", "role"), rows)]
        if rows
        else []
    )


def _model(source: str, one: Said, role: Cell) -> tuple[Cell, ...]:
    name = one.get("model") or one.get("name")
    told = (text(one.get(key)) for key in ("version", "licence", "filing_number"))
    return (text(source), text(name), *told, role)


def _assessed(source: SourceEntry, found: SourceAssessment | None) -> tuple[Cell, ...]:
    if found is None:
        return (text(source.id), Cell("term", "assessment.none"), *(missing("not-recorded") for _ in range(4)))
    share = missing("not-measured") if found.unlawful_ppm is None else Cell("ppm", found.unlawful_ppm)
    return (
        text(source.id), Cell("term", f"assessment.{found.timing}"), Cell("date", found.assessed), count(found.records),
        code(found.sample_sha256), share,
    )  # fmt: skip


def _in_order(m: Manifest) -> list[SourceEntry]:
    """The registered sources in the order of `by_source`."""
    entries = {s.id: s for s in m.registry.sources}
    return [entries[source] for source, _ in by_source(m) if source in entries]


def _papers_at(said: Said, place: str) -> Iterator[Any]:
    found: Any = said
    for key in place.split("."):
        found = found.get(key) if isinstance(found, Mapping) else None
    if isinstance(found, list | tuple):
        yield from found
    elif isinstance(found, str) or (isinstance(found, Mapping) and found.get("file")):
        yield found
