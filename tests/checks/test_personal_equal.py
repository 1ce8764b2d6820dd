"""Two stages find exactly what plain Presidio's AnalyzerEngine finds with the same recognizers on the whole text."""

import json
import re
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pytest
import regex
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from checks.personal.alphabet import character_class, holds
from checks.personal.entities import BUILT_IN, ENTITIES
from checks.personal.folding import NARROW, fold
from checks.personal.pieces import pieces
from checks.personal.plain import plain_findings
from checks.personal.spot import TRIGGERS, spot, spot_all
from checks.triggers import scan
from tests.checks.test_personal_validators import a_card, a_mobile, an_email, an_id, wide

DATA = Path(__file__).parents[3] / "shared" / "data"
EXPRESSIONS = [(entity, e) for entity in ENTITIES for e in entity.expressions]
LOOK = re.compile(r"\(\?<?[=!]")
NEIGHBOURS = st.sampled_from(
    ["", " ", "，", "箱", "。", "(", "）", "a", "7", ".", "\n", "+", "-", "@", "é", "😀", "１", "x."]
)


def bare(expression):
    """*expression* without look-arounds, but for those that stand right before it and say what must be there."""
    out, at = "", 0
    for found in LOOK.finditer(expression):
        if found.start() < at:
            continue
        end, depth, inside = found.end(), 1, False
        while depth:
            c = expression[end]
            if c == "\\":
                end += 1
            elif inside or c == "[":
                inside = c != "]"
            else:
                depth += {"(": 1, ")": -1}.get(c, 0)
            end += 1
        kept = "(?:" + bare(expression[found.end() : end - 1]) + ")" if found[0] == "(?<=" else ""
        out += expression[at : found.start()] + kept
        at = end
    return out + expression[at:]


def plain(rows):
    return plain_findings(rows)


def ours(rows, with_engine=None):
    return sorted(spot_all(pa.array(rows, pa.large_string()), with_engine))


def bits_of(entity):
    return BUILT_IN.masks[ENTITIES.index(entity)]


@pytest.mark.parametrize(
    ("entity", "expression"), EXPRESSIONS, ids=[f"{e.key}-{i}" for i, (e, _) in enumerate(EXPRESSIONS)]
)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_match_of_an_expression_goes_without_its_trigger(entity, expression, data):
    match = data.draw(st.from_regex(bare(expression), fullmatch=True))
    assume("\n" not in match)
    text = fold(data.draw(NEIGHBOURS) + match + data.draw(NEIGHBOURS)).text
    if regex.search(expression, text) is None:
        return
    hits = scan(pa.array([text], pa.large_string()), TRIGGERS)
    assert any(mask & bits_of(entity) for mask in hits.patterns.tolist()), entity.key


@given(
    text=st.text(
        st.sampled_from("19aZ@ -.，一１Ａ＠．＋＿－\u200b\u200c\u200d\u2060\ufeff\u2013\u2212\u00a0\u3000\u202f"),
        max_size=30,
    )
)
@settings(max_examples=400, deadline=None)
def test_a_line_that_folding_changes_is_named_by_its_triggers_and_its_places_lead_back(text):
    folded = fold(text)
    hits = scan(pa.array([text], pa.large_string()), TRIGGERS)
    if folded.text != text:
        assert any(mask & BUILT_IN.folding for mask in hits.patterns.tolist())
    narrow = text.translate(NARROW)
    for i, c in enumerate(folded.text):
        start, end = folded.span(i, i + 1)
        assert end == start + 1
        assert narrow[start] == c or (c in "- " and not narrow[start].isascii())


def ways_of(number: str, cuts: tuple[int, ...], prefixes: tuple[str, ...]):
    """*number* with each one digit full-width, with each prefix, cut by nothing, a space, a hyphen, a dash, zero width."""
    for glue in ("", " ", "-", "\u2013", "\u200b", "\u00a0"):
        for at in range(-1, len(number)):
            digits = [wide(c) if i == at else c for i, c in enumerate(number)]
            body = "".join((glue if i in cuts else "") + c for i, c in enumerate(digits))
            yield from (prefix + body for prefix in prefixes)


@pytest.mark.parametrize(
    ("number", "cuts", "prefixes"),
    [
        (an_id(), (6, 14), ("", "证")),
        (a_card("62" + "1" * 8 + "12345"), (4, 8, 12), ("", "卡号")),
        *(("1" + second + "9" + "00001234"[:8], (3, 7), ("", "86", "+86", "0086", "86 ", "+86-", "电")) for second in "358"),
    ],
    ids=["id", "card", "3", "5", "8"],
)  # fmt: skip
def test_every_way_of_writing_a_number_is_found_by_both(number, cuts, prefixes):
    rows = list(ways_of(number, cuts, prefixes))
    expected = plain(rows)
    assert ours(rows) == expected
    assert ours(rows, "re2") == expected
    assert len({row for row, *_ in expected}) == len(rows)


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
        "京A12345",
        "沪AD12345",
        "E12345678",
        "护照号：E12345678",
        "通行证 C12345678",
        "A123456(3)",
        "A123456789",
        "微信号：abc_12345",
        "QQ：123456789",
        "北京市海淀区中关村大街1号",
        "DE89370400440532013000",
        "123-45-6789",
        "00:1A:2B:3C:4D:5E",
        "1\u200b39\u200b00001234",
        "91110108" + "551385082Q",
        "ftp://amy:" + "s3cr3t9@example.org",
    ]
)
GLUE = st.sampled_from(
    [
        "",
        "订单号",
        "护照",
        "\u200b",
        "\u3000",
        " ",
        "-",
        ",",
        "，",
        "：",
        "\n",
        "身份证",
        "号",
        ".",
        "/",
        "@",
        "(",
        ")",
        "tel",
        "0",
    ]
)


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


@pytest.mark.parametrize("gap", [0, 30, 37, 38, 41, 2040, 2048, 5000])
def test_context_is_seen_whole_however_the_line_is_cut(gap):
    filler = "，好" * 1100
    rows = [filler + "护照" + "x" * gap + "。G12345678" + filler, filler + "G12345678。" + "x" * gap + "护照" + filler]
    assert ours(rows) == plain(rows)
    assert len(ours(rows)) == (2 if gap < 38 else 0)


def test_context_ends_with_the_line():
    rows = ["护照\nG12345678", "G12345678\n护照", "护照 G12345678"]
    assert ours(rows) == plain(rows)
    assert [row for row, *_ in ours(rows)] == [2]


@pytest.mark.parametrize("entity", ENTITIES, ids=[e.key for e in ENTITIES])
@given(line=st.text(st.sampled_from("09aZ ._%+()@:-，,。é１＠😀号路京"), max_size=400).map(lambda t: t * 40))
@settings(max_examples=15, deadline=None)
def test_pieces_make_the_line_and_cut_only_before_what_no_expression_reads(entity, line):
    parts = list(pieces(line, entity.alphabet))
    assert "".join(piece for _, piece in parts) == line
    for start, piece in parts:
        assert line[start : start + len(piece)] == piece
        assert start == 0 or not holds(entity.alphabet, ord(piece[0]))


@pytest.mark.parametrize("entity", ENTITIES, ids=[e.key for e in ENTITIES])
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_the_alphabet_holds_all_that_expressions_match(entity, data):
    inside = re.compile(character_class(entity.alphabet))
    for expression in entity.expressions:
        match = data.draw(st.from_regex(bare(expression), fullmatch=True))
        assert all(inside.match(c) for c in match)


def texts_of(path, field, most):
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line)[field] for line in islice(lines, most)]


@pytest.mark.skipif(not DATA.is_dir(), reason="the shared real text is not on this machine")
@pytest.mark.parametrize(
    ("path", "field", "most"),
    [
        ("corpora/web/c4_demo.jsonl", "text", 120),
        ("corpora/books/prc_laws.jsonl", "text", 20),
        ("corpora/instruct/alpaca_zh_demo.jsonl", "output", 300),
        ("corpora/instruct/glaive_toolcall_zh_demo.jsonl", "conversations", 100),
    ],
)
def test_real_text(path, field, most):
    rows = [t if isinstance(t, str) else json.dumps(t, ensure_ascii=False) for t in texts_of(DATA / path, field, most)]
    assert ours(rows) == plain(rows)


@pytest.mark.skipif(not DATA.is_dir(), reason="the shared labelled text is not on this machine")
def test_text_full_of_values():
    samples = json.loads((DATA / "eval/pii/presidio-research/synth_dataset_v2.json").read_text())[:400]
    rows = [sample["full_text"] for sample in samples]
    assert ours(rows) == plain(rows)
    assert ours(rows, "re2") == ours(rows)
    assert len(ours(rows)) > 40


def test_our_own_source_code():
    rows = [path.read_text() for path in sorted((Path(__file__).parents[2] / "checks").rglob("*.py"))][:60]
    assert ours(rows) == plain(rows)
