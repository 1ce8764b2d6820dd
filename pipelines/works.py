"""Names that follow from what a result follows from: unit ids before reading, work ids while reading (data-path §5).

Pure functions. A work id spells out every input of a result; equal work ids mean equal objects.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from checks.base import Check
from pipelines.read.registry import engines
from schemas.canonical import digest_of
from schemas.record import LICENCE_TERMS, SHARD_NAME

WORK_FORMAT: Final = 1
READING: Final = "reading"
"""The work item of reading itself: records and unread."""


def _read_as(file: Mapping[str, Any]) -> dict[str, Any]:
    framing = file["framing"]
    return {"start": file["start"], "framing": framing, "engines": engines(framing["format"]) if framing else None}


def unit_id(files: Sequence[Mapping[str, Any]], checks: Sequence[Check]) -> str:
    """The id of a unit before any byte is read: attempts and memos are named by it.

    *files*: uri, token, start, end, framing of each; the checks with their settings are part of it.
    """
    return digest_of(
        {
            "format": WORK_FORMAT,
            "files": [{k: f[k] for k in ("uri", "token", "start", "end", "framing")} for f in files],
            "checks": [{"name": c.name, "version": c.version, "settings": c.settings()} for c in checks],
        }
    )


def pack_digest(file_digests: Sequence[str]) -> str:
    """The input digest of a unit of whole files: of the files' digests in order."""
    return digest_of(list(file_digests))


def reading_work_id(input_digest: str, files: Sequence[Mapping[str, Any]]) -> str:
    """The work id of reading a unit: its bytes, where they start, how they are framed. Nothing of where they lie."""
    return digest_of(
        {
            "format": WORK_FORMAT,
            "work": READING,
            "input": input_digest,
            "files": [_read_as(f) for f in files],
        }
    )


def check_work_id(
    check: Check, reading: str, registry: Mapping[str, str], names: Sequence[str], tombstones: Sequence[str] = ()
) -> str:
    """The work id of one check over one unit.

    *reading*: the unit's reading work id; *registry*: the source's values, of which only those the check declares
    count; *names*: shard paths as registered, counted only where the check declares that it reads them.
    """
    return digest_of(
        {
            "format": WORK_FORMAT,
            "work": check.name,
            "version": check.version,
            "settings": check.settings(),
            "inputs": check.inputs(),
            "reading": reading,
            "registry": {k: registry[k] for k in check.reads if k in registry},
            "names": list(names) if SHARD_NAME in check.reads else [],
            "tombstones": sorted(tombstones),
        }
    )


def work_ids(
    input_digest: str, files: Sequence[Mapping[str, Any]], checks: Sequence[Check], registry: Mapping[str, str]
) -> dict[str, str]:
    """Every work id of a unit, by work name: reading first, then each check.

    What a check makes of other checks' licence terms, or of their columns, follows from all that these follow from.
    """
    reading = reading_work_id(input_digest, files)
    names = [f["shard"] for f in files]
    works = {c.name: check_work_id(c, reading, registry, names) for c in checks}
    giving = [works[c.name] for c in checks if c.gives_terms]
    for check in checks:
        if giving and LICENCE_TERMS in check.reads:
            works[check.name] = digest_of({"work": works[check.name], "terms": sorted(giving)})
    for check in checks:
        if check.derives:
            of = {name: works[name] for name in check.derives}
            works[check.name] = digest_of({"work": works[check.name], "derives": of})
    return {READING: reading} | works
