"""Jaccards that an earlier run measured are not measured again, and what is decided is the same as if they were."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from manifests.store import Store
from pipelines.dedup import brief, known, measured
from pipelines.dedup.measured import PAIRS, PAIRS_NAME, is_of_scheme
from pipelines.sketched import put_streamed
from pipelines.sorted_rows import opened
from schemas.canonical import canonical_json, digest_of
from tests.kit.copies import (
    Held,
    carried,
    content_id,
    evidence,
    jaccard_ppm,
    removals,
    room_with,
    sentence,
    variants,
    with_hashes,
)
from tests.pipelines.dedup.runs import Ran, corpus, decisions, run

BASE = list(range(100))
OLD = {"a.jsonl": list(dict.fromkeys(variants(np.random.default_rng(1), 60, 6, 80, 6))),
       "b.jsonl": list(dict.fromkeys(variants(np.random.default_rng(1), 90, 6, 80, 6)))[60:],
       "c.jsonl": list(variants(np.random.default_rng(2), 20, 20, 80, 0))}  # fmt: skip
NEW = {"d.jsonl": list(dict.fromkeys(variants(np.random.default_rng(1), 120, 6, 80, 6)))[90:]}
NEW["d.jsonl"].append(sentence(BASE))


def pairs_of(ran: Ran) -> dict[tuple[str, str], int]:
    """What a run's index tells: (lesser, greater id) -> ppm; fails where one file is not sorted or a pair is told twice."""
    found: dict[tuple[str, str], int] = {}
    for name, digest in sorted(ran.files.items()):
        if not name.startswith("index/pairs/"):
            continue
        table = pq.read_table(opened(ran.store, digest))
        assert table.schema.names == PAIRS.names
        keys = list(zip(table["lesser"].to_pylist(), table["greater"].to_pylist(), strict=True))
        assert keys == sorted(keys)
        for (a, b), ppm in zip(keys, table["exact_ppm"].to_pylist(), strict=True):
            assert a < b
            assert (a.hex(), b.hex()) not in found, "a pair stands twice in the index"
            found[a.hex(), b.hex()] = ppm
    return found


def without_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brief, "_measured_pairs", lambda *_: [])


def told(ran: Ran) -> tuple[Any, Any]:
    """Evidence rows and decisions, whole."""
    return ran.evidence, {shard: table.to_pylist() for shard, table in decisions(ran).items()}


def twice(folder: Path, more: str = "", new: dict[str, list[str]] = NEW) -> tuple[Ran, Ran]:
    """A run, and one over the same files and a new one that is compared with it."""
    first = run(corpus(folder, OLD, more))
    return first, run(corpus(folder, new, f"{more}compare_with: [{first.run}]\n"))


def test_the_index_tells_the_reference_jaccard_of_pairs_that_passed_and_of_pairs_that_failed(tmp_path: Path) -> None:
    first = run(corpus(tmp_path, OLD))
    texts = {content_id(t)[:32]: t for held in OLD.values() for t in held}
    found = pairs_of(first)
    assert {p: jaccard_ppm(texts[p[0]], texts[p[1]]) for p in found} == found
    assert min(found.values()) < 800_000 <= max(found.values())
    assert first.cost["pairs_kept"] == len(found)
    assert first.cost["pairs_known"] == 0


@pytest.mark.parametrize("verify", ["exact", "near"])
def test_a_second_run_reads_only_what_is_new_again_and_decides_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verify: str
) -> None:
    more = f"dedup: {{verify: {verify}}}\n"
    first, again = twice(tmp_path / "known", more)
    assert first.cost["units_read_twice"] >= 2
    assert again.cost["pairs_known"] > 0
    with monkeypatch.context() as patch:
        without_pairs(patch)
        _, whole = twice(tmp_path / "whole", more)
    assert whole.cost["pairs_known"] == 0
    assert again.cost["records_read_twice"] < whole.cost["records_read_twice"]
    for mine, theirs in zip(again.evidence, whole.evidence, strict=True):
        assert mine == theirs
    assert told(again)[1] == told(whole)[1]
    # What it knew and what it measured stand in its index, each once; what decides nothing it need not measure.
    assert pairs_of(again).items() > pairs_of(first).items()
    assert pairs_of(again).items() <= (pairs_of(first) | pairs_of(whole)).items()


def test_the_same_corpus_again_reads_nothing_a_second_time(tmp_path: Path) -> None:
    first, again = twice(tmp_path, new={})
    assert (again.cost["units_read_twice"], again.cost["records_read_twice"], again.cost["bytes_read_twice"]) == (
        0,
        0,
        0,
    )
    assert again.cost["pairs_kept"] == 0
    assert pairs_of(again) == pairs_of(first)
    assert {(r["removed_unit"], r["removed_row"], r["exact_ppm"]) for r in again.evidence} == {
        (r["removed_unit"], r["removed_row"], r["exact_ppm"]) for r in first.evidence
    }


def test_a_file_without_a_pair_that_is_not_known_is_not_opened(tmp_path: Path) -> None:
    """The new record is near one of a.jsonl alone; b.jsonl holds a pair too, which is known."""
    one, other = sentence(BASE), sentence(range(1000, 1100))
    old = {"a.jsonl": [one, sentence([*BASE, 1])], "b.jsonl": [other, sentence([*range(1000, 1100), 1])]}
    first = run(corpus(tmp_path, old))
    assert (first.cost["units_read_twice"], first.cost["records_read_twice"]) == (2, 4)
    again = run(corpus(tmp_path, {"c.jsonl": [sentence([*BASE, 2])]}, f"compare_with: [{first.run}]\n"))
    assert (again.cost["units_read_twice"], again.cost["records_read_twice"]) == (2, 3)
    assert {shard for shard, _ in again.removed} == {"a.jsonl", "b.jsonl", "c.jsonl"}


def test_a_known_pair_is_exact_though_its_shard_can_no_longer_be_read(tmp_path: Path) -> None:
    one, near = sentence([*BASE, 2]), sentence([*BASE, 1])
    first = run(corpus(tmp_path / "first", {"a.jsonl": [one], "b.jsonl": [near]}))
    ((_, gone),) = first.removed.items()
    path = corpus(tmp_path / "next", {"c.jsonl": [near, one]}, f"compare_with: [{first.run}]\n")
    path.write_text(path.read_text().replace("ledger: ledger", f"ledger: {tmp_path / 'first' / 'ledger'}"))
    for shard in (tmp_path / "first" / "corpus").iterdir():
        shard.unlink()
    told = {r["scheme"]: (r["exact_ppm"], r["kept_run"]) for r in run(path).evidence}
    assert told == {"content_id": (1_000_000, first.run), "affine32": (gone["exact_ppm"], first.run)}
    assert gone["exact_ppm"] == jaccard_ppm(one, near)


def test_runs_of_estimates_look_nothing_up_and_pass_the_index_on(tmp_path: Path) -> None:
    first = run(corpus(tmp_path, OLD))
    again = run(corpus(tmp_path, NEW, f"compare_with: [{first.run}]\ndedup: {{verify: estimate}}\n"))
    assert (again.cost["pairs_known"], again.cost["pairs_kept"], again.cost["records_read_twice"]) == (0, 0, 0)
    assert {r["exact_ppm"] for r in again.evidence if r["scheme"] == "affine32"} == {None}
    assert pairs_of(again) == pairs_of(first)


def index_file(
    store: Store, pairs: dict[tuple[str, str], int], scheme: dict[str, Any], **notes: bytes
) -> dict[str, Any]:
    """An index file of *pairs* (texts) as a run would leave it."""
    rows = sorted((*sorted(bytes.fromhex(content_id(t))[:16] for t in pair), ppm) for pair, ppm in pairs.items())
    table = pa.Table.from_arrays([pa.array([r[i] for r in rows], PAIRS.field(i).type) for i in range(3)], schema=PAIRS)
    told = {b"corpusledger.scheme": canonical_json(scheme), b"corpusledger.scheme_digest": digest_of(scheme).encode()}
    made = put_streamed(store, iter([table]), PAIRS, PAIRS_NAME, told | {k.encode(): v for k, v in notes.items()})
    return {"sha256": made["sha256"], "rows": made["rows"], "merge": False}


def with_pairs(folder: Path, units: list[Held], pairs: dict[tuple[str, str], int], *, merge: bool = False, **more: Any):
    """A room whose compared runs told *pairs*."""
    room = room_with(folder, units, **more)
    file = index_file(room.store, pairs, room.brief["scheme"]) | {"merge": merge}
    return replace(room, brief={**room.brief, "pairs": [file]})


ONE, OTHER, FAR = sentence(BASE), sentence([*BASE, 1]), sentence(range(500, 600))
LIE = 812_345


def test_what_is_known_is_believed_whatever_order_the_rows_come_in(tmp_path: Path) -> None:
    for number, texts in enumerate(([ONE, OTHER, FAR], [FAR, OTHER, ONE])):
        room = carried(with_pairs(tmp_path / str(number), [Held(texts)], {(ONE, OTHER): LIE}))
        assert {why.exact_ppm for why in removals(room).values()} == {LIE}
        assert room.left("reading") == []


def test_an_erased_record_is_known_in_no_pair_and_is_left_out_of_a_merge(tmp_path: Path) -> None:
    pairs = {(ONE, OTHER): LIE, (ONE, FAR): 0}
    room = carried(with_pairs(tmp_path, [Held([ONE, OTHER, FAR])], pairs, merge=True, tombstones=[content_id(OTHER)]))
    assert removals(room) == {}
    assert sum(told["pairs"] for told in room.left("known")) == 1
    (kept,) = measured.index_files(room)
    table = pq.read_table(opened(room.store, kept[0]))
    assert table.to_pylist() == [
        {**dict(zip(("lesser", "greater"), sorted(bytes.fromhex(content_id(t))[:16] for t in (ONE, FAR)), strict=True)),
         "exact_ppm": 0}
    ]  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        lambda s: {**s, "seed": 2},
        lambda s: {**s, "shortest_terms": 10},
        lambda s: {**s, next(k for k in s if "fold" in k): "0" * 64},
    ],
)
def test_files_of_another_scheme_are_not_believed(
    tmp_path: Path, change: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    room = room_with(tmp_path, [Held([ONE])])
    scheme = dict(room.brief["scheme"])
    assert change(scheme) != scheme
    for told, believed in ((scheme, True), (change(scheme), False)):
        file = index_file(room.store, {(ONE, OTHER): LIE}, told)
        notes = pq.read_metadata(opened(room.store, file["sha256"])).metadata
        assert is_of_scheme(notes, scheme) == believed
    assert not is_of_scheme(None, scheme)
    assert not is_of_scheme({b"corpusledger.scheme": canonical_json(scheme)}, scheme)


def test_a_run_takes_no_file_of_another_scheme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though its run says that it has this one's."""
    with monkeypatch.context() as patch:
        patch.setattr(measured, "digest_of", lambda scheme: digest_of({**scheme, "seed": 2}))
        first = run(corpus(tmp_path, OLD))
    again = run(corpus(tmp_path, NEW, f"compare_with: [{first.run}]\n"))
    assert again.cost["pairs_known"] == 0
    assert not {n: d for n, d in again.files.items() if n.startswith("index/pairs/")}.items() & first.files.items()


def test_compared_runs_that_tell_two_jaccards_of_one_pair_are_refused(tmp_path: Path) -> None:
    room = with_pairs(tmp_path, [Held([ONE, OTHER])], {(ONE, OTHER): LIE})
    other = index_file(room.store, {(ONE, OTHER): LIE + 1}, room.brief["scheme"])
    room = replace(room, brief={**room.brief, "pairs": [*room.brief["pairs"], other]})
    with pytest.raises(Exception, match="two Jaccards of one pair of texts; run `corpusledger verify`"):
        carried(room)


def test_tasks_of_any_size_come_to_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = list(dict.fromkeys(variants(np.random.default_rng(5), 150, 4, 60, 5)))
    pairs = {(a, b): jaccard_ppm(a, b) for i, a in enumerate(texts[:60]) for b in texts[i + 1 : 60]}
    units = [Held(texts[i : i + 30]) for i in range(0, len(texts), 30)]
    rooms = [carried(with_pairs(tmp_path / "whole", units, pairs)), carried(room_with(tmp_path / "none", units))]
    for module, name, value in (
        (known, "ROWS_A_TASK", 7), (known, "PAIRS_HELD", 11), (known, "PAIRS_A_FILE", 13),
        (measured, "PAIRS_HELD", 17), (measured, "PAIRS_A_FILE", 40),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, value)
    rooms.append(carried(with_pairs(tmp_path / "small", units, pairs)))
    whole, none, small = rooms
    assert evidence(whole).equals(evidence(none))
    assert evidence(small).equals(evidence(none))
    assert len(small.left("known")) > 3
    assert len(small.left("keeping")) > 1
    assert sum(t["pairs"] for t in small.left("known")) == len(pairs) == sum(t["pairs"] for t in whole.left("known"))
    kept = [
        pa.concat_tables([pq.read_table(opened(r.store, told["sha256"])) for told in r.left("keeping")])
        for r in (whole, small)
    ]
    assert kept[0].equals(kept[1])


@pytest.mark.parametrize("verify", ["exact", "near"])
@pytest.mark.parametrize("known_to", [40, 25])
def test_what_settling_needs_and_nobody_knows_is_read_in_the_second_round(
    tmp_path: Path, verify: str, known_to: int
) -> None:
    """A chain: neighbours are candidates and known, members and the one that stays are not."""
    texts, number = [sentence(range(2 * i, 2 * i + 100)) for i in range(40)], np.arange(40)
    chain = with_hashes({0: number // 2, 1: (number + 1) // 2})
    pairs = {(a, b): jaccard_ppm(a, b) for a, b in itertools.pairwise(texts[:known_to])}
    none = carried(room_with(tmp_path / "none", [Held(texts, sketches=chain)], verify=verify))
    some = carried(with_pairs(tmp_path / "some", [Held(texts, sketches=chain)], pairs, verify=verify))
    assert len(some.left("again")) == 1
    assert evidence(some).equals(evidence(none))
    assert len({why.kept for why in removals(some).values()}) > 3  # those that failed stand for each other
