"""Two stages find exactly what plain Presidio finds with the same recognizers on the whole text."""

import json
import re
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pytest
import regex
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checks.personal.entities import ENTITIES, RESIDENT_ID
from checks.personal.pieces import ALPHABET, pieces
from checks.personal.recognizers import analyse
from checks.personal.spot import TRIGGERS, spot, spot_all
from checks.personal.validators import resident_id
from checks.triggers import scan
from tests.checks.test_personal_validators import a_card, a_mobile, an_email, an_id, wide

DATA = Path(__file__).parents[3] / "shared" / "data"
EXPRESSIONS = [(entity, e) for entity in ENTITIES for e in entity.expressions]
BARE = {  # without look-arounds, for Hypothesis to draw members from
    e: re.sub(r"\(\?<?[=!](?:[^()\[\]]|\[[^\]]*\]|\\.)*\)", "", e) for _, e in EXPRESSIONS
}
NEIGHBOURS = st.sampled_from(
    ["", " ", "，", "箱", "。", "(", "）", "a", "7", ".", "\n", "+", "-", "@", "é", "😀", "１", "x."]
)


def plain(rows):
    return sorted(
        (row, r.start, r.end, entity.key, round(r.score * 1_000_000))
        for row, text in enumerate(rows)
        for entity in ENTITIES
        for r in analyse(entity, text)
    )


def ours(rows, with_engine=None):
    return sorted(spot_all(pa.array(rows, pa.large_string()), with_engine))


@pytest.mark.parametrize(
    ("entity", "expression"), EXPRESSIONS, ids=[f"{e.key}-{i}" for i, (e, _) in enumerate(EXPRESSIONS)]
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(data=st.data())
def test_no_match_of_an_expression_goes_without_its_trigger(entity, expression, data):
    match = data.draw(st.from_regex(BARE[expression], fullmatch=True))
    text = data.draw(NEIGHBOURS) + match + data.draw(NEIGHBOURS)
    found = regex.search(expression, text)
    # What validation is bound to drop needs no trigger: an id's year outside 1900 to 2099.
    if found is None or (entity is RESIDENT_ID and resident_id(found[0])[6:8] not in ("19", "20")):
        return
    hits = scan(pa.array([text], pa.large_string()), TRIGGERS)
    bits = TRIGGERS.mask(*(name for name, e in TRIGGERS.patterns if e in entity.triggers))
    assert any(mask & bits for mask in hits.patterns.tolist()), entity.key


def ways_of(number: str, cuts: tuple[int, ...], prefixes: tuple[str, ...]):
    """*number* with each one digit full-width, with each prefix, cut by nothing, a space or a hyphen."""
    for glue in ("", " ", "-"):
        for at in range(-1, len(number)):
            digits = [wide(c) if i == at else c for i, c in enumerate(number)]
            body = "".join((glue if i in cuts else "") + c for i, c in enumerate(digits))
            yield from (prefix + body for prefix in prefixes)


@pytest.mark.parametrize(
    "number_cuts_prefixes",
    [
        (an_id(), (6, 14), ("", "证")),
        *(("1" + second + "9" + "00001234"[:8], (3, 7), ("", "86", "+86", "0086", "86 ", "+86-", "电")) for second in "3456789"),
    ],
    ids=["id", *"3456789"],
)  # fmt: skip
def test_every_way_of_writing_a_number_is_found_by_both(number_cuts_prefixes):
    rows = list(ways_of(*number_cuts_prefixes))
    expected = plain(rows)
    assert ours(rows) == expected
    assert ours(rows, "re2") == expected
    assert len({row for row, *_ in expected}) >= len(rows) * 0.9 or number_cuts_prefixes[0].startswith("1")


VALUES = st.sampled_from(
    [
        an_id(),
        wide(an_id()),
        an_id(510107, "20010203", "110"),
        a_card("4" + "0" * 9 + "12345"),
        a_card("62" + "1" * 8 + "1234567"),
        a_mobile(),
        "+86 " + a_mobile(),
        wide(a_mobile()),
        an_email(),
        an_email("8" * 11),
        "8.8.8.8",
        "10.0.0.1",
        "2001:4860:4860::8888",
        "(010)" + "6" * 8,
        "(212) 555-" + "1234",
        "+44 20 7946 " + "0958",
        "1" * 13,
        "12-34-56",
        "3.14159",
    ]
)
GLUE = st.sampled_from(["", " ", "-", ",", "，", "：", "\n", "身份证", "号", ".", "/", "@", "(", ")", "tel", "0"])


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(
        st.lists(st.tuples(GLUE, VALUES, GLUE), max_size=5).map(lambda parts: "".join("".join(p) for p in parts)),
        max_size=5,
    )
)
def test_generated_text(rows):
    assert ours(rows) == plain(rows)


@settings(max_examples=100, deadline=None)
@given(text=st.text(alphabet=st.sampled_from("0123456789 -.+@()１３Xax:，\n"), max_size=120))
def test_text_of_nothing_but_what_recognizers_read(text):
    assert ours([text]) == plain([text])


def test_a_line_of_many_pieces_with_values_at_every_cut():
    values = [an_id(), a_mobile(), an_email(), a_card("4" + "0" * 9 + "12345"), "8.8.8.8", wide(an_id())]
    text = "，".join(values[i % len(values)] for i in range(600))  # 10 KB, one line, a stop between any two
    assert ours([text, "x" + text]) == plain([text, "x" + text])
    assert len(list(spot(pa.array([text], pa.large_string())))) == 600
    words = " ".join(values[i % len(values)] + (" tel" if i % 2 else "") for i in range(600))  # no stop but spaces
    assert ours([words]) == plain([words])


def test_no_match_holds_a_space_before_a_letter():
    spaced = [e for _, e in EXPRESSIONS if " " in e]
    assert spaced
    for expression in spaced:  # the class that may follow a class with a space: digits, brackets, the same separators
        tails = re.findall(r" [^\]]*\][?]?(.{0,12})", expression)
        assert all(not re.match(r"\[?[A-Za-z_@%]", tail) for tail in tails), expression


@given(
    line=st.text(alphabet=st.sampled_from("09aZ ._%+()@:-，,。é１＠😀"), max_size=400).map(lambda t: (t * 40).encode())
)
@settings(max_examples=50, deadline=None)
def test_pieces_make_the_line_and_cut_only_before_what_no_expression_reads(line):
    parts = list(pieces(line))
    assert b"".join(piece for _, piece in parts) == line
    inside = re.compile(f"[{ALPHABET}]")
    for start, piece in parts:
        assert line[start : start + len(piece)] == piece
        assert start == 0 or not inside.match(piece.decode()) or re.match(" [A-Za-z_@%]", piece.decode())


def test_the_alphabet_holds_all_that_expressions_name():
    inside = regex.compile(f"[{ALPHABET}]")
    characters = "".join(map(chr, (*range(0xD800), *range(0xE000, 0x20000))))
    classes = {c for _, expression in EXPRESSIONS for c in re.findall(r"\[(?:\\.|[^\]])*\]", expression)}
    for members in classes:
        assert not members.startswith("[^"), "a negated class would match beyond any alphabet"
        assert not inside.sub("", "".join(regex.findall(members, characters))), members
    for _, expression in EXPRESSIONS:
        literals = re.sub(r"\\(.)", r"\1", re.sub(r"\[(?:\\.|[^\]])*\]|\{[0-9,]+\}|\(\?(?:<?[=!]|:)", "", expression))
        assert all(inside.match(c) for c in literals if c not in "()|?+*"), expression


def texts_of(path, field, most):
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line)[field] for line in islice(lines, most)]


@pytest.mark.skipif(not DATA.is_dir(), reason="the shared real text is not on this machine")
@pytest.mark.parametrize(
    ("path", "field", "most"),
    [
        ("corpora/web/c4_demo.jsonl", "text", 300),
        ("corpora/books/prc_laws.jsonl", "text", 60),
        ("corpora/instruct/alpaca_zh_demo.jsonl", "output", 500),
        ("corpora/instruct/glaive_toolcall_zh_demo.jsonl", "conversations", 150),
    ],
)
def test_real_text(path, field, most):
    rows = [t if isinstance(t, str) else json.dumps(t, ensure_ascii=False) for t in texts_of(DATA / path, field, most)]
    assert ours(rows) == plain(rows)


@pytest.mark.skipif(not DATA.is_dir(), reason="the shared labelled text is not on this machine")
def test_text_full_of_values():
    samples = json.loads((DATA / "eval/pii/presidio-research/synth_dataset_v2.json").read_text())[:600]
    rows = [sample["full_text"] for sample in samples]
    assert ours(rows) == plain(rows)
    assert ours(rows, "re2") == ours(rows)
    assert len(ours(rows)) > 50


def test_our_own_source_code():
    rows = [path.read_text() for path in sorted((Path(__file__).parents[2] / "checks").rglob("*.py"))]
    assert ours(rows) == plain(rows)
