"""Redaction: nothing that was redacted is found again, nothing else changes, and every offset can be followed."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.personal.edits import Edit, Moves
from checks.personal.entities import ENTITIES
from checks.personal.keys import use_key
from checks.personal.masks import masked_value
from checks.personal.redact import BLANK, WAYS, Redacted, Redaction, personal, redact
from checks.personal.spot import Spotted, spot
from schemas.errors import ConfigError
from schemas.record import ROLE_SPAN

RESIDENT = "11010519491231002X"
PHONE = "13812345678"
CARD = "4111111111111111"
MAIL = "zhang.wei@example.com"
ADDRESS = "8.8.8.8"
VALUES = (
    RESIDENT,
    PHONE,
    CARD,
    MAIL,
    ADDRESS,
    "138 1234 5678",
    "+86-13912345678",
    "(415) 555-2671",
    "４１１１",
    "a@b.cn",
)
BETWEEN = ("", " ", "，", "\n", ".", "-", "@", "1", "x", ":", "电话", "<", "*", "/", "_", "%", "+")
TAGS = Redaction()
EMAIL, IP = (next(e for e in ENTITIES if e.key == key) for key in ("email_address", "ip_address"))
MOBILE = next(iter(spot(pa.array([f"电话{PHONE}，"])))).entity.name
NAMES = tuple(dict.fromkeys(("CN_RESIDENT_ID", "PHONE_NUMBER", MOBILE, "CREDIT_CARD", "EMAIL_ADDRESS", "IP_ADDRESS")))


@pytest.fixture(scope="module")
def key_id(tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = tmp_path_factory.mktemp("keys") / "hmac.key"
    path.write_bytes(bytes(range(32)))
    return use_key(path)


def found_in(texts: pa.Array) -> list[Spotted]:
    return list(personal(spot(texts)))


def only(text: str, how: Redaction = TAGS, **more: object) -> Redacted:
    return redact(pa.array([text], pa.large_string()), how, **more)  # type: ignore[arg-type]


planted = st.lists(st.tuples(st.sampled_from(VALUES), st.sampled_from(BETWEEN)), max_size=6).map(
    lambda parts: "".join(value + between for value, between in parts)
)
ways = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(WAYS)).map(lambda d: tuple(sorted(d.items())))


@settings(max_examples=300, deadline=None)
@given(st.lists(planted, max_size=4), ways, st.sampled_from(WAYS), st.booleans())
def test_a_second_look_finds_nothing_that_was_redacted(
    key_id: str, texts: list[str], entities: tuple[tuple[str, str], ...], otherwise: str, large: bool
) -> None:
    how = Redaction(entities, otherwise, key_id=key_id, run="r")
    array = pa.array(["", *texts], pa.large_string() if large else pa.string()).slice(1)
    done = redact(array, how)
    assert done.texts.type == array.type
    for again in found_in(done.texts):
        assert done.dropped[again.row] or how.way(again.entity.name, None) == "keep"
    for row, (old, new) in enumerate(zip(texts, done.texts.to_pylist(), strict=True)):
        mine = [e for e in done.edits if e.row == row]
        assert follow(old, mine) == new
        for one in found_in(pa.array([old], pa.large_string())):
            way = how.way(one.entity.name, None)
            if way == "drop":
                assert done.dropped[row]
            elif way != "keep" and not done.dropped[row]:
                assert any(e.start <= one.start and e.end >= one.end for e in mine), (old, new)


def follow(text: str, edits: list[Edit]) -> str:
    """The plainest way to edit: from the back."""
    assert edits == sorted(edits, key=lambda e: e.start)
    for edit in reversed(edits):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


@settings(max_examples=200, deadline=None)
@given(planted, ways)
def test_offsets_outside_of_edits_lead_to_the_same_character_and_back(
    key_id: str, text: str, entities: tuple[tuple[str, str], ...]
) -> None:
    done = only(text, Redaction(entities, key_id=key_id))
    new, moves = done.texts[0].as_py(), done.moves(0)
    inside = {i for e in done.edits for i in range(e.start, e.end)}
    for i in set(range(len(text))) - inside:
        assert new[moves.new(i)] == text[i]
        assert moves.old(moves.new(i)) == i
    assert moves.new(len(text), after=True) == len(new)
    assert moves.old(len(new), after=True) == len(text)


def test_each_way_writes_what_it_says(key_id: str) -> None:
    def as_(way: str) -> str:
        return str(only(f"电话{PHONE}，", Redaction(otherwise=way, key_id=key_id, run="r")).texts[0])

    assert as_("mask") == "电话138****5678，"
    assert as_("tag") == f"电话<{MOBILE}>，"
    assert as_("keep") == f"电话{PHONE}，"
    assert as_("pseudonym").startswith(f"电话<{MOBILE}:") and as_("pseudonym").endswith(">，")
    done = only(f"电话{PHONE}，", Redaction(otherwise="drop"))
    assert done.dropped.tolist() == [True] and done.edits == () and done.counts == {(MOBILE, "drop"): 1}


@pytest.mark.parametrize(("entity", "value", "mask"), [
    ("PHONE_NUMBER", "138 1234 5678", "138 **** 5678"), ("EMAIL_ADDRESS", MAIL, "z****.***@e******.com"),
    ("EMAIL_ADDRESS", "a@mail.b.cn", "a@m***.b.cn"), ("CN_RESIDENT_ID", RESIDENT, "110*************2X"),
    ("IP_ADDRESS", "8.8.8.8", "8.*.*.*"), ("PERSON", "张伟", "张*"), ("PERSON", "张", "*"), ("SECRET", "ab-cd", "**-**"),
])  # fmt: skip
def test_a_mask_keeps_the_shape(entity: str, value: str, mask: str) -> None:
    assert masked_value(entity, value) == mask


def test_a_pseudonym_is_of_the_person_not_of_how_it_is_written(key_id: str) -> None:
    texts = pa.array([f"{PHONE} 1", "+86 138-1234-5678 1", "13812345679 1"])
    one = redact(texts, Redaction(otherwise="pseudonym", key_id=key_id, run="a")).texts.to_pylist()
    assert one[0] == one[1] != one[2]
    assert PHONE not in one[0] and not set("0123456789") & set(one[0].split()[0])
    other = redact(texts, Redaction(otherwise="pseudonym", key_id=key_id, run="b")).texts.to_pylist()
    assert not set(one) & set(other)


def test_adjacent_values_each_have_their_edit_and_a_kept_one_stays() -> None:
    how = Redaction((("EMAIL_ADDRESS", "keep"),))
    assert only(f"{PHONE}，{MAIL}{PHONE}", how).texts[0].as_py().startswith(f"<{MOBILE}>，{MAIL}")
    texts = only(f"{MAIL}，{PHONE}\n{PHONE}").texts[0].as_py()
    assert texts == f"<EMAIL_ADDRESS>，<{MOBILE}>\n<{MOBILE}>"


def spotted(row: int, start: int, end: int, text: str, entity: object = EMAIL) -> Spotted:
    return Spotted(row, start, end, start, end, entity, 1_000_000, text[start:end], "")  # type: ignore[arg-type]


def test_overlapping_finds_are_one_edit_with_a_tag() -> None:
    text = "abcdefghij"

    def find(array: pa.Array) -> Iterator[Spotted]:
        if array[0].as_py() == text:
            yield from (spotted(0, 1, 4, text), spotted(0, 3, 8, text, IP), spotted(0, 8, 9, text))

    done = only(text, Redaction(otherwise="mask"), find=find)
    assert done.texts[0].as_py() == "a<IP_ADDRESS>*j"
    assert [(e.start, e.end, e.way) for e in done.edits] == [(1, 8, "tag"), (8, 9, "mask")]


def test_what_a_mask_lets_be_found_anew_is_tagged_then_blanked_then_the_record_goes() -> None:
    def finding(*shapes: str) -> Redacted:
        def find(array: pa.Array) -> Iterator[Spotted]:
            text = array[0].as_py()
            for shape in shapes:
                at = text.find(shape)
                if at >= 0:
                    yield spotted(0, at, at + len(shape), text)
                    return

        return only("1ab@cd.ef2", Redaction(otherwise="mask"), find=find)

    assert finding("ab@cd.ef").texts[0].as_py() == "1a*@c*.ef2"
    assert finding("ab@cd.ef", "ef2").texts[0].as_py() == "1<EMAIL_ADDRESS>"
    blank = finding("ab@cd.ef", "ef2", "1<EMAIL")
    assert blank.texts[0].as_py() == "***" and blank.edits[0].way == BLANK and not blank.dropped.any()
    gone = finding("ab@cd.ef", "ef2", "1<EMAIL", "***")
    assert gone.dropped.all() and gone.unsettled == 1 and gone.edits == ()


def roles_of(*turns: tuple[str, str]) -> tuple[pa.Array, pa.Array]:
    spans, at = [], 0
    for role, value in turns:
        spans.append({"role": role, "path": f"messages[{len(spans)}].content", "start": at, "end": at + len(value)})
        at += len(value) + 1
    return pa.array(["\n".join(v for _, v in turns)], pa.large_string()), pa.array([spans], pa.list_(ROLE_SPAN))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["user", "assistant", "system"]), planted), min_size=1, max_size=5))
def test_only_the_turns_of_the_chosen_roles_change_and_spans_follow(turns: list[tuple[str, str]]) -> None:
    turns = [(role, value.replace("\n", " ") + ".") for role, value in turns]
    texts, roles = roles_of(*turns)
    done = redact(texts, Redaction(roles=(("assistant", "keep"), ("system", "mask"))), roles)
    new, spans = done.texts[0].as_py(), done.roles[0].as_py()  # type: ignore[index]
    assert [s["path"] for s in spans] == [s["path"] for s in roles[0].as_py()]
    assert new == "\n".join(new[s["start"] : s["end"]] for s in spans)
    for (role, value), span in zip(turns, spans, strict=True):
        now = new[span["start"] : span["end"]]
        if role == "assistant":
            assert now == value
        elif role == "user":
            assert not found_in(pa.array([now], pa.large_string()))


def test_a_find_over_two_turns_leaves_what_joins_them() -> None:
    texts, roles = roles_of(("user", "ab@c"), ("assistant", "d.ef"))

    def find(array: pa.Array) -> Iterator[Spotted]:
        if "ab@c" in array[0].as_py():
            yield spotted(0, 0, 7, array[0].as_py())

    done = redact(texts, Redaction(), roles, find)
    assert done.texts[0].as_py() == "<EMAIL_ADDRESS>\nef"
    assert [(s["start"], s["end"]) for s in done.roles[0].as_py()] == [(0, 15), (16, 18)]  # type: ignore[index]


def test_nulls_empty_batches_and_rows_without_roles_stay_as_they_are() -> None:
    texts = pa.array([None, f"x {PHONE}", "", None], pa.string())
    roles = pa.array([None, None, None, None], pa.list_(ROLE_SPAN))
    done = redact(texts, Redaction(), roles)
    assert done.texts.to_pylist() == [None, f"x <{MOBILE}>", "", None]
    assert done.roles is not None and done.roles.to_pylist() == [None] * 4
    empty = redact(pa.array([], pa.large_string()), Redaction())
    assert len(empty.texts) == len(empty.dropped) == 0 and empty.counts == {}


def test_addresses_that_are_nobodys_stay() -> None:
    text = "192.168.0.1, version 8.8.4.4"
    assert only(text).texts[0].as_py() == text


def test_settings_that_cannot_be_carried_out_are_refused() -> None:
    with pytest.raises(ConfigError, match="no way 'hide'"):
        Redaction(otherwise="hide")
    with pytest.raises(ConfigError, match="pseudonym needs a key"):
        Redaction((("PERSON", "pseudonym"),))


def test_a_hundred_thousand_values_in_one_line_take_linear_time() -> None:
    import time

    def cpu_s(count: int) -> float:
        texts = pa.array([f"{PHONE}，" * count], pa.large_string())
        hits = found_in(texts)
        began = time.process_time()
        redact(texts, Redaction(), find=lambda array: hits if array is texts else ())
        return time.process_time() - began

    small, large = min(cpu_s(5_000) for _ in range(2)), cpu_s(50_000)
    assert large < 40 * max(small, 0.005)


def test_moves_without_edits_are_the_identity() -> None:
    assert [Moves(()).new(i) for i in range(3)] == [Moves(()).old(i) for i in range(3)] == [0, 1, 2]
