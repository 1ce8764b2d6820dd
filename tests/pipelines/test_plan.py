"""The plan: every byte in exactly one unit, in place order, and one more file changes one unit."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from checks.duplicates import Duplicates
from pipelines.plan import ListedFile, PlanSizes, cut, row_group_spans
from pipelines.read.base import Framing

SIZES = PlanSizes(range_bytes=1000, pack_bytes=100, pack_files=5, pack_mean_bytes=40)
JSONL, GZ = Framing("jsonl"), Framing("jsonl", codec="gz")


def file(shard: str, size: int, source: str = "s", framing: Framing | None = JSONL) -> ListedFile:
    return ListedFile(source, shard, f"/corpus/{shard}", size, "{}", True, "application/jsonl", framing)


def groups(listed: ListedFile, range_bytes: int) -> list[tuple[int, int]]:
    return row_group_spans([300] * (listed.size_bytes // 300), range_bytes)


listings = st.lists(
    st.tuples(
        st.text("abcdefgh/", min_size=1, max_size=8),
        st.integers(0, 5000),
        st.sampled_from("st"),
        st.sampled_from([JSONL, GZ, None]),
    ),
    max_size=40,
    unique_by=lambda f: f[0],
).map(lambda rows: [file(*row) for row in rows])


@given(listings)
def test_every_byte_is_in_exactly_one_unit(files: list[ListedFile]) -> None:
    units = cut(files, (Duplicates(),), SIZES, groups)
    covered: dict[str, list[tuple[int, int]]] = {}
    for unit in units:
        for part in unit.files:
            assert part.file.source == unit.source
            covered.setdefault(part.file.uri, []).append((part.start or 0, part.end or part.file.size_bytes))
    assert sorted(covered) == sorted(f.uri for f in files)
    for f in files:
        spans = covered[f.uri]
        assert spans[0][0] == 0
        assert spans[-1][1] == f.size_bytes
        assert all(a[1] == b[0] for a, b in itertools.pairwise(spans))


@given(listings)
def test_units_run_in_place_order_and_the_listing_order_does_not_matter(files: list[ListedFile]) -> None:
    units = cut(files, (), SIZES, groups)
    places = [(*p.file.place, p.start or 0) for u in units for p in u.files]
    assert places == sorted(places)
    assert [u.number for u in units] == list(range(len(units)))
    assert cut(list(reversed(files)), (), SIZES, groups) == units


@given(listings, st.text("abcdefgh/", min_size=1, max_size=8))
def test_one_more_small_file_changes_few_units(files: list[ListedFile], name: str) -> None:
    small = [f for f in files if f.size_bytes < SIZES.pack_bytes and f.shard != name]
    before = {u.unit_id for u in cut(small, (), SIZES, groups)}
    after = {u.unit_id for u in cut([*small, file(name, 3)], (), SIZES, groups)}
    # Packs end by size too, so a shift may run on to the next boundary that hangs on a path: a few units, never all.
    assert len(before - after) <= 1 + sum(1 for _ in before) // 2


def test_a_large_jsonl_is_cut_by_ranges_and_a_compressed_one_is_not() -> None:
    units = cut([file("a", 2500), file("b.gz", 2500, framing=GZ)], (), SIZES, groups)
    assert [(u.kind, [(p.start, p.end) for p in u.files]) for u in units] == [
        ("range", [(0, 1000)]), ("range", [(1000, 2000)]), ("range", [(2000, 2500)]), ("file", [(None, None)]),
    ]  # fmt: skip


def test_parquet_is_cut_at_row_groups() -> None:
    units = cut([file("a.parquet", 2500, framing=Framing("parquet"))], (), SIZES, groups)
    assert [(u.kind, u.files[0].start, u.files[0].end) for u in units] == [
        ("row-groups", 0, 3), ("row-groups", 3, 6), ("row-groups", 6, 8),
    ]  # fmt: skip


def test_settings_of_a_check_are_part_of_the_unit_id_and_the_place_of_the_corpus_is_not_of_its_work() -> None:
    one = cut([file("a", 10)], (), SIZES, groups)[0].unit_id
    assert cut([file("a", 10)], (Duplicates(),), SIZES, groups)[0].unit_id != one
