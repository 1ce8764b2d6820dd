"""Quality profiles as one table of rules, as the ledger keeps those that a run dropped under: written, and read back."""

from collections.abc import Sequence
from typing import Any, Final

import pyarrow as pa

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


def profiles_of(table: pa.Table) -> tuple[Loaded, ...]:
    """The profiles of RULES with their digests, in order; notes, and what a source has beside its rules, are not kept there."""
    held: dict[str, list[dict[str, Any]]] = {}
    for row in table.to_pylist():
        held.setdefault(row["profile"], []).append(row)
    return tuple(Loaded(_profile(rows), rows[0]["digest"]) for rows in held.values())


def _profile(rows: Sequence[dict[str, Any]]) -> Profile:
    first = rows[0]
    rules = tuple(
        ProfileRule(r["rule"], tuple(r["counts"]), r["source"], tuple(r["per"]), r["least"], r["most"]) for r in rows
    )
    title = Words(first["title_zh"], first["title_en"])
    return Profile(
        first["profile"], first["version"], title, first["profile_source"], first["mark"], rules, tuple(first["languages"])
    )  # fmt: skip
