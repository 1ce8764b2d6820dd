"""The part of a report that tells what the mixture may be used for, by the table of permitted uses: a screen, no conclusion."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from manifests.report import Block, Cell, Facts, Note, code, count, missing, named, table, term, text
from manifests.uses import Credit, Part, Screened
from schemas.uses import VALUES
from schemas.words import Words

USE_WORDS: Final[Mapping[str, Words]] = {
    "train": Words("训练", "training"), "fine_tune": Words("微调", "fine-tuning"),
    "commercial_service": Words("商业服务", "commercial service"), "redistribute": Words("再分发", "redistribution"),
    "derive": Words("改编", "adaptation"),
}  # fmt: skip
MOST_LICENCES: Final = 5
"""The most licences named beside a duty."""


def uses(screens: Sequence[Screened], duties: Mapping[str, Words]) -> list[Block]:
    """One row a use, what bars it, the duties that stay, and who is to be named. *duties*: key -> words, from the table.

    Sources are named by their ids; paths and papers are not. Of no screens nothing.
    """
    if not screens:
        return []
    first = screens[0]
    columns = ("use", "use_answer", "records_allow", "records_conditional", "records_unknown", "records_deny",
               "records_to_remove", "bytes_to_remove", "answer_without")  # fmt: skip
    told: list[Block] = [
        Note("uses_screen"),
        Facts((
            ("uses_table", text(first.table)), ("uses_table_sha256", code(first.table_sha256)),
            ("uses_counsel", Cell("term", "counsel.reviewed" if first.table_reviewed else "counsel.not_reviewed")),
            ("uses_territory", text(", ".join(first.territory), "run-file")),
        )),
        table("uses", columns, (_line(screen) for screen in screens)),
        Facts((("tokens_to_remove", missing("tokens")),)),
        Note("uses_removal"),
    ]  # fmt: skip
    if not first.counted:
        told.append(Note("uses_not_counted"))
    barred = tuple(_barred(screens))
    heads = ("licence", *(f"use_{screen.use}" for screen in screens), "basis", "sources", "records", "bytes")
    told.append(table("uses_barred", heads, barred) if barred else Note("uses_nothing_barred"))
    owed = tuple(_duties(screens, duties))
    told.append(table("uses_duties", ("duty", "uses", "licences", "records"), owed) if owed else Note("uses_no_duties"))
    named_here = tuple(_credit(credit) for credit in _credits(screens))
    if named_here:
        told.append(table("uses_credits", ("source", "name", "owner", "licence", "terms_at"), named_here))
    return told


def _line(screen: Screened) -> tuple[Cell, ...]:
    held = {value: sum(part.records for part in screen.parts if part.answer == value) for value in VALUES}
    away = screen.removal
    return (
        Cell("words", USE_WORDS[screen.use]), _answer(screen.answer), *(count(held[value]) for value in reversed(VALUES)),
        count(away.records), _bytes(away.bytes), _answer(screen.without),
    )  # fmt: skip


def _barred(screens: Sequence[Screened]) -> Iterator[tuple[Cell, ...]]:
    """Parts that bar some use: one row for those of one licence with the same answers, most records first."""
    grouped: dict[tuple[str | None, tuple[str, ...], str], list[Part]] = {}
    of_use = [_by_licence(screen) for screen in screens]
    for key in sorted(of_use[0], key=lambda key: (key[0], key[1] or "")):
        same = [parts[key] for parts in of_use]
        barring = next((part for part in same if part.remove), None)
        if barring is not None:
            grouped.setdefault((barring.licence, tuple(part.answer for part in same), barring.basis), []).append(
                barring
            )
    lines = sorted(grouped.items(), key=lambda line: -sum(part.records for part in line[1]))
    for (licence, answers, basis), parts in lines:
        sizes = [part.bytes for part in parts]
        yield (
            text(licence), *(_answer(answer) for answer in answers), term("basis", basis),
            named(sorted({part.source for part in parts})), count(sum(part.records for part in parts)),
            _bytes(None if None in sizes else sum(size or 0 for size in sizes)),
        )  # fmt: skip


def _by_licence(screen: Screened) -> dict[tuple[str, str | None], Part]:
    """Parts by source and licence; two spellings of one licence count as one."""
    found: dict[tuple[str, str | None], Part] = {}
    for part in screen.parts:
        before = found.get((part.source, part.licence))
        if before is not None:
            size = None if part.bytes is None or before.bytes is None else part.bytes + before.bytes
            part = replace(part, records=part.records + before.records, bytes=size)  # noqa: PLW2901
        found[part.source, part.licence] = part
    return found


def _duties(screens: Sequence[Screened], known: Mapping[str, Words]) -> Iterator[tuple[Cell, ...]]:
    """Each duty with the uses that bring it, the licences it comes from and the records under them."""
    for duty in sorted({duty for screen in screens for duty in screen.duties}):
        asking = [screen for screen in screens if duty in screen.duties]
        parts = {
            key: part
            for screen in asking
            for key, part in _by_licence(screen).items()
            if duty in part.duties and not part.remove
        }
        licences = sorted({part.chosen or part.licence or "" for part in parts.values()} - {""})
        more = f" … (+{len(licences) - MOST_LICENCES:,})" if len(licences) > MOST_LICENCES else ""
        words = [USE_WORDS[screen.use] for screen in asking]
        yield (
            Cell("words", known.get(duty, Words(duty, duty))),
            Cell("words", Words("、".join(w.zh for w in words), ", ".join(w.en for w in words))),
            text(", ".join(licences[:MOST_LICENCES]) + more), count(sum(part.records for part in parts.values())),
        )  # fmt: skip


def _credits(screens: Sequence[Screened]) -> list[Credit]:
    """Everybody who is to be named for any use, once a source and licence."""
    found = {(credit.licence, credit.source): credit for screen in screens for credit in screen.credits}
    return [found[key] for key in sorted(found)]


def _credit(credit: Credit) -> tuple[Cell, ...]:
    return text(credit.source), text(credit.name), text(credit.owner), text(credit.licence), text(credit.terms)


def _answer(value: str | None) -> Cell:
    return term("answer", value, "nothing-to-measure")


def _bytes(size: int | None) -> Cell:
    return missing("not-counted") if size is None else count(size)
