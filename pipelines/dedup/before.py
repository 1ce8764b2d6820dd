"""What a deduplication needs from elsewhere, read and refused before a worker starts: compared runs, tombstones, permission."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from checks.duplicates import Duplicates
from manifests.ledger import Ledger
from manifests.runs import load_manifest, sealed_run
from manifests.tables import read_units
from pipelines.config import Loaded
from schemas.errors import ConfigError
from schemas.manifest import Manifest
from schemas.source import Source
from schemas.source_papers import reviews_in, standing

NOT_PERMITTED: Final = ("rejected", "expired")
"""States of a review in which a source may not be trained on (any longer)."""
_CONTENT_ID: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Compared:
    """A sealed run that this one is compared with."""

    run: str
    manifest: Manifest
    units: pa.Table


def compared_runs(ledger: Ledger, loaded: Loaded, check: Duplicates) -> list[Compared]:
    """The runs of `compare_with`. Raises `ConfigError` for one that is not there or was sketched by another scheme."""
    found = []
    for run in loaded.run.compare_with:
        manifest = load_manifest(ledger.store, sealed_run(ledger.store, run))
        entry = next((c for c in manifest.checks if c.name == check.name), None)
        if entry is None:
            raise ConfigError(
                f"compare_with: run {run} did not look for duplicates; take it out, or run it again with the check on"
            )
        theirs, ours = dict(entry.inputs), check.inputs()
        if theirs != ours:
            differ = ", ".join(
                f"{k} {theirs.get(k)!r} there, {ours.get(k)!r} here"
                for k in sorted({*theirs, *ours})
                if theirs.get(k) != ours.get(k)
            )
            raise ConfigError(
                f"compare_with: the signatures of run {run} cannot be compared with these ({differ}); use its settings, or run its corpus again"
            )
        found.append(Compared(run, manifest, read_units(ledger.store, manifest)))
    return found


def before_dedup(ledger: Ledger, loaded: Loaded) -> tuple[list[Compared], list[str]]:
    """(compared runs, content ids of erased records, sorted). Raises `ConfigError`."""
    check = next((c for c in loaded.checks if isinstance(c, Duplicates)), None)
    if check is None:
        if loaded.run.compare_with:
            raise ConfigError(
                f"{loaded.path}: compare_with needs the check `duplicates`, which is off; turn it on, or take compare_with out"
            )
        return [], []
    return compared_runs(ledger, loaded, check), tombstones_of(loaded)


def is_permitted(source: str, known: Sequence[Source], declared: Mapping[str, Any], as_of: str) -> bool:
    """May records of that source stay for others on the day *as_of*? No once a person rejected it or the review has expired.

    The registry of this run decides (*known*); of a source that it does not have, what the compared run's manifest says
    that its YAML *declared*. A source without a review, or with one that is pending, was never refused: the gate asks for
    it, not this.
    """
    now = next((s for s in known if s.id == source), None)
    if now is not None:
        return now.standing(as_of) not in NOT_PERMITTED
    return standing(reviews_in(declared), as_of) not in NOT_PERMITTED


def tombstones_of(loaded: Loaded) -> list[str]:
    """The content ids of `lists.tombstones`: a text file, one sha256 in hexadecimal a line, `#` for a remark."""
    found: set[str] = set()
    problems = []
    for kind, given in loaded.run.lists:
        if kind != "tombstones":
            continue
        path = Path(loaded.resolve(given.path))
        try:
            lines = path.read_text(encoding="ascii").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(
                f"{path}: lists.tombstones cannot be read ({type(error).__name__}); a text file, one content id a line"
            ) from error
        for number, line in enumerate(lines, 1):
            told = line.partition("#")[0].strip().lower()
            if told and not _CONTENT_ID.fullmatch(told):
                problems.append(
                    f"{path}:{number}: no content id (64 hexadecimal digits); take it from `corpusledger query copies`"
                )
            elif told:
                found.add(told)
    if problems:
        raise ConfigError(*problems[:20])
    return sorted(found)
