"""What the deduplication came to, read back from its steps: decisions, evidence, index, counts."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from checks.duplicates import PARTS
from pipelines.dedup.brief import INDEX
from pipelines.dedup.decide import BYTES, EVIDENCE_NAME, FOLDED, NEAR
from pipelines.dedup.displaced import DISPLACED_NAME, REASONS
from pipelines.dedup.known import KNOWN_PAIRS
from pipelines.dedup.measured import PAIRS_NAME, index_files
from pipelines.dedup.overlap import OVERLAP_NAME
from pipelines.dedup.room import Room
from pipelines.dedup.segments import KINDS, SEGMENT_NAME, segments
from pipelines.measures import Copies


@dataclass(frozen=True)
class Outcome:
    """*decided*: unit -> its decisions object; *files*: (name, sha256, rows, kind) for files.parquet; *copies*: by source;
    *distinct*: sources left when those that are mostly copies are one; *cost*: what it took, in numbers.
    """

    decided: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    files: Sequence[tuple[str, str, int, str]] = ()
    copies: Mapping[str, Copies] = field(default_factory=dict)
    distinct: int | None = None
    wrong_ppm: int = 0
    cost: Mapping[str, int] = field(default_factory=dict)


def outcome_of(room: Room) -> Outcome:
    """Everything that the steps left and a manifest tells."""
    deciding = room.left("deciding")
    decided = {u["unit"]: u for told in deciding for u in told["units"]}
    files = [
        (f"duplicates/evidence/{n:08d}", told["evidence"]["sha256"], told["evidence"]["rows"], EVIDENCE_NAME)
        for n, told in enumerate(deciding)
        if told["evidence"]["sha256"] is not None
    ]
    for kind in KINDS:
        for number, segment in enumerate(segments(room, kind)):
            files.append((f"{INDEX}/{kind}/{number:08d}", segment["sha256"], segment["rows"], SEGMENT_NAME))
    for number, (digest, rows) in enumerate(index_files(room)):
        files.append((f"{KNOWN_PAIRS}/{number:08d}", digest, rows, PAIRS_NAME))
    for number, told in enumerate(room.left("displaced")):
        made = told["displaced"]
        if made["sha256"] is not None:
            files.append((f"duplicates/displaced/{number:08d}", made["sha256"], made["rows"], DISPLACED_NAME))
    overlap = next(iter(room.left("overlap")), None)
    if overlap is not None and overlap["overlap"]["sha256"] is not None:
        files.append(("duplicates/overlap", overlap["overlap"]["sha256"], overlap["overlap"]["rows"], OVERLAP_NAME))
    return Outcome(
        decided, files, _copies(room, decided, overlap), None if overlap is None else overlap["distinct"],
        sum(told["wrong_ppm"] for told in deciding), _cost(room, deciding),
    )  # fmt: skip


def _copies(
    room: Room, decided: Mapping[int, Mapping[str, Any]], overlap: Mapping[str, Any] | None
) -> dict[str, Copies]:
    kinds: dict[str, Counter[int]] = {}
    names = [s["id"] for s in room.brief["sources"]]
    for number, told in decided.items():
        kinds.setdefault(names[room.units[number]["source"]], Counter()).update(dict(enumerate(told["kinds"])))
    elsewhere = {} if overlap is None else {names[int(a)]: n for a, n in overlap["elsewhere"].items()}
    apart: dict[str, dict[str, int]] = next(
        (told["counts"] for told in room.left("counting")), {part: {} for part in PARTS}
    )
    prompts, responses = ({names[int(a)]: n for a, n in apart[part].items()} for part in PARTS)
    return {
        name: Copies(
            found[BYTES],
            found[FOLDED],
            found[NEAR],
            elsewhere.get(name, 0),
            prompts.get(name, 0),
            responses.get(name, 0),
        )
        for name in names[: len(room.brief["looked"])]
        for found in (kinds.get(name, Counter[int]()),)
    }


def _cost(room: Room, deciding: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    pairs, reading = room.left("pairs"), [*room.left("reading"), *room.left("again")]
    return {
        "candidate_pairs": sum(t["unique"] for t in pairs), "pairs_judged": sum(t["pairs"] for t in pairs),
        "pairs_known": sum(t["known"] for t in pairs), "pairs_kept": sum(t["rows"] for t in room.left("keeping")),
        "verified_edges": sum(t["edges"] for t in room.left("verifying")),
        "clusters": sum(t["clusters"] for t in room.left("forest")), "records_in_clusters": sum(t["nodes"] for t in room.left("forest")),
        "records_read_twice": sum(t["rows"] for t in reading if t["read"]), "units_read_twice": sum(1 for t in reading if t["read"]),
        "bytes_read_twice": sum(t["bytes"] for t in reading if t["read"]), "units": len(room.units),
        "hot_runs": sum(t["hot_runs"] for t in room.left("candidates")), "failed_members": sum(t["failed"] for t in room.left("settling")),
        "removed_by_estimate": sum(t["by_estimate"] for t in deciding),
        **{f"earlier_{r.replace(' ', '_')}": sum(t["counts"][n] for t in room.left("displaced")) for n, r in enumerate(REASONS)},
    }  # fmt: skip
