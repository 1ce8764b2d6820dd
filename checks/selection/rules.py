"""The rules of the profiles that a run drops by: as one table, which the ledger keeps, and as a process holds them."""

from collections.abc import Callable, Sequence
from typing import Final

import pyarrow as pa

from checks.loaded import once
from schemas.errors import LedgerError
from schemas.profiles import Loaded, Profile, ProfileRule
from schemas.words import Words

_WORDS: Final = pa.list_(pa.field("item", pa.string(), nullable=False))
RULES: Final = pa.schema(
    [
        pa.field("profile", pa.string(), nullable=False),
        pa.field("version", pa.string(), nullable=False),
        pa.field("digest", pa.string(), nullable=False),  # sha256 of the YAML
        pa.field("title_zh", pa.string(), nullable=False),
        pa.field("title_en", pa.string(), nullable=False),
        pa.field("languages", _WORDS, nullable=False),  # that it is made for; none: any
        pa.field("profile_source", pa.string(), nullable=False),
        pa.field("mark", pa.string(), nullable=False),
        pa.field("rule", pa.string(), nullable=False),
        pa.field("counts", _WORDS, nullable=False),
        pa.field("per", _WORDS, nullable=False),
        pa.field("least", pa.int64()),
        pa.field("most", pa.int64()),
        pa.field("source", pa.string(), nullable=False),  # where the value stands
    ]
)
"""One row a rule, in the order of the profiles and of their rules."""
MOST_TOGETHER: Final = 256
"""Rules of all profiles of a run together: their counts stand in a bounded tally."""
_PLACE: Final = "selection profiles"


def rules_of(found: Sequence[Loaded]) -> pa.Table:
    """RULES of *found*."""
    rows = [
        {
            "profile": one.profile.profile, "version": one.profile.version, "digest": one.digest,
            "title_zh": one.profile.title.zh, "title_en": one.profile.title.en,
            "languages": list(one.profile.languages), "profile_source": one.profile.source, "mark": one.profile.mark,
            "rule": rule.id, "counts": list(rule.counts), "per": list(rule.per), "least": rule.least, "most": rule.most,
            "source": rule.source,
        }
        for one in found
        for rule in one.profile.rules
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=RULES)


def profiles_of(table: pa.Table) -> tuple[Profile, ...]:
    """The profiles of RULES, as far as judging needs them."""
    held: dict[str, list[dict[str, object]]] = {}
    for row in table.to_pylist():
        held.setdefault(row["profile"], []).append(row)
    return tuple(_profile(rows) for rows in held.values())


def use_profiles(digest: str, rules: Callable[[], pa.Table]) -> tuple[Profile, ...]:
    """Keep the profiles that *digest* names for this process; *rules* gives RULES where they are not held yet.

    Every process calls this before it looks at records.
    """
    return once((_PLACE, digest), lambda: profiles_of(rules()))


def held_profiles(digest: str) -> tuple[Profile, ...]:
    """The profiles that this process keeps under *digest*; ``LedgerError`` where it has none."""
    return once((_PLACE, digest), lambda: _missing(digest))


def _profile(rows: Sequence[dict[str, object]]) -> Profile:
    first = rows[0]
    rules = tuple(
        ProfileRule(
            str(row["rule"]), _texts(row["counts"]), str(row["source"]), _texts(row["per"]), _number(row["least"]),
            _number(row["most"]),
        )
        for row in rows
    )  # fmt: skip
    return Profile(
        str(first["profile"]), str(first["version"]), Words(str(first["title_zh"]), str(first["title_en"])),
        str(first["profile_source"]), str(first["mark"]), rules, _texts(first["languages"]),
    )  # fmt: skip


def _texts(value: object) -> tuple[str, ...]:
    assert isinstance(value, list)
    return tuple(value)


def _number(value: object) -> int | None:
    assert value is None or isinstance(value, int)
    return value


def _missing(digest: str) -> tuple[Profile, ...]:
    msg = f"drop_under: {digest} is set but not loaded in this process; the ledger's object of that name holds it"
    raise LedgerError(msg)
