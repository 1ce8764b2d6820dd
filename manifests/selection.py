"""What a sealed run dropped under quality profiles, before and after, from what the check stored: nothing is read again."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

import numpy as np

from manifests.parquet import read_parquet
from manifests.store import Store, object_path
from manifests.tables import read_files
from manifests.unit_objects import unit_objects
from schemas.manifest import Manifest
from schemas.profile_rules import RULES, profiles_of
from schemas.profiles import Loaded, ProfileRule

SELECTION: Final = "selection"
RULES_FILE: Final = "selection/rules"
SIZES: Final = ("records", "bytes", "chars", "words")
"""What each row counts; words need no tokenizer: runs of letters and digits, single Han characters and the like."""
_COLUMNS: Final = tuple(f"{kind}{name}" for kind in ("", "judged_", "unfit_") for name in SIZES)


@dataclass(frozen=True, slots=True)
class SelectionRow:
    """One language of one source, each by SIZES: *all* of it, what a profile *judged*, and of that what is *unfit*."""

    source: str
    language: str
    all: tuple[int, ...]
    judged: tuple[int, ...]
    unfit: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SelectionRule:
    """One *rule* of a profile. *first*: records that fail it before any other; *every*: that fail it at all."""

    profile: str
    rule: ProfileRule
    first: int
    every: int


@dataclass(frozen=True, slots=True)
class Selected:
    """*profiles* with their digests, in the order of run.yaml; none: the run dropped nothing for its quality.

    *dropped*: records that went for it.
    """

    profiles: tuple[Loaded, ...] = ()
    rows: tuple[SelectionRow, ...] = ()
    rules: tuple[SelectionRule, ...] = ()
    dropped: int | None = None


def selected(store: Store, manifest: Manifest) -> Selected:
    """What the run's own profiles came to, by source and language and by rule, over every unit. Raises `StoreError`."""
    entry = next((c for c in manifest.checks if c.name == SELECTION), None)
    if entry is None or not entry.settings.get("profiles"):
        return Selected()
    held: Counter[tuple[str, str, str]] = Counter()
    rules = np.zeros((2, len(entry.settings["rules"])), np.int64)
    for unit in unit_objects(store, manifest):
        if (tally := unit.tally(SELECTION)) is not None:
            rules += np.array([tally["first"], tally["every"]], np.int64)
        by_language = unit.table(SELECTION, "table.language")
        for row in [] if by_language is None else by_language.to_pylist():
            held.update({(unit.source, row["language"], name): row[name] for name in _COLUMNS})
    keys = sorted({(source, language) for source, language, _ in held})
    rows = tuple(SelectionRow(*key, *(_sizes(held, key, kind) for kind in ("", "judged_", "unfit_"))) for key in keys)
    profiles = _profiles(store, manifest)
    named = [(one.profile.profile, rule) for one in profiles for rule in one.profile.rules]
    counts = zip(named, *rules.tolist(), strict=True)
    return Selected(profiles, rows, tuple(SelectionRule(*of, *told) for of, *told in counts), _dropped(manifest))


def _sizes(held: Counter[tuple[str, str, str]], key: tuple[str, str], kind: str) -> tuple[int, ...]:
    return tuple(held[(*key, f"{kind}{name}")] for name in SIZES)


def _profiles(store: Store, manifest: Manifest) -> tuple[Loaded, ...]:
    """As they were when the run was sealed."""
    digest = next(row["digest"] for row in read_files(store, manifest).to_pylist() if row["name"] == RULES_FILE)
    return profiles_of(read_parquet(store.get_object(digest), store.place(object_path(digest)), RULES))


def _dropped(manifest: Manifest) -> int | None:
    found = (m.values.get("dropped_records") for m in manifest.measures if m.check == SELECTION and m.source is None)
    return next(found, None)
