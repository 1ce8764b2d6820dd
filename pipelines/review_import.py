"""A filled worksheet back in: held against its draw, judged, sealed. What is wrong with it is told at once, row by row."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from manifests.labels_joined import errors_kept
from manifests.ledger import Ledger
from manifests.review_groups import groups_of, numbers_of, populations_of
from manifests.reviews import (
    DrawEntry,
    ReviewEntry,
    drawn_rows,
    draws_of,
    load_draw,
    load_review,
    put_verdicts,
    record_review,
    reviews_of,
    verdict_rows,
)
from manifests.runs import load_manifest, sealed_run
from manifests.store import Store
from pipelines.labels import ANNOTATORS
from pipelines.review_draw import DRAW_DIGITS
from pipelines.review_judges import deciders_of, folded, judge_problems, pseudonyms, reviewer_problems
from pipelines.review_sheet import read_sheet
from pipelines.review_verdicts import Verdict, refuse, verdicts_of
from schemas.canonical import sha256_hex
from schemas.corrected import Crossed
from schemas.errors import ConfigError
from schemas.intervals import PPM
from schemas.manifest import Manifest
from schemas.review import (
    FAIL,
    MACHINE,
    PASS,
    PEOPLE,
    VERDICT_ROWS,
    Draw,
    HumanTable,
    Review,
)
from schemas.review_states import alpha_of, sequential_of
from schemas.sequential import GOES_ON


def import_worksheet(
    ledger: Ledger, worksheet: Path, *, judge: str | None = None, against: str | None = None, key_id: str | None = None,
    sign: Path | None = None,
) -> tuple[Review, ReviewEntry]:  # fmt: skip
    """Read the verdicts of *worksheet*, hold them against its draw, and seal what they come to.

    *judge*: the machine of a machine's plan; *against*: sha256 (or its beginning) of a people's review of the run, by which
    a machine's flags are corrected; *key_id*: of a loaded HMAC key, for the pseudonyms; *sign*: the signing key. Raises
    `ConfigError` with everything that is wrong with the worksheet.
    """
    store = ledger.store
    data, cells = read_sheet(worksheet)
    entry = _draw_of(store, cells, worksheet)
    draw = load_draw(store, entry.sha256)
    manifest = load_manifest(store, sealed_run(store, draw.run))
    table = drawn_rows(store, draw)
    rows = table.to_pylist()
    verdicts = verdicts_of(draw.plan, rows, cells, worksheet)
    problems = _unfinished(draw, table, verdicts) or _unfit(store, manifest, draw, rows, verdicts, judge)
    if problems:
        refuse(worksheet, problems)
    human = _crossed(store, draw, rows, verdicts, against)
    names = [name for v in verdicts.values() for name in (v.reviewer, v.second_reviewer) if name]
    aliases = pseudonyms(names, key_id)
    said, plan = _table(verdicts, aliases), draw.plan
    earlier = tuple(one.sha256 for one in reviews_of(store, draw.run) if one.draw == entry.sha256)
    review = Review(
        draw.run, draw.manifest_sha256, entry.sha256, plan.id, plan.title, f"{plan.instrument} {plan.article}", plan.mark,
        datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), plan.by, plan.each, judge, tuple(aliases.values()), draw.seed_from,
        len(draws_of(store, draw.run, plan.id)), plan.limit_ppm, int(alpha_of(plan, len(populations_of(draw))) * PPM * PPM),
        groups_of(draw, table, said, human), sum(v.second is not None and v.second != v.first for v in verdicts.values()), sha256_hex(data),
        put_verdicts(store, said), human, earlier,
    )  # fmt: skip
    return review, record_review(ledger, review, sign)


def _draw_of(store: Store, cells: Sequence[Mapping[str, str]], worksheet: Path) -> DrawEntry:
    said = {row.get("draw", "") for row in cells}
    if len(said) != 1 or len(next(iter(said))) < DRAW_DIGITS:
        raise ConfigError(
            f"{worksheet}: its rows are of {len(said)} draws; give one worksheet as it was drawn, with the column draw"
        )
    wanted = next(iter(said)).lower()
    found = [one for one in draws_of(store) if one.sha256.startswith(wanted)]
    if len(found) != 1:
        raise ConfigError(
            f"{worksheet}: the ledger has not the draw that its rows name; name the ledger that it was drawn in"
        )
    return found[0]


def _unfinished(draw: Draw, rows: pa.Table, verdicts: Mapping[int, Verdict]) -> list[str]:
    """Groups that were not judged to their end, and tests that are not decided yet."""
    problems = []
    populations = populations_of(draw)
    for group, numbers in numbers_of(rows).items():
        given = [n for n in numbers if n in verdicts]
        if len(given) == len(numbers):
            continue
        gap = next(n for n in numbers if n not in verdicts)
        if (test := sequential_of(draw.plan, len(populations))) is None:
            problems.append(
                f"group {group}: {len(numbers) - len(given):,} of {len(numbers):,} rows have no verdict, the first is row {gap}"
            )
        elif numbers[: len(given)] != given:
            problems.append(
                f"group {group}: row {gap} has no verdict and later ones have; judge in the order of numbers"
            )
        elif (walked := test.walk([verdicts[n].failing for n in given])).how == GOES_ON:
            problems.append(
                f"group {group}: nothing is decided after {walked.sample:,} rows with {walked.failures:,} failing; go on from row {gap}"
            )
    return problems


def _unfit(
    store: Store, manifest: Manifest, draw: Draw, rows: Sequence[Mapping[str, Any]], verdicts: Mapping[int, Verdict],
    judge: str | None,
) -> list[str]:  # fmt: skip
    """Why these people, or this machine, may not judge this sample."""
    declared = {s.id: s.declared for s in manifest.registry.sources}
    sources = {row["number"]: row["source"] for row in rows}
    if draw.plan.by == MACHINE:
        if judge is None:
            return [f"the plan {draw.plan.id} is judged by a machine; name it by --judge, with its version"]
        return judge_problems(
            judge, draw.plan, deciders_of(store, manifest), {s: declared.get(s, {}) for s in set(sources.values())}
        )
    if judge is not None:
        return [f"the plan {draw.plan.id} is judged by people; leave --judge out"]
    judged_by: dict[str, set[str]] = {}
    for number, v in verdicts.items():
        for name in (v.reviewer, v.second_reviewer):
            if name:
                judged_by.setdefault(name, set()).add(sources[number])
    labelled_by = [str(row["id"]) for row in errors_kept(store, manifest, ANNOTATORS)]
    return reviewer_problems(judged_by, declared, [check.name for check in manifest.checks], labelled_by)


def _crossed(
    store: Store, draw: Draw, rows: Sequence[Mapping[str, Any]], verdicts: Mapping[int, Verdict], against: str | None
) -> HumanTable | None:  # fmt: skip
    """The table of people and machine over the records that both judged; what people were unsure of is left out."""
    if against is None:
        return None
    found = [one for one in reviews_of(store, draw.run) if one.sha256.startswith(against.lower())]
    people = load_review(store, found[-1].sha256) if found and len(against) >= DRAW_DIGITS // 2 else None
    if people is None or people.by != PEOPLE or draw.plan.by != MACHINE:
        raise ConfigError(
            f"--against {against}: is no people's review of run {draw.run}, or this plan is not a machine's; "
            "`corpusledger review show` lists the reviews with their sha256"
        )
    said = dict(zip(*(verdict_rows(store, people).column(c).to_pylist() for c in ("number", "verdict")), strict=True))
    theirs = {
        _place(row): said[row["number"]] == FAIL
        for row in drawn_rows(store, load_draw(store, people.draw_sha256)).to_pylist()
        if said.get(row["number"]) in (PASS, FAIL)
    }
    counts = Counter(
        (verdicts[row["number"]].failing, theirs[_place(row)])
        for row in rows if row["number"] in verdicts and _place(row) in theirs
    )  # fmt: skip
    table = Crossed(counts[True, True], counts[True, False], counts[False, True], counts[False, False])
    return HumanTable(
        found[-1].sha256, table.both, table.machine_alone, table.people_alone, table.neither, table.sensitivity_ppm,
        table.specificity_ppm,
    )  # fmt: skip


def _table(verdicts: Mapping[int, Verdict], aliases: Mapping[str, str]) -> pa.Table:
    """VERDICT_ROWS; the verdict is what counts: of two that differ the ruling, else that it fails."""
    place = {name: i for i, name in enumerate(aliases)}
    told = [
        (
            v.number, "unsure" if v.unsure else FAIL if v.failing else PASS, v.reason, place.get(folded(v.reviewer), 0), v.second,
            None if v.second_reviewer is None else place[folded(v.second_reviewer)],
        )
        for v in sorted(verdicts.values(), key=lambda v: v.number)
    ]  # fmt: skip
    columns = list(zip(*told, strict=True)) or [()] * len(VERDICT_ROWS)
    arrays = [pa.array(c, f.type) for c, f in zip(columns, VERDICT_ROWS, strict=True)]
    return pa.Table.from_arrays(arrays, schema=VERDICT_ROWS)


def _place(row: Mapping[str, Any]) -> tuple[str, str, int]:
    return row["source"], row["shard"], row["offset"]
