"""Draw a sealed run's sample under a seed made now, log it, and only then write the worksheet that people fill."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from manifests.ledger import Ledger
from manifests.review_ranks import SEED_BYTES, record_id
from manifests.reviews import DrawEntry, draws_of, put_rows, record_draw
from manifests.runs import load_manifest, sealed_run
from manifests.store import Store
from manifests.subject_requests import requests_of
from pipelines.review_choose import Chosen, choose
from pipelines.review_plans import Plans
from pipelines.review_sheet import write_sheet
from pipelines.review_text import PERSONAL, Shown, content_ids, shown_of
from schemas.errors import ConfigError
from schemas.manifest import Manifest
from schemas.review import (
    FINDINGS,
    FROM_FILE,
    METADATA,
    OS_RANDOM,
    ROWS,
    TEXT,
    VERDICTS,
    Draw,
    ReviewPlan,
)

LEAST_SEED_BYTES: Final = 16
DRAW_DIGITS: Final = 16
"""How many digits of a draw's sha256 stand in a worksheet's rows."""


@dataclass(frozen=True)
class Drawn:
    """A draw and where it stands in the log."""

    draw: Draw
    entry: DrawEntry


def draw(
    ledger: Ledger, run: str, plans: Plans, plan: ReviewPlan, output: Path, *,
    seed_file: Path | None = None, again: str | None = None, masked: bool = True,
) -> Drawn:  # fmt: skip
    """Draw *plan* on a sealed run, log the draw, write the worksheet to *output*.

    *seed_file*: its sha256 is the seed, else 32 bytes of the operating system; *again*: why a plan is drawn a second time;
    *masked*: personal values in the shown texts are replaced. Raises `ConfigError` for what is refused, `RunError` where
    the corpus is no longer what the run read: both before anything is logged.
    """
    store, sealed = ledger.store, sealed_run(ledger.store, run)
    manifest = load_manifest(store, sealed)
    earlier = draws_of(store, run, plan.id)
    _refuse(manifest, plan, earlier, again, masked, output)
    seed, seed_from = _seed(seed_file)
    chosen = choose(store, manifest, sealed.manifest_sha256, plan, seed)
    if not len(chosen.rows):
        raise ConfigError(f"--plan {plan.id}: the run {run} has no record that the plan is about ({_about(plan)})")
    rows = _rows_table(store, chosen)
    shown = _shown(store, chosen, plan, masked=masked)
    made = Draw(
        run, sealed.manifest_sha256, plan, {"name": plans.pack.review, "version": plans.pack.version, "sha256": plans.sha256},
        seed.hex(), seed_from, datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), chosen.strata, rows.num_rows,
        put_rows(store, rows), tuple(one.sha256 for one in earlier), again,
    )  # fmt: skip
    entry = record_draw(ledger, made)  # before the worksheet: who dislikes a sample cannot unmake it
    write_sheet(output, columns_of(plan), _sheet_rows(entry, rows, shown), about_lines(made, entry))
    return Drawn(made, entry)


def columns_of(plan: ReviewPlan) -> tuple[str, ...]:
    """The columns of a plan's worksheet."""
    shows = (
        *(("url", "collected_at", "declared_licence") if METADATA in plan.shows else ()),
        *(("findings",) if FINDINGS in plan.shows else ()), *(("text",) if TEXT in plan.shows else ()),
    )  # fmt: skip
    verdicts = ("verdict", *(("reason",) if plan.reasons else ()), "reviewer")
    second = ("verdict_2", "reviewer_2", "final") if plan.reviewers > 1 else ()
    return ("draw", "number", "id", "group", "source", "shard", "offset", *shows, *verdicts, *second, "note")


def about_lines(made: Draw, entry: DrawEntry) -> tuple[str, ...]:
    """What a reviewer is told, Chinese first."""
    plan, words = made.plan, " / ".join(VERDICTS)
    stopping = (
        "每组按序号顺序审核，可随时导入；已能得出结论的，其余不必审核。/ Judge each group in the order of numbers; import at any time, what is decided needs no more.",
    ) if plan.stopping else ()  # fmt: skip
    return (
        plan.title.zh, plan.title.en, plan.asks.zh, plan.asks.en, f"verdict 结论: {words}",
        *((f"reason 原因: {' / '.join(plan.reasons)}",) if plan.reasons else ()), *stopping,
        f"{plan.instrument} {plan.article} [{plan.mark}]", f"run {made.run}, draw {entry.sha256}", f"seed {made.seed_from}: {made.seed}",
        "正文只供审核，审核后删除本文件；账本中不保存正文。/ The text is here for the review alone: delete the file afterwards; the ledger holds none of it.",
    )  # fmt: skip


def _refuse(
    manifest: Manifest, plan: ReviewPlan, earlier: Sequence[DrawEntry], again: str | None, masked: bool, output: Path
) -> None:  # fmt: skip
    if earlier and not (again or "").strip():
        raise ConfigError(
            f"--plan {plan.id}: was drawn on this run already (log entry {earlier[-1].entry}); review that sample, or say by "
            "--again why it is drawn once more: every draw stands in the log"
        )
    if again and not earlier:
        raise ConfigError(f"--again: the plan {plan.id} was not drawn on this run before; leave it out")
    looked = any(check.name == PERSONAL for check in manifest.checks)
    if masked and not looked and {TEXT, METADATA} & set(plan.shows):
        raise ConfigError(
            f"run {manifest.run}: it did not look for personal information, so nothing can be masked in the worksheet; run "
            "with the check `personal`, or give --unmasked"
        )
    if output.exists():
        raise ConfigError(f"{output}: exists already; choose another name, a worksheet is never written over")
    if output.suffix.lower() not in (".csv", ".xlsx"):
        raise ConfigError(f"{output}: a worksheet is .xlsx or .csv; name it so")
    if not output.absolute().parent.is_dir():
        raise ConfigError(f"{output}: its folder is not there; make it first")


def _seed(file: Path | None) -> tuple[bytes, str]:
    if file is None:
        return os.urandom(SEED_BYTES), OS_RANDOM
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ConfigError(f"{file}: the seed cannot be read ({error.strerror}); check the path") from error
    if len(data) < LEAST_SEED_BYTES:
        raise ConfigError(
            f"{file}: the seed has {len(data)} bytes, at least {LEAST_SEED_BYTES}; or leave --seed-file out"
        )
    return sha256(data).digest(), FROM_FILE


def _about(plan: ReviewPlan) -> str:
    where = [f"{one.fact} {' or '.join(one.values)}" for one in plan.where]
    return ", ".join([f"records {plan.of}", *where])


def _rows_table(store: Store, chosen: Chosen) -> pa.Table:
    """ROWS of the draw."""
    known = {
        number: content_ids(store, chosen.units[number], _rows_in(chosen, number))
        for number in np.unique(chosen.rows["unit"]).tolist()
    }
    told = []
    for i, (row, group) in enumerate(zip(chosen.rows, chosen.group_of, strict=True), 1):
        number, unit = int(row["unit"]), chosen.units[int(row["unit"])]
        told.append((
            i, group, unit.source, unit.files[int(row["file"])]["shard"], int(row["offset"]), int(row["hash"]),
            known[number].get(int(row["row"])),
        ))  # fmt: skip
    columns = list(zip(*told, strict=True)) or [()] * len(ROWS)
    return pa.Table.from_arrays([pa.array(c, f.type) for c, f in zip(columns, ROWS, strict=True)], schema=ROWS)


def _shown(store: Store, chosen: Chosen, plan: ReviewPlan, *, masked: bool) -> list[Shown]:
    """What is shown of each drawn record, in the order of the draw; each unit is read once."""
    erased = frozenset(ident for request in requests_of(store) for ident in request.content_ids)
    found: Mapping[tuple[int, int], Shown] = {
        (number, row): shown
        for number in np.unique(chosen.rows["unit"]).tolist()
        for row, shown in shown_of(
            store, chosen.units[number], _rows_in(chosen, number), plan.shows, masked=masked, erased=erased
        ).items()
    }
    return [found[int(one["unit"]), int(one["row"])] for one in chosen.rows]


def _rows_in(chosen: Chosen, unit: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.sort(chosen.rows["row"][chosen.rows["unit"] == unit].astype(np.int64))


def _sheet_rows(
    entry: DrawEntry, rows: pa.Table, shown: Sequence[Shown]
) -> list[dict[str, str]]:  # fmt: skip
    told = []
    for row, seen in zip(rows.to_pylist(), shown, strict=True):
        told.append(
            {
                "draw": entry.sha256[:DRAW_DIGITS], "number": str(row["number"]), "id": record_id(row["hash"]),
                "group": row["group"], "source": row["source"], "shard": row["shard"], "offset": str(row["offset"]),
                "url": seen.url, "collected_at": seen.collected_at, "declared_licence": seen.declared_licence,
                "findings": seen.findings, "text": seen.text,
            }
        )  # fmt: skip
    return told
