"""The part of a disclosure report that tells of the lists records were held against, and of those that were not given."""

from collections.abc import Mapping
from typing import Any

from manifests.report import DITTO, Block, Cell, Missing, Note, code, count, missing, said_once, table, term, text
from schemas.manifest import Manifest

_KEY = "lists"
_COLUMNS = ("list", "list_state", "list_version", "list_as_of", "list_age", "list_entries", "list_hits", "sha256")
_UNSAID = "not-recorded"


def lists(m: Manifest) -> list[Block]:
    """Every list: whether it was joined, its version, day, age and digest, and the records of the run that it takes out.

    A list that was not given, or says nothing for certain, has no number of hits; a manifest without lists says so.
    """
    told = m.settings.get(_KEY)
    if not isinstance(told, list | tuple):
        return [Missing("lists-not-recorded")]
    return [table("lists", _COLUMNS, [_row(one) for one in told if isinstance(one, Mapping)]), Note("lists_hits")]


def _row(one: Mapping[str, Any]) -> tuple[Cell, ...]:
    state, named = str(one.get("state")), term("list", str(one.get("list")))
    if state == "not-given":  # its state says all there is to say
        return (named, term("list_state", state), *(DITTO for _ in _COLUMNS[2:]))
    told = (
        named, term("list_state", state), text(one.get("version"), _UNSAID), text(one.get("as_of"), _UNSAID),
        _number(one, "age_days", _UNSAID), _number(one, "entries", _UNSAID), _number(one, "hits", "list-unknown"),
        code(str(one["digest"])) if "digest" in one else missing(_UNSAID),
    )  # fmt: skip
    return said_once(told)


def _number(one: Mapping[str, Any], key: str, reason: str) -> Cell:
    value = one.get(key)
    return count(value) if isinstance(value, int) else missing(reason)
