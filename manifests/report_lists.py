"""The part of a disclosure report that tells of the lists records were held against, and of those that were not given."""

from collections.abc import Mapping
from typing import Any

from manifests.report import Block, Cell, Missing, Note, code, count, missing, table, term, text
from schemas.manifest import Manifest

_KEY = "lists"


def lists(m: Manifest) -> list[Block]:
    """Every list: whether it was joined, its version, day, age and digest, and the records of the run that it takes out.

    A list that was not given, or says nothing for certain, has no number of hits; a manifest without lists says so.
    """
    told = m.settings.get(_KEY)
    if not isinstance(told, list | tuple):
        return [Missing("lists-not-recorded")]
    columns = ("list", "list_state", "list_version", "list_as_of", "list_age", "list_entries", "list_hits", "sha256")
    return [table("lists", columns, [_row(one) for one in told if isinstance(one, Mapping)]), Note("lists_hits")]


def _row(one: Mapping[str, Any]) -> tuple[Cell, ...]:
    state = str(one.get("state"))
    given = "not-looked" if state == "not-given" else "not-recorded"
    return (
        term("list", str(one.get("list"))), term("list_state", state), text(one.get("version"), given),
        text(one.get("as_of"), given), _number(one, "age_days", given),
        _number(one, "entries", given), _number(one, "hits", "not-looked" if state == "not-given" else "list-unknown"),
        code(str(one["digest"])) if "digest" in one else missing(given),
    )  # fmt: skip


def _number(one: Mapping[str, Any], key: str, reason: str) -> Cell:
    value = one.get(key)
    return count(value) if isinstance(value, int) else missing(reason)
