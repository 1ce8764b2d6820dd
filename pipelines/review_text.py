"""What a reviewer sees of a drawn record: its text from the corpus with personal values out of it, metadata, what checks found.

Nothing of it goes into the ledger. A record in which the confidentiality check found a hint shows its place alone.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from manifests.store import Store
from pipelines.read_again import NOT_THE_SAME, read_again
from pipelines.review_choose import UnitRead
from pipelines.works import READING
from schemas.errors import RunError
from schemas.review import FINDINGS, METADATA, PLACE_ONLY, TEXT

PERSONAL: Final = "personal"
IN_URL: Final = "in-url"
"""Detail of a personal finding that is in the record's URL and not in its text."""
MOST_CHARACTERS: Final = 30_000
"""A cell of a spreadsheet holds 32,767; the rest of a longer text is at its place."""
HIDDEN: Final = {
    "confidential": "［涉密线索，只示位置 / confidentiality hint, place only］",
    "erased": "［已申请删除，只示位置 / asked to be erased, place only］",
    "killed": "［未能重读，只示位置 / not read again, place only］",
    "personal": "［个人信息检查未能处理，只示位置 / the personal check could not look at records here, place only］",
}
"""What stands in a text's place, and why."""
Rows = npt.NDArray[np.int64]
Span = tuple[int, int, str]


@dataclass(frozen=True)
class Shown:
    """One record for a reviewer; empty where the plan does not show it, or it does not have it."""

    text: str = ""
    url: str = ""
    collected_at: str = ""
    declared_licence: str = ""
    findings: str = ""


def shown_of(
    store: Store, unit: UnitRead, rows: Rows, shows: Sequence[str], *, masked: bool, erased: Collection[str] = ()
) -> dict[int, Shown]:  # fmt: skip
    """Row -> what is shown, of the wanted *rows* (sorted) of a unit. *masked*: personal values are replaced by their kind;
    *erased*: content ids, in hex, of records that are asked to be erased.

    Raises `RunError` where the corpus is no longer what the run read.
    """
    found = _findings(store, unit, rows)
    rules = {row: "; ".join(sorted({one.told for one in of_row})) for row, of_row in found.items()}
    told = {int(row): Shown(findings=rules.get(int(row), "") if FINDINGS in shows else "") for row in rows}
    if TEXT not in shows and METADATA not in shows:
        return told
    hidden = {int(row): why for row in rows if (why := _why_hidden(unit, found.get(int(row), ()), masked)) is not None}
    hidden |= {row: HIDDEN["erased"] for row, ident in content_ids(store, unit, rows).items() if ident in erased}
    for row, why in hidden.items():
        if why == HIDDEN["confidential"]:
            told[row] = Shown(findings="; ".join(PLACE_ONLY) if FINDINGS in shows else "")
    # Of these nothing is read again; of records that are hidden for another reason the metadata is.
    shut = (HIDDEN["confidential"], HIDDEN["erased"], HIDDEN["killed"])
    open_rows = np.array([row for row in rows.tolist() if hidden.get(row) not in shut], np.int64)
    for batch in _verified(store, unit, open_rows):
        records = batch.to_pylist()
        urls = (
            _without_personal([r["url"] for r in records])
            if METADATA in shows and masked
            else [r["url"] for r in records]
        )
        for record, url in zip(records, urls, strict=True):
            row = record["row"]
            spans = [one.span for one in found.get(row, ()) if one.span is not None] if masked else []
            text = hidden.get(row) or _cut(_masked(record["text"], spans)) if TEXT in shows else ""
            more = (url, record["collected_at"], record["declared_licence"]) if METADATA in shows else ("",) * 3
            told[row] = Shown(text, more[0] or "", more[1] or "", more[2] or "", told[row].findings)
    for row, why in hidden.items():
        if not told[row].text and TEXT in shows:
            told[row] = Shown(why, findings=told[row].findings)
    return told


@dataclass(frozen=True)
class _Found:
    check: str
    told: str
    span: Span | None
    whole: bool


def _findings(store: Store, unit: UnitRead, rows: Rows) -> dict[int, list[_Found]]:
    """Row -> what every check found in it."""
    found: dict[int, list[_Found]] = {}
    wanted = pa.array(rows, pa.uint32())
    for check in sorted(unit.objects):
        if "findings" not in unit.objects[check]:
            continue
        columns = ["rule", "row", "start", "end", "detail"] + (["entity"] if check == PERSONAL else [])
        table = unit.table(store, check, "findings", columns)
        if table is None:
            continue
        for one in table.filter(pc.is_in(table.column("row"), value_set=wanted)).to_pylist():
            told = f"{one['rule']} ({one['detail']})" if one["detail"] else one["rule"]
            told = check if check in PLACE_ONLY else told  # no kind and no level of such a hint stands in any output
            within = one["start"] is not None and one["end"] is not None
            span = (one["start"], one["end"], one["entity"]) if check == PERSONAL and within else None
            whole = not within and one["detail"] != IN_URL
            found.setdefault(one["row"], []).append(_Found(check, told, span, whole))
    return found


def _why_hidden(unit: UnitRead, found: Sequence[_Found], masked: bool) -> str | None:
    if any(one.check in PLACE_ONLY for one in found):
        return HIDDEN["confidential"]
    if unit.unread_by.get(READING):  # a record of it killed its reader, which would kill this one too
        return HIDDEN["killed"]
    if masked and (unit.unread_by.get(PERSONAL) or any(one.check == PERSONAL and one.whole for one in found)):
        return HIDDEN["personal"]
    return None


def _verified(store: Store, unit: UnitRead, rows: Rows) -> Iterator[pa.RecordBatch]:
    """The records, each held against its content id where the run worked that out, else its file against its token."""
    if not len(rows):
        return
    known = content_ids(store, unit, rows)
    for batch in read_again(unit.files, rows, by_token=len(known) < len(rows)):
        numbers, texts = batch.column("row").to_pylist(), batch.column("text")
        for row, text, file in zip(numbers, texts, batch.column("file").to_pylist(), strict=True):
            if row in known and sha256(text.as_py().encode()).hexdigest() != known[row]:
                raise RunError(f"{unit.files[file]['shard']}: {NOT_THE_SAME}")
        rows = np.setdiff1d(rows, np.array(numbers, np.int64))
        yield batch
    if len(rows):
        raise RunError(f"{unit.files[0]['shard']}: {len(rows)} drawn record(s) are no longer there; {NOT_THE_SAME}")


def content_ids(store: Store, unit: UnitRead, rows: Rows) -> Mapping[int, str]:
    """Row -> content id in hex, of those of *rows* that have one."""
    table = unit.table(store, "duplicates", "columns", ["row", "content_id"])
    if table is None:
        return {}
    mine = table.filter(pc.is_in(table.column("row"), value_set=pa.array(rows, pa.uint32())))
    pairs: Iterator[tuple[int, Any]] = zip(*(mine.column(c).to_pylist() for c in ("row", "content_id")), strict=True)
    return {row: ident.hex() for row, ident in pairs if ident is not None}


def _masked(text: str, spans: Sequence[Span]) -> str:
    """*text* with each span replaced by ``<ENTITY>``; overlapping ones by one mark that names all of them."""
    pieces, at = [], 0
    for start, end, names in _joined(sorted(spans)):
        pieces += [text[at:start], f"<{'+'.join(names)}>"]
        at = end
    return "".join([*pieces, text[at:]])


def _joined(spans: Sequence[Span]) -> Iterator[tuple[int, int, list[str]]]:
    held: tuple[int, int, list[str]] | None = None
    for start, end, name in spans:
        if held is not None and start < held[1]:
            held = held[0], max(held[1], end), held[2] if name in held[2] else [*held[2], name]
            continue
        if held is not None:
            yield held
        held = start, end, [name]
    if held is not None:
        yield held


def _without_personal(values: Sequence[str | None]) -> list[str | None]:
    from checks.personal.redact import Redaction, redact

    redacted = redact(pa.array(values, pa.string()), Redaction())
    return [
        None if value is None else "<…>" if gone else value
        for value, gone in zip(redacted.texts.to_pylist(), redacted.dropped.tolist(), strict=True)
    ]


def _cut(text: str) -> str:
    more = len(text) - MOST_CHARACTERS
    return text if more <= 0 else f"{text[:MOST_CHARACTERS]}… [+{more:,}]"
