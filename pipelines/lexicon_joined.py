"""The keyword library that run.yaml names (`keywords`): its words lie in the run's work folder while it lasts, in no ledger.

The manifest holds the digest of the file, that of the words in use, and counts. Workers load the words from
`work/<run>/plan`, which goes with the work folder when the run is sealed; a later run needs the file again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from checks.base import Check
from checks.safety import ENTRIES, Safety, use_library
from manifests.parquet import parquet_bytes, read_parquet
from manifests.store import Store
from pipelines.attempts import Desk
from pipelines.guards import check_on, elsewhere, unreadable
from pipelines.lexicon import Lexicon, lexicon_of
from pipelines.places import resolved
from schemas.canonical import sha256_hex
from schemas.errors import ConfigError
from schemas.risks import risk_ids
from schemas.run_lexicon import KeywordLibrary
from schemas.yaml_places import Placed
from schemas.yaml_shape import Binding

NAME: Final = "corpusledger.keywords"
FILE: Final = "keywords.parquet"


@dataclass(frozen=True)
class Keywords:
    """The words in use as the scan needs them. *check*: with its settings; *data*: the file that its `library` names."""

    check: Safety
    data: bytes

    def put(self, store: Store) -> list[tuple[str, str, int, str]]:  # noqa: ARG002
        """Nothing: no ledger holds the words (`put_words`)."""
        return []

    def use(self) -> None:
        """Keep the words for this process, where no work folder holds them yet."""
        assert self.check.library is not None
        use_library(self.check.library, partial(_table, self.data))


def keywords_of(
    placed: Placed, good: Mapping[str, Any], folder: Path, checks: Sequence[Check], days: tuple[str, str], binding: Binding
) -> Keywords | None:  # fmt: skip
    """The `keywords` of run.yaml, *placed*, as bound in *good*; every mistake goes to *binding*, with its line.

    *days*: the run's day and today, ISO dates.
    """
    given: KeywordLibrary | None = good.get("keywords")
    if given is None:
        return None
    line = placed.key_lines["keywords"]
    check = check_on(Safety, checks, "keywords", placed, binding)
    if check is None:
        return None
    if (wrong := elsewhere(given.file)) is not None:
        binding.say(line, f"keywords: {wrong}")
        return None
    path = Path(resolved(given.file, folder))
    try:
        lexicon = lexicon_of(path.read_bytes(), str(path))
    except OSError as error:
        binding.say(line, f"keywords: {unreadable(given.file, error)}")
        return None
    except ConfigError as error:
        binding.problems += error.problems
        return None
    if lexicon.as_of is not None and lexicon.as_of > max(days):
        binding.say(line, f"keywords: as_of is {lexicon.as_of}, which is still to come; correct it")
        return None
    return joined_library(lexicon, check, days[0])


def joined_library(lexicon: Lexicon, check: Safety, day: str) -> Keywords:
    """*check* that seeks the words of *lexicon* that are in use, on that day."""
    leaves = {leaf: place for place, leaf in enumerate(risk_ids())}
    used = sorted((leaves[one.risk], one.word) for one in lexicon.in_use())
    table = pa.table([[word for _, word in used], pa.array([leaf for leaf, _ in used], pa.uint8())], schema=ENTRIES)
    data = parquet_bytes(table, NAME)
    made = replace(
        check, library=sha256_hex(data), library_file=lexicon.digest, library_by_risk=tuple(lexicon.by_risk().values()),
        library_distinct=lexicon.words_in_use(), library_set_aside=len(lexicon.entries) - len(used),
        library_outdated=lexicon.outdated(day),
    )  # fmt: skip
    return Keywords(made, data)


def put_words(desk: Desk, joined: Iterable[object]) -> None:
    """Leave the words of a library in the run's work folder, from where workers load them."""
    for one in joined:
        if isinstance(one, Keywords):
            desk.store.put(desk.path("plan", FILE), one.data)


def load_words(desk: Desk, checks: Iterable[Check]) -> None:
    """Keep for this process the words that the checks of the run name; every process that looks at records calls this."""
    path = desk.path("plan", FILE)
    for check in checks:
        if isinstance(check, Safety) and check.library is not None:
            use_library(check.library, lambda: _table(desk.store.get(path), desk.store.place(path)))


def _table(data: bytes, place: str = "keywords") -> pa.Table:
    return read_parquet(data, place, ENTRIES)
