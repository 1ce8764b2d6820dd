"""Candidate pairs: of every run the same ones wherever it is cut, of a run of any length without holding it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.duplicates import Duplicates
from pipelines.dedup import candidates, pairs, segments
from pipelines.dedup.candidates import PAIR, Pairs, in_order
from pipelines.dedup.room import Room
from pipelines.dedup.steps import step_named
from tests.kit.copies import Held, carried, removals, room_with, sentence, variants, with_hashes

STEPS_BEFORE_PAIRS = ("segments", "standing", "content", "folded", "candidates")


class Wall:
    """What `Pairs` asks of a room."""

    def __init__(self, signatures: np.ndarray) -> None:
        self.held, self.saved = signatures, list[np.ndarray]()

    def signatures(self, rows: np.ndarray, part: str = "") -> np.ndarray:
        return self.held[rows]

    def save(self, array: np.ndarray, *parts: str) -> str:
        self.saved.append(array)
        return str(len(self.saved) - 1)


def expected(hashes: Sequence[int], keys: Sequence[int], signatures: np.ndarray) -> set[tuple[int, int]]:
    """The pairs of data-path §9, row by row: all of a run of up to 64, else leaders and followers."""
    runs: dict[int, list[int]] = {}
    for row, value in enumerate(hashes):
        runs.setdefault(value, []).append(row)
    found = set()
    for rows in runs.values():
        led = sorted(rows, key=lambda r: (keys[r], r))
        leaders = led[:64]
        found |= {(a, b) for a in leaders for b in leaders if a < b}
        for row in led[64:]:
            alike = (signatures[leaders] == signatures[row]).sum(axis=1)
            leader = leaders[int(np.argmax(alike))]
            found.add((min(row, leader), max(row, leader)))
    return found


def cut(block: dict[str, np.ndarray], lengths: Sequence[int]) -> Iterator[dict[str, np.ndarray]]:
    first = 0
    for length in (*lengths, len(block["hash"])):
        some = {k: v[first : first + length] for k, v in block.items()}
        if len(some["hash"]):
            yield some
        first += length


@settings(max_examples=60)
@given(st.data())
def test_sorted_streams_come_out_as_one_whatever_their_blocks(data) -> None:
    streams, everything = [], []
    for number in range(data.draw(st.integers(1, 4))):
        hashes = np.sort(np.array(data.draw(st.lists(st.sampled_from([0, 7, 8, 2**64 - 1]), max_size=30)), np.uint64))
        block = {"hash": hashes, "number": np.arange(len(hashes)) + 1000 * number}
        everything += list(zip(hashes.tolist(), block["number"].tolist(), strict=True))
        streams.append(cut(block, data.draw(st.lists(st.integers(1, 5), max_size=30))))
    blocks = list(in_order(streams))
    told = [(int(h), int(n)) for b in blocks for h, n in zip(b["hash"], b["number"], strict=True)]
    assert [h for h, _ in told] == sorted(h for h, _ in told)
    assert sorted(told) == sorted(everything)


@settings(max_examples=40)
@given(st.data())
def test_a_run_gives_the_same_pairs_wherever_it_is_cut_and_is_never_held(data) -> None:
    sizes = data.draw(st.lists(st.sampled_from([1, 2, 3, 63, 64, 65, 150, 400]), min_size=1, max_size=6))
    rng = np.random.default_rng(data.draw(st.integers(0, 9999)))
    hashes = np.repeat(np.sort(rng.integers(0, 2**64, len(sizes), np.uint64)), sizes)
    keys = rng.integers(0, 2**8 if data.draw(st.booleans()) else 2**32, len(hashes)).astype(np.uint32)
    signatures = rng.integers(0, 3, (len(hashes), 128)).astype(np.uint8)
    order = np.lexsort((rng.permutation(len(hashes)), hashes))  # within a run rows come in any order
    block = {"hash": hashes[order], "key": keys[order], "number": order.astype(np.int64)}
    wall, longest = Wall(signatures), 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(candidates, "HOT_ROWS", 100)
        patch.setattr(candidates, "PAIRS_HELD", 500)
        found, hot = Pairs(wall, "t"), []
        for part in cut(block, data.draw(st.lists(st.integers(1, 90), max_size=40))):
            hot += found.take(part)
            longest = max(longest, len(found._rest["hash"]))
        hot += found.end()
        for value, leaders in hot:
            rows = block["number"][block["hash"] == np.uint64(value)]
            found.follow(rows[~np.isin(rows, leaders)], leaders)
        found.flush()
    assert longest <= 100
    told = {(int(a), int(b)) for part in wall.saved for a, b in part}
    assert told == expected(hashes.tolist(), keys.tolist(), signatures)
    assert sum(map(len, wall.saved)) == found.count


def until_candidates(room: Room) -> Room:
    for name in STEPS_BEFORE_PAIRS:
        for task in step_named(name).cut_tasks(room):
            step_named(name).do_task(room, task)
    return room


def found_in(room: Room) -> list[tuple[int, int]]:
    files = [room.load(path, PAIR) for told in room.left("candidates") for path in told["files"]]
    assert all(len(f) == len(np.unique(f)) and (np.sort(f, order=("a", "b")) == f).all() for f in files)
    return sorted({(int(a), int(b)) for f in files for a, b in f})


@pytest.mark.parametrize(
    ("units", "per_segment", "rows_a_task", "hot_rows"),
    [(6, 2, 600_000, 400), (1, 1, 9_000, 200_000), (6, 6, 9_000, 64)],
)
def test_a_hot_run_over_segments_and_row_groups_has_the_same_leaders_for_every_cut(
    tmp_path: Path, monkeypatch, units: int, per_segment: int, rows_a_task: int, hot_rows: int
) -> None:
    """5,000 records in one bucket of band 3 (a group of 20 bytes a row), blocks of 256 rows: nothing longer is held."""
    rng, count = np.random.default_rng(5), 5_000
    texts = list(variants(rng, count, 40, 24, 24))
    one_bucket = with_hashes({3: np.zeros(1, np.uint64)})
    held = [
        Held(texts[i : i + count // units], sketches=one_bucket)
        for i in range(0, count // units * units, count // units)
    ]
    monkeypatch.setattr(segments, "ROWS_A_TASK", rows_a_task)
    monkeypatch.setattr(segments, "ROW_GROUP_ROWS", 256)
    monkeypatch.setattr(candidates, "HOT_ROWS", hot_rows)
    longest = []
    real = candidates._led
    monkeypatch.setattr(candidates, "_led", lambda block: longest.append(len(block["hash"])) or real(block))
    room = until_candidates(room_with(tmp_path, held, per_segment=per_segment))
    left = np.flatnonzero(~np.array([_gone(room, row) for row in range(int(room.bases[-1]))]))
    keys = np.concatenate([Duplicates().look(_batch(u.texts)).sketches["key"] for u in held])
    signatures = room.signatures(left)
    told = expected([0] * len(left), keys[left].tolist(), signatures)
    assert found_in(room) == sorted((int(left[a]), int(left[b])) for a, b in told)
    assert len(left) > 4_500
    if hot_rows < 1000:
        assert max(longest) <= hot_rows + 2 * 256 * units, "a run was held"
        assert sum(t["hot_runs"] for t in room.left("candidates")) == 1


def _gone(room: Room, row: int) -> bool:
    bits = room.gone("folded")
    return bool(bits[row >> 3] >> (row & 7) & 1)


def _batch(texts):
    from tests.kit.records import texts as batch

    return batch(*texts)


@pytest.mark.parametrize("copies", [1, 40])
def test_a_bucket_whose_least_member_is_a_false_candidate_still_gives_its_true_pairs(
    tmp_path: Path, copies: int
) -> None:
    """The least row leads nothing: it shares one band by construction, its Jaccard with the others is nothing."""
    words = list(range(40))
    true = [sentence([*words, 100 + i]) for i in range(copies + 1)]
    other = sentence(range(1000, 1041))
    for false_first in (True, False):
        texts = [other, *true] if false_first else [*true, other]
        unit = Held(texts, sketches=with_hashes({5: np.full(len(texts), 77)}))
        room = carried(room_with(tmp_path / str(false_first), [unit]))
        at = texts.index(other)
        removed = removals(room)
        assert (0, at) not in removed
        assert len(removed) == copies
        assert {why.exact_ppm for why in removed.values()} == {1_000_000 * 36 // 38}


@pytest.mark.parametrize("bands", [16, 32])
def test_the_least_and_the_greatest_hash_are_found_in_any_number_of_ranges(
    tmp_path: Path, monkeypatch, bands: int
) -> None:
    """Parquet's bounds of unsigned 64-bit columns included: a row group ends at 2**64 - 1."""
    check, count = Duplicates(bands=bands, rows=4), 2_100
    words = list(range(24))
    texts = [sentence([*words, 100 + i]) for i in range(4)]
    texts += [sentence(range(1000 * i, 1000 * i + 20)) for i in range(1, count - 3)]
    greatest = np.uint64((1 << 59) - 1)
    pattern = {0: np.arange(count, dtype=np.uint64) + 5, bands - 1: np.arange(count, dtype=np.uint64) + 5}
    pattern[0][:2], pattern[bands - 1][2:4] = 0, greatest
    monkeypatch.setattr(segments, "ROWS_A_TASK", 20_000)
    room = until_candidates(room_with(tmp_path, [Held(texts, sketches=with_hashes(pattern))], check))
    cut_ranges = segments.cut_ranges(room, segments.NEAR)
    assert int(cut_ranges[-1]["high"]) == bands << 59
    rows = [
        int(n)
        for task in cut_ranges
        for stream in segments.rows_between(room, segments.NEAR, int(task["low"]), int(task["high"]))
        for block in stream
        for n in block["number"]
    ]
    assert np.array_equal(np.bincount(rows), np.full(count, bands))
    assert {(0, 1), (2, 3)} <= set(found_in(room))


def test_a_stream_stays_sorted_where_one_file_stands_for_several_units(tmp_path: Path) -> None:
    """Two compared runs hold the same bytes at different places: each row stands twice, and no pair is lost."""
    rng = np.random.default_rng(3)
    theirs = [sentence(rng.integers(0, 1 << 30, 40).tolist()) for _ in range(300)]
    ours = [f"{text} more" for text in theirs]
    room = carried(room_with(tmp_path, [Held(ours), Held(theirs, run="x"), Held(theirs, run="y")]))
    for stream in segments.rows_between(room, segments.NEAR, 0, 1 << 63):
        last = 0
        for block in stream:
            assert last <= int(block["hash"][0])
            assert (block["hash"][1:] >= block["hash"][:-1]).all()
            last = int(block["hash"][-1])
    removed = removals(room)
    assert {(place, why.kept[1]) for place, why in removed.items()} == {((0, row), row) for row in range(300)}


def test_a_task_of_pairs_holds_no_more_though_one_record_is_in_all_of_them(tmp_path: Path, monkeypatch) -> None:
    """The leader that all followers are most like has the least row number, so it comes first in every pair."""
    texts = [sentence([*range(40), 100 + i]) for i in range(3_000)]

    def led_by_the_first(found: np.ndarray) -> np.ndarray:
        found = with_hashes({2: np.full(len(found), 9)})(found)
        found["key"] = np.where(found["row"] == 0, 0, found["row"] + 1)
        found["slots"][:, :64] = 1  # all equally alike
        return found

    monkeypatch.setattr(pairs, "PAIRS_A_TASK", 500)
    longest = []
    real = pairs.unique_pairs
    monkeypatch.setattr(pairs, "unique_pairs", lambda a, b: longest.append(len(a)) or real(a, b))
    room = carried(room_with(tmp_path, [Held(texts, sketches=led_by_the_first)]))
    total = sum(told["pairs"] for told in room.left("candidates"))
    assert len(longest) == -(-total // 500)
    assert max(longest) <= 750
    assert sum(longest) == total
    assert len(removals(room)) == 2_999
