"""Names of persons in Chinese and English: what is found, where it is looked for, and what the estimate counts."""

import time

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.personal import Personal
from checks.personal.keys import use_key
from checks.personal.names import SAMPLE_BYTES, canonical_name, sampled_rows
from checks.personal.names_en import english_names
from checks.personal.names_model import model_names
from checks.personal.names_words import chinese, english
from checks.personal.names_zh import chinese_names
from schemas.errors import ConfigError
from tests.checks.test_personal_validators import a_mobile, an_email, an_id
from tests.kit.records import records, texts

MOBILE, EMAIL, ID = a_mobile(), an_email(), an_id()

CHINESE = [
    ("姓名：张三", ["张三"]),
    ("联系人: 欧阳修文 电话", ["欧阳修文"]),
    ("原告：李小明，女，住址不详。被告：王芳。", ["李小明", "王芳"]),
    ("记者陈建国报道", ["陈建国"]),
    ("据了解，刘志强、周秀英和赵丽华均已到场。", ["刘志强", "周秀英", "赵丽华"]),
    ("请转告司马文涛先生。", ["司马文涛"]),
    ("买买提·吐尔逊告诉记者", ["买买提·吐尔逊"]),
    ("歌手约翰·列侬的唱片", ["约翰·列侬"]),
    ("法定代表人：何必", ["何必"]),  # what a form's field holds is a name although it is a common word
    ("高兴的时候，任何方向都是安全的。", []),
    ("王国的时间，白色的金属，公司的管理和方法。", []),
    ("常见问题：如何解决计算机安全问题？", []),
    ("从中国到韩国的路线，于是决定向前。", []),
    ("the quick brown fox", []),
    ("", []),
]
ENGLISH = [
    ("Dear Mr. John Smith,", ["John Smith"]),
    ("Dr. Patel will see you", ["Patel"]),
    ("Name: Xiulan Okafor", ["Xiulan Okafor"]),
    ("signed by: Jean-Luc O'Brien.", ["Jean-Luc O'Brien"]),
    ("I met Mary Ann Jones in Paris.", ["Mary Ann Jones"]),
    ("Meanwhile Alice Walker's book sold", ["Alice Walker"]),
    ("Hi Priya, see you", ["Priya"]),
    ("John F. Kennedy was there", ["John F. Kennedy"]),
    ("Anna van der Berg and Peter Novak", ["Anna van der Berg", "Peter Novak"]),
    ("The United States Senate and the New York Times", []),
    ("Click Here To Read More", []),
    ("paul.smith@example.com", []),
    ("JOHN SMITH AND SONS", []),
    ("Virginia is a state", []),  # a given name alone names nobody in particular
]


@pytest.mark.parametrize(("text", "names"), CHINESE)
def test_chinese_names(text, names):
    assert [text[n.start : n.end] for n in chinese_names(text)] == names


@pytest.mark.parametrize(("text", "names"), ENGLISH)
def test_english_names(text, names):
    assert [text[n.start : n.end] for n in english_names(text)] == names


def test_a_name_found_once_is_found_wherever_it_stands_in_its_line():
    text = "记者陈建国报道，今晨获悉陈建国已经返回"
    assert [(n.start, n.end) for n in chinese_names(text)] == [(2, 5), (12, 15)]


def found(check, *rows):
    seen = check.look(texts(*rows))
    return [
        (f["row"], rows[f["row"]][f["start"] : f["end"]], f["detail"])
        for f in seen.findings.to_pylist()
        if f["entity"] == "PERSON"
    ], seen


def test_the_default_reads_lines_with_a_finding_or_a_cue_and_no_others():
    told = "记者陈建国报道"
    names, seen = found(Personal(), told, told + "，电话" + MOBILE, told + "\n姓名：张三", "Mr. Smith met Mary Jones")
    assert names == [
        (1, "陈建国", "surname"),
        (2, "张三", "surname"),
        (3, "Smith", "cue"),
        (3, "Mary Jones", "given-name"),
    ]
    assert seen.total["people"] == {"findings": 4, "records_with": 3, "lines": 3, "sampled": 0, "sampled_with": 0}


def test_full_reads_every_line_and_off_reads_none():
    told = "记者陈建国报道\n\n无人"
    names, seen = found(Personal(names="full"), told, "没有")
    assert names == [(0, "陈建国", "surname")]
    report = Personal(names="full").report(seen.total)
    assert (report["person_findings"], report["documents_with_person"], report["person_lines_read"]) == (1, 1, 3)
    assert (report["person_sampled_records"], report["person_estimated_ppm"]) == (2, 500_000)
    assert report["person_estimated_low_ppm"] < 500_000 < report["person_estimated_high_ppm"]
    off = Personal(names="off")
    names, seen = found(off, "姓名：张三，" + MOBILE)
    assert names == []
    told = {
        name: value for name, value in off.report(seen.total).items() if "person_" in name or name.endswith("_person")
    }
    assert len(told) == 7
    assert set(told.values()) == {None}  # not looked for is not zero


def test_names_are_in_no_other_count():
    rows = "姓名：张三", "Name: Mary Jones"
    named, bare = Personal().look(texts(*rows)), Personal(names="off").look(texts(*rows))
    assert named.findings.num_rows == 2
    assert {**named.total, "people": None} == {**bare.total, "people": None}
    assert named.columns.equals(bare.columns)


def test_the_hmac_is_over_one_form_of_a_name(tmp_path):
    (tmp_path / "key").write_bytes(bytes(range(32)))
    check = Personal(names="full", key_id=use_key(tmp_path / "key"))
    seen = check.look(texts("买买提·吐尔逊说", "买买提•吐尔逊说", "Name: Mary  Jones", "Mrs. Mary Jones", "姓名：张三"))
    hmacs = seen.findings.column("value_hmac").to_pylist()
    assert len(hmacs) == 5
    assert hmacs[0] == hmacs[1]
    assert hmacs[2] == hmacs[3]
    assert len(set(hmacs)) == 3
    assert canonical_name("MARY  O’Brien") == "mary o'brien"
    assert canonical_name("张 三") == "张三"


fragments = st.sampled_from(
    ["姓名：", "张三", "李小明", "先生", "说", "，", "。", "\n", " ", MOBILE, EMAIL, ID, "Mr. ", "John Smith", "Name: ", "买买提·江", "a", "😀", "é"]
)  # fmt: skip
lines = st.lists(fragments, max_size=14).map("".join)


@settings(max_examples=60)
@given(st.lists(lines, max_size=5), st.sampled_from(["cued", "full"]))
def test_findings_do_not_overlap_and_their_places_are_right(rows, mode):
    seen = Personal(names=mode, names_sample_ppm=1_000_000).look(texts(*rows))
    last = {}
    for f in seen.findings.to_pylist():
        text = rows[f["row"]]
        assert f["start"] >= last.get(f["row"], 0)
        last[f["row"]] = f["end"]
        assert f["start_byte"] == len(text[: f["start"]].encode())
        assert f["end_byte"] == len(text[: f["end"]].encode())
    bare = Personal(names="off").look(texts(*rows)).findings
    kept = [f for f in seen.findings.to_pylist() if f["entity"] != "PERSON"]
    assert kept == bare.to_pylist()  # a name never takes the place of another finding


def test_what_is_read_of_a_long_line_is_the_same_as_of_a_short_one():
    far = "长" * 5000
    names, seen = found(
        Personal(), far + "，姓名：张三。" + far + "，记者陈建国报道，" + far + "，联系人李小明，" + MOBILE + far
    )
    assert [name for _, name, _ in names] == ["张三", "李小明"]
    assert seen.total["people"]["lines"] == 2


@settings(max_examples=40)
@given(st.lists(st.none() | st.text(max_size=40), max_size=30), st.data())
def test_rows_are_drawn_by_content_alone(rows, data):
    array = pa.array(rows, pa.large_string())
    drawn = sampled_rows(array, 300_000, None).tolist()
    at = data.draw(st.integers(0, len(rows)))
    assert sampled_rows(array[at:], 300_000, None).tolist() == drawn[at:]
    assert sampled_rows(array.cast(pa.string()), 300_000, None).tolist() == drawn
    assert not any(d for d, row in zip(drawn, rows, strict=True) if not row)
    everything = sampled_rows(array, 1_000_000, None).tolist()
    assert everything == [bool(row) for row in rows]


@pytest.mark.parametrize("ppm", [500, 20_000, 400_000])
def test_as_many_rows_are_drawn_as_were_asked_for_and_a_key_changes_which(ppm, tmp_path):
    (tmp_path / "key").write_bytes(bytes(range(1, 33)))
    array = pa.array([f"row {i} of a corpus, number {i * 7919}" for i in range(200_000)], pa.large_string())
    mine, keyed = sampled_rows(array, ppm, None), sampled_rows(array, ppm, use_key(tmp_path / "key"))
    expected = 200_000 * ppm / 1e6
    for drawn in (mine, keyed):
        assert abs(drawn.sum() - expected) < 5 * np.sqrt(expected)
    both = int((mine & keyed).sum())
    assert abs(both - expected * ppm / 1e6) < 5 * np.sqrt(expected * ppm / 1e6) + 5


def test_a_sampled_row_is_read_to_its_bound_and_cut_between_characters():
    check = Personal(names_sample_ppm=1_000_000)
    inside, outside = "长" * 100 + "\n记者陈建国报道", "长" * SAMPLE_BYTES + "\n记者陈建国报道"
    total = check.look(texts(inside, outside, "x")).total["people"]
    assert (total["sampled"], total["sampled_with"], total["findings"]) == (3, 1, 0)


@pytest.mark.parametrize(
    "unit", ["张", "张三", "Mr. ", "John ", "A. ", "van ", "·", "阿·", "姓名：", "Aa", "A", "欧阳", "van A "]
)
def test_hostile_lines_take_time_that_grows_with_their_length(unit):
    def seconds(size):
        line = unit * (size // len(unit.encode()))
        begun = time.process_time()
        chinese_names(line)
        english_names(line)
        return time.process_time() - begun

    seconds(10_000)
    small, large = (min(seconds(size) for _ in range(2)) for size in (125_000, 1_000_000))
    assert large < 8 * max(small, 0.01) * 4


def test_a_model_that_is_not_here_is_said_and_what_to_do(tmp_path):
    with pytest.raises(ConfigError, match=r"names_model: .*(install|put the model)"):
        Personal(names_model=str(tmp_path)).inputs()


def test_the_lists_do_not_contradict_themselves():
    zh, en = chinese(), english()
    assert zh.given.isdisjoint(zh.never)
    assert zh.doubtful <= zh.common | zh.rare
    assert en.given.isdisjoint(en.words)
    assert len(zh.common | zh.rare) > 400


def test_nulls_and_slices_hold_what_their_own_rows_hold():
    batch = records([{"text": "姓名：张三"}, {"text": ""}, {"text": "Name: Mary Jones"}])
    seen = Personal().look(batch.slice(2))
    assert seen.findings.column("row").to_pylist() == [2]
    assert Personal().look(batch.slice(1, 1)).findings.num_rows == 0


def test_a_graph_that_is_none_is_said_without_a_line_of_it(tmp_path):
    pytest.importorskip("onnxruntime", reason="the extra `names` is not installed")
    (tmp_path / "model.onnx").write_bytes("山谷里的农民".encode())
    (tmp_path / "tokenizer.json").write_text("{}", encoding="utf-8")
    (tmp_path / "labels.json").write_text('["O", "B-PER", "I-PER"]', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"names_model: .* cannot be loaded \(\w+\); export it anew"):
        model_names("张伟来了。", str(tmp_path))
