"""Keyword libraries: lists of any form read into base forms, audited against reference text, told by coverage; files that are wrong."""

import pyarrow as pa
import pytest

from pipelines.lexicon import COMMON, IN_USE, LONG, SHORT, lexicon_of
from pipelines.lexicon_audit import LEAST_DOCUMENTS, audited
from pipelines.lexicon_read import Given, leaf_of, read_lexicon
from schemas.errors import ConfigError
from tests.kit.lexicons import CANARY, CSV, documents

TXT = "# as_of: 2026-11-20\n# version: 7\n.*[特殊]+(?\n五六七\t宣扬民族仇恨\n"
YAML = 'A1.d: [自制炸弹方法, "123456", true]\n宣扬暴力、淫秽色情:\n  - 某某图片站\n'


def lists(folder, **files):
    found = []
    for name, text in files.items():
        path = folder / name.replace("_", ".")
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        found.append(path)
    return found


def wrong(folder, name, text, given=None):
    with pytest.raises(ConfigError) as raised:
        read_lexicon(lists(folder, **{name: text}), given or Given({}))
    return [problem.removeprefix(f"{folder}/") for problem in raised.value.problems]


def test_lists_of_three_forms_make_one_library(tmp_path):
    read = read_lexicon(lists(tmp_path, a_csv=CSV, b_txt=TXT, c_yaml=YAML), Given({}, "A1.g"))
    assert [(one.risk, one.word, one.kind, one.state) for one in read.entries] == [
        ("A1.b", CANARY, "word", IN_USE),
        ("A1.d", "123456", "word", IN_USE), ("A1.d", "true", "word", IN_USE), ("A1.d", "自制炸弹方法", "word", IN_USE),
        ("A1.e", "五六七", "word", IN_USE),
        ("A1.f", "坏蛋", "curated", IN_USE), ("A1.f", "某某图片站", "word", IN_USE), ("A1.f", "的人", "word", SHORT),
        ("A1.g", ".*[特殊]+(?", "word", IN_USE),
        ("A1.h", "hacker tool", "word", IN_USE), ("A1.h", "网上赌场送金", "word", IN_USE),
    ]  # fmt: skip
    assert (read.coincided, read.empty, read.version, read.as_of) == (1, 1, "7", "2026-11-20")
    again = lexicon_of(read.as_bytes(), "x")
    assert again == read
    assert again.as_bytes() == read.as_bytes()


@pytest.mark.parametrize(
    ("text", "leaf"),
    [("A1.a", "A1.a"), ("a.1 a)", "A1.a"), ("附录A.2（c）", "A2.c"), ("A5-B", "A5.b"), ("宣扬民族仇恨", "A1.e"),
     ("Discrimination by AGE", "A2.f"), ("A1.i", None), ("A6.a", None), ("", None), ("赌博", None)],
)  # fmt: skip
def test_a_risk_is_read_in_any_of_its_spellings(text, leaf):
    assert leaf_of(text) == leaf


def test_columns_may_be_named(tmp_path):
    given = Given({"word": "Term", "risk": "class"})
    read = read_lexicon(lists(tmp_path, a_tsv="class\tterm\nA1.h\t网上赌场\n"), given)
    assert [(one.risk, one.word) for one in read.entries] == [("A1.h", "网上赌场")]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a_csv", f"word,risk\n{CANARY},Q9\n", "a.csv: line 2: no risk of the taxonomy"),
        ("a_csv", f"x,y\n{CANARY},A1.a\n", "a.csv: line 1: no column of the word"),
        ("a_csv", f"word\n{CANARY}\n", "a.csv: line 1: no column of the risk"),
        ("a_csv", f"word,risk,kind\n{CANARY},A1.a,what\n", "a.csv: line 2: no kind of word"),
        ("a_txt", f"{CANARY}\n", "a.txt: line 1: no risk behind a tab"),
        ("a_txt", CANARY.encode("gbk"), "a.txt: line 1: bad UTF-8"),
        ("a_txt", "", "a.txt: no word in it"),
        ("a_txt", "\x00\x01\tA1.a\n", "a.txt: no word in it"),
        ("a_yaml", f"- {CANARY}\n", "a.yaml:1: no mapping of risks"),
        ("a_yaml", f"A1.a: {CANARY}\n", "a.yaml: line 1: a risk has a list"),
        ("a_yaml", f"A1.a: [[{CANARY}]]\n", "a.yaml: line 1: a word is a text"),
        ("a_json", "{}", "a.json: line 1: no file of words by its name"),
        ("a_csv", 'word,risk\n"' + "长" * (1 << 20) + "\n", "a.csv: line"),
    ],
)
def test_a_list_that_is_wrong_is_told_with_its_line_and_without_a_word(tmp_path, name, text, told):
    problems = wrong(tmp_path, name, text)
    assert problems[0].startswith(told), problems[0][:200]
    assert CANARY not in "".join(problems)


def test_control_characters_huge_words_and_duplicates_are_taken_as_they_are(tmp_path):
    text = (
        "word,risk\n\u200b网上\x07赌场\u200b,A1.h\n网上赌场,A1.h\n"
        + "长" * 65
        + ",A1.h\n"
        + "中" * 100_000
        + ",A1.h\nab,A1.h\n"
    )
    read = read_lexicon(lists(tmp_path, a_csv=text), Given({}))
    assert read.coincided == 1
    assert read.by_state() == {IN_USE: 1, COMMON: 0, SHORT: 1, LONG: 2}
    assert read.words_in_use() == 1


def test_an_audit_sets_aside_what_stands_everywhere_and_the_hits_fall(tmp_path):
    text = "大家都说的话\tA1.h\n网上赌场送金\tA1.h\n说的\tA1.h\n都说\tA1.h\tcurated\n"
    read = read_lexicon(lists(tmp_path, a_txt=text), Given({}))
    texts = documents(1_000)
    done = audited(read, "r", [pa.array(texts[:300], pa.large_string()), pa.array(texts[300:], pa.large_string())])
    assert {one.word: one.state for one in done.entries} == {
        "大家都说的话": COMMON, "网上赌场送金": IN_USE, "说的": SHORT, "都说": COMMON,
    }  # fmt: skip
    assert done.audit is not None
    assert (done.audit.documents, done.audit.words) == (1_000, 4)
    assert (done.audit.hits, done.audit.hits_left, done.audit.documents_hit) == (301, 1, 1)
    assert audited(done, "r", [pa.array(texts, pa.large_string())]).entries == done.entries


def test_an_audit_may_let_a_word_back_in(tmp_path):
    read = read_lexicon(lists(tmp_path, a_txt="大家都说的话\tA1.h\n"), Given({}))
    once = audited(read, "r", [pa.array(documents(1_000), pa.large_string())])
    other = audited(once, "r", [pa.array(documents(1_000, everywhere=""), pa.large_string())])
    assert [one.state for one in (*once.entries, *other.entries)] == [COMMON, IN_USE]


def test_a_reference_that_is_too_small_is_refused(tmp_path):
    read = read_lexicon(lists(tmp_path, a_txt="网上赌场送金\tA1.h\n"), Given({}))
    with pytest.raises(ConfigError, match=f"{LEAST_DOCUMENTS - 1} documents; give at least {LEAST_DOCUMENTS}"):
        audited(read, "r", [pa.array(documents(LEAST_DOCUMENTS - 1), pa.large_string())])


def test_coverage_is_held_against_what_the_practice_asks(tmp_path):
    rows = [f"词{chr(0x4E00 + n // 20)}{chr(0x5000 + n % 20)}\tA1.a" for n in range(200)]
    read = read_lexicon(lists(tmp_path, a_txt="# as_of: 2026-11-14\n" + "\n".join(rows)), Given({}))
    told = read.coverage("2026-11-21")
    assert told["by_risk"]["A1.a"] == {"words": 200, "least": 200}
    assert len(told["risks_short"]) == 16
    assert (told["age_days"], told["outdated"], told["words"], told["least_words"]) == (7, False, 200, 10_000)
    assert read.coverage("2026-11-22")["outdated"]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "x:1: no library"), (b"{}\n", "x:1: no library"), (b"\xff\xfe\n", "x:1: no library"),
        (b'{"schema":"corpusledger.lexicon","number":1,"version":null,"as_of":"soon","coincided":0,"empty":0,"audit":null}\n', "x:1"),
        (b'{"schema":"corpusledger.lexicon","number":1,"version":null,"as_of":null,"coincided":0,"empty":0,"audit":null}\n{"word":"x"}\n', "x:2: no entry"),
        (b'{"schema":"corpusledger.lexicon","number":1,"version":null,"as_of":null,"coincided":0,"empty":0,"audit":null}\n'
         b'{"word":"ab","risk":"A1.a","kind":"word","state":"in-use"}\n', "x:2: no entry"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_library_is_told(data, told):
    with pytest.raises(ConfigError) as raised:
        lexicon_of(data, "x")
    assert str(raised.value).startswith(told)
