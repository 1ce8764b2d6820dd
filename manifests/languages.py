"""Which languages each source of a sealed run holds, by what method they were told, and how many documents mix scripts."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

from manifests.store import Store
from manifests.tables import iter_units
from schemas.canonical import parse_json
from schemas.errors import StoreError
from schemas.manifest import Manifest
from schemas.shares import share_ppm

LANGUAGE: Final = "language"
TALLY: Final = "tally"


@dataclass(frozen=True, slots=True)
class LanguageRow:
    """One language of one source. *share_ppm*: of the source's code points; *mixed*: records with a second script."""

    source: str
    language: str
    records: int
    chars: int
    share_ppm: int | None
    mixed: int


@dataclass(frozen=True)
class Mixes:
    """*rows* by source, the most code points first; *methods*: (source, method, records) that told them."""

    rows: tuple[LanguageRow, ...]
    methods: tuple[tuple[str, str, int], ...]


def languages_of(store: Store, manifest: Manifest, source: str | None = None) -> Mixes:
    """The languages of every source of a run, or of *source*; added up from the tallies of its units.

    Raises `StoreError` where the run did not tell languages.
    """
    sums: dict[str, dict[str, Counter[str]]] = {}
    told = False
    for table in iter_units(store, manifest):
        for of, objects in zip(table.column("source").to_pylist(), table.column("objects").to_pylist(), strict=True):
            digest = None if objects is None else _digest(parse_json(objects.encode()))
            told |= digest is not None
            if digest is None or source not in (None, of):
                continue
            tally = parse_json(store.get_object(digest))[TALLY]
            mine = sums.setdefault(of, {})
            for part, counts in tally.items():
                mine.setdefault(part, Counter()).update(counts)
    if not told:
        raise StoreError(f"run {manifest.run}: it told no languages; scan with the check `language` on")
    rows = [row for of in sorted(sums) for row in _rows(of, sums[of])]
    methods = [(of, method, n) for of in sorted(sums) for method, n in sorted(sums[of]["methods"].items())]
    return Mixes(tuple(rows), tuple(methods))


def _rows(source: str, sums: dict[str, Counter[str]]) -> list[LanguageRow]:
    records, chars, mixed = sums["records"], sums["chars"], sums.get("mixed", Counter[str]())
    whole = chars.total()
    order = sorted(records, key=lambda language: (-chars[language], language))
    return [
        LanguageRow(source, name, records[name], chars[name], share_ppm(chars[name], whole), mixed[name])
        for name in order
    ]


def _digest(objects: dict[str, Any]) -> str | None:
    held = objects.get(LANGUAGE, {}).get(TALLY)
    return None if held is None else str(held["sha256"])
