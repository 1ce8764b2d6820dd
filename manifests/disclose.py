"""A disclosure report from a sealed run: one model, printed as JSON or as one HTML page with both editions in it."""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from manifests.article19 import article19
from manifests.ledger import Ledger
from manifests.report import Block, Cell, Report
from manifests.report_fairness import fairness_blocks
from manifests.report_improvement import improvement_blocks
from manifests.report_review import review_blocks
from manifests.report_scale import scale_blocks
from manifests.runs import load_manifest, sealed_run
from manifests.store import Store
from schemas.canonical import canonical_json
from schemas.described import as_json
from schemas.errors import ConfigError
from schemas.manifest import Manifest
from schemas.personal import Estimated
from schemas.rule import MARKS

LANGUAGES: Final = ("zh", "en")
REGIMES: Final[Mapping[str, Callable[..., Report]]] = {"cn-art19": article19}
"""Regime -> what makes its model."""
_FOLDER: Final = Path(__file__).parent / "disclosure"
_RIGHT: Final = frozenset(
    (
        "files",
        "bytes",
        "records",
        "value",
        "looked_at",
        "unread",
        "rows",
        "findings",
        "validated",
        "records_with",
        "estimated_share",
        "parts",
        "effective_parts",
        "largest_share",
        "unknown_share",
        "precision",
        "recall",
        "labelled_values",
        "records_allow",
        "records_conditional",
        "records_unknown",
        "records_deny",
        "records_to_remove",
        "bytes_to_remove",
        "judged",
        "failing_share",
        "failing_limit",
        "corrected_share",
        "before_filtering",
        "after_filtering",
        "rests_on",
        "rests_on_after",
        "candidates",
        "candidates_share",
        "kept_records",
        "kept_candidates",
        "kept_share",
        "chars",
        "text_bytes",
        "tokens",
        "tokens_least",
        "tokens_most",
        "drawn_records",
        "judged_places",
        "judged_records",
        "unfit_records",
        "unfit_share",
        "judged_bytes",
        "unfit_bytes",
        "unfit_first",
        "least",
        "most",
        "dropped_share",
        "others_dropped_share",
        "z",
    )
)  # columns of numbers, printed flush right, as are those of measures: check.measure


def report_on(
    ledger: Ledger, run: str, regime: str = "cn-art19", *, generated: str | None = None,
    statements: Mapping[str, tuple[str, str]] | None = None,
    uses: Callable[[Store, Manifest], Sequence[Block]] | None = None,
) -> Report:  # fmt: skip
    """The model of a report on *run*, from its sealed manifest. A draft: no release was approved.

    *generated*: UTC time to print, RFC 3339; *statements*: item number -> (zh, en) that people have stated; *uses*: what
    shows the permitted uses (`manifests.report_uses`), by a table that the caller has.
    """
    if regime not in REGIMES:
        msg = f"--regime {regime}: not known here; use {', '.join(REGIMES)}"
        raise ConfigError(msg)
    sealed = sealed_run(ledger.store, run)
    manifest = load_manifest(ledger.store, sealed)
    return REGIMES[regime](
        manifest,
        sealed.manifest_sha256,
        signed=sealed.signed,
        generated=generated,
        statements=statements,
        uses=() if uses is None else uses(ledger.store, manifest),
        reviews={
            **review_blocks(ledger.store, run),
            **improvement_blocks(ledger.store, manifest),
            **fairness_blocks(ledger.store, manifest),
            **scale_blocks(ledger.store, manifest),
        },
    )


def report_json(report: Report) -> bytes:
    """The model as canonical JSON."""
    return canonical_json(as_json(report))


def report_html(report: Report) -> str:
    """The page: Chinese and English side by side, every number once. Needs nothing from elsewhere; prints on A4."""
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"shown": shown, "method": method, "column": column}
    environment.tests["number_column"] = lambda key: key in _RIGHT or "." in key
    page = environment.get_template("page.html.j2")
    texts = {name: words(name) for name in LANGUAGES}
    return page.render(report=report, languages=LANGUAGES, words=texts, marks=MARKS)


def shown(cell: Cell, language: str) -> str:
    """A cell in words: grouped digits, per cent from ppm, the text of a term; an unknown term as it stands."""
    value = cell.value
    match cell.kind:
        case "count":
            return f"{value:,}"
        case "ppm":
            return per_cent(value) if isinstance(value, int) else ""
        case "estimate":
            return estimated(value) if isinstance(value, Estimated) else ""
        case "term":
            known = words(language)["term"].get(value)
            return known or str(value).partition(".")[2]
        case "missing":
            return str(words(language)["missing"][value])
        case "words":
            return str(getattr(value, language))
        case _:
            return str(value)


def method(cell: Cell) -> tuple[str | None, str]:
    """(Chinese, English) of how a measure is counted: the texts' own, None for one they do not know; the manifest's sentence."""
    assert isinstance(cell.value, tuple)
    (key, sentence), *_ = cell.value
    return words("zh")["measures"].get(key), sentence


def column(key: str, language: str) -> str:
    """The head of a column; a measure that the texts do not know by its own name."""
    return str(words(language)["column"].get(key, key.partition(".")[2]))


def estimated(share: Estimated) -> str:
    """A share with its interval, in per cent: 5.00 % (4.10 % – 6.20 %); an interval without an upper end says so."""
    most = "100 %" if share.high is None else per_cent(share.high)
    return f"{per_cent(share.value or 0)} ({per_cent(share.low)} – {most})"


def per_cent(ppm: int) -> str:
    """Parts per million as per cent, all its digits, at least two: 142857 -> 14.2857 %."""
    sign, whole, part = "-" if ppm < 0 else "", abs(ppm) // 10_000, f"{abs(ppm) % 10_000:04d}"
    return f"{sign}{whole:,}.{part[:2]}{part[2:].rstrip('0')} %"


@lru_cache(maxsize=len(LANGUAGES))
def words(language: str) -> dict[str, Any]:
    """The texts of one language."""
    with (_FOLDER / f"{language}.toml").open("rb") as file:
        return tomllib.load(file)
