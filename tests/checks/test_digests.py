"""The kernel's digests are hashlib's, of any bytes and of folded terms, with the machine's instructions and without them."""

import hashlib
from itertools import product

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from checks import kernels, terms
from checks.duplicates import content_ids
from checks.kernels import digest_calls
from checks.kernels.digest_calls import digests_of_folded_rows, digests_of_rows
from checks.terms import reference, sketch
from checks.terms.fold import fold
from tests.kit.compiled import LARGE, strings

pytestmark = pytest.mark.usefixtures("library")

ILL_FORMED = [
    b"\x80",
    b"\xc0\xaf",
    b"\xc2",
    b"\xe4\xb8",
    b"\xed\xa0\x80",
    b"\xf0\x9f\x98",
    b"\xf4\x90\x80\x80",
    b"\xff",
]
pieces = st.one_of(
    st.characters(exclude_categories=("Cs",)).map(str.encode), st.sampled_from(ILL_FORMED), st.binary(max_size=3),
    st.sampled_from([b"Word ", b"a" * 55, b"B" * 64, b" " * 9, "中文".encode() * 9, "ﷺß①".encode(), "e\u0301".encode()]),
)  # fmt: skip
any_bytes = st.one_of(st.lists(pieces, max_size=40).map(b"".join), st.binary(max_size=300))
columns = st.lists(st.none() | any_bytes, max_size=6)
QUICKER = digest_calls.is_quicker  # as it is: the fixture puts another in its place


@pytest.fixture(scope="module", autouse=True)
def rows_of_any_length(library):
    """The kernel is asked for rows of any length."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(digest_calls, "is_quicker", lambda library, text: True)
        yield


def by_hashlib(values):
    return b"".join(hashlib.sha256(value or b"").digest() for value in values)


def folded_by_reference(values):
    found = [" ".join(reference.terms((value or b"").decode("utf-8", "replace"))).encode() for value in values]
    return by_hashlib(found)


def tables():
    return fold().table, fold().expansions


# The examples that NIST publishes with FIPS 180-4, and the empty message of its validation suite.
PUBLISHED = {
    b"": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    b"abc": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq":
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    b"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu":
        "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1",
    b"a" * 1_000_000: "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
}  # fmt: skip


@pytest.mark.parametrize("is_plain", [True, False])
def test_published_messages_have_their_published_digests(library, is_plain):
    digests = digests_of_rows(library, strings(list(PUBLISHED)), is_plain)
    assert [row.tobytes().hex() for row in digests] == list(PUBLISHED.values())


@pytest.mark.parametrize("is_plain", [True, False])
def test_every_length_around_the_blocks(library, is_plain):
    random = np.random.default_rng(11)
    values = [random.bytes(length) for length in (*range(301), 4095, 4096, 4097, 100_003)]
    assert digests_of_rows(library, strings(values), is_plain).tobytes() == by_hashlib(values)
    words = [b"x" * length for length in range(1, 301)]  # folded to themselves
    folded = digests_of_folded_rows(library, strings(words), tables(), None, 1 << 12, is_plain)
    assert folded.tobytes() == by_hashlib(words)


@settings(max_examples=250)
@given(values=columns, start=st.integers(0, 6), length=st.integers(0, 6), kind=st.sampled_from([LARGE, pa.string()]))
@example(values=[None, b"", None], start=1, length=2, kind=LARGE)
@example(values=[b"\xe4", b"\xb8\xad"], start=0, length=2, kind=LARGE)  # a character cut between two rows is none
def test_any_slice_of_any_array_gives_what_hashlib_and_the_reference_give(library, values, start, length, kind):
    part, rows = strings(values, kind).slice(start, length), values[start : start + length]
    for is_plain in (True, False):
        assert digests_of_rows(library, part, is_plain).tobytes() == by_hashlib(rows)
        folded = digests_of_folded_rows(library, part, tables(), None, 64, is_plain)
        assert folded.tobytes() == folded_by_reference(rows)
    assert b"".join(content_ids(part).to_pylist()) == by_hashlib(rows)
    assert terms.folded_digests(part) == folded_by_reference(rows)


@settings(max_examples=80)
@given(values=columns, data=st.data())
def test_rows_that_are_not_asked_for_are_zeros_and_their_neighbours_whole(library, values, data):
    asked = np.array(data.draw(st.lists(st.booleans(), min_size=len(values), max_size=len(values))), np.bool_)
    whole = folded_by_reference(values)
    wanted = b"".join(whole[32 * i : 32 * i + 32] if is_asked else bytes(32) for i, is_asked in enumerate(asked))
    room = data.draw(st.integers(0, 400))
    assert digests_of_folded_rows(library, strings(values), tables(), asked, room).tobytes() == wanted
    assert terms.folded_digests(strings(values), asked) == wanted


def test_flags_of_another_number_of_rows_are_refused(library):
    with pytest.raises(ValueError, match=r"rows wanted: \(1,\) flags for 2 rows"):
        digests_of_folded_rows(library, pa.array(["a", "b"]), tables(), np.array([True]), 64)


def test_rows_beyond_every_buffer_are_whole(library):
    values = [b"a", "Wörter und Zahlen 123 中文 ".encode() * 5000, None, "ﷺ".encode() * 3000, b"b"]
    for room in (0, 1, 100, 1 << 20):
        folded = digests_of_folded_rows(library, strings(values), tables(), None, room)
        assert folded.tobytes() == folded_by_reference(values)


@pytest.mark.parametrize("offsets", [[0, 99, 3], [0, -1, 3], [0, 1 << 40, 3], [2, 1, 3]], ids=str)
def test_offsets_outside_the_data_are_refused_with_the_kernel_and_without(offsets, monkeypatch):
    text = pa.Array.from_buffers(LARGE, 2, [None, pa.py_buffer(np.array(offsets, np.int64)), pa.py_buffer(b"abc")])
    for _ in range(2):
        for call in (content_ids, terms.folded_digests):
            with pytest.raises(ValueError, match="offsets lie outside the data"):
                call(text)
        monkeypatch.setattr(kernels, "library", lambda: None)


def test_without_the_kernel_or_where_it_is_slower_hashlib_gives_the_same(monkeypatch):
    random = np.random.default_rng(5)
    values = [None, b"", *ILL_FORMED, *(random.bytes(length) for length in (1, 64, 5000)), b"two words", None]
    ways = (("library", lambda: None, kernels), ("is_quicker", lambda library, text: False, digest_calls))
    for (name, replacement, where), kind in product(ways, (LARGE, pa.string())):
        with monkeypatch.context() as patch:
            patch.setattr(where, name, replacement)
            text = strings(values, kind)
            for start in range(4):
                assert b"".join(content_ids(text.slice(start)).to_pylist()) == by_hashlib(values[start:])
                assert terms.folded_digests(text.slice(start)) == folded_by_reference(values[start:])


def test_a_machine_without_the_instructions_takes_plain_c_for_short_rows_alone():
    for has_instructions, row, is_quicker in ((0, "short", True), (0, "long" * 999, False), (1, "long" * 999, True)):
        machine = type("Machine", (), {"has_sha256": staticmethod(lambda has=has_instructions: has)})()
        assert QUICKER(machine, pa.array([row] * 50)) is is_quicker


def test_one_buffer_serves_all_stretches(monkeypatch):
    monkeypatch.setattr(sketch, "ROOM", 100)
    values = [b"word %d and more" % i for i in range(500)]
    assert terms.folded_digests(strings(values)) == folded_by_reference(values)
