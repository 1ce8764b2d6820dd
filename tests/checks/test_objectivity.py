"""In which manner drawn records speak: by what a source declares, by address, by cues in two languages; drawn by text alone."""

import pytest

from checks.objectivity import Objectivity
from checks.objectivity.cues import MANNERS
from checks.objectivity.wording import CUES, WEIGHTS, bits_of
from checks.signs.drawn import drawn
from tests.kit.engines import hold_to_both
from tests.kit.records import records, shown, texts

TEXTS = {
    "reference": "巨藻是一种生活在冷水中的褐藻，又称海带，属于海带科。", "reporting": "本报记者昨日获悉，该市将新建图书馆。负责人表示，工程明年动工。",
    "opinion": "我认为，这件事值得反思。不得不说，规则早该改了。", "promotional": "厂家直销，品质保证，限时优惠价，欢迎来电订购！",
    "user-generated": "楼主求助：我老公买了这个，哈哈，有人用过吗？", "unknown": "山高月小，水落石出。",
}  # fmt: skip
ENGLISH = {
    "reference": "The axolotl, also known as the walking fish, is a type of salamander. See the notes.\nReferences\n1. A book",
    "reporting": "(AP) A bridge fell on Tuesday, police said. A spokesman told reporters that nobody was hurt.",
    "opinion": "In my opinion this is absurd. Frankly, we must do better, and it is time to say so.",
    "promotional": "We offer high-quality lamps for your home. Free shipping today, contact us!",
    "user-generated": "So I bought this for my husband and I love it, lol thanks for sharing", "unknown": "Water runs downhill.",
}  # fmt: skip


def told(*rows, registry=None):
    check = Objectivity(drawn_ppm=1_000_000)
    seen = check.look(shown(check, records(list(rows)), registry or {}))
    return [(f["rule"].partition(".")[2], f["detail"]) for f in seen.findings.to_pylist()], check.report(seen.total)


@pytest.mark.parametrize("manner", TEXTS)
def test_wording_tells_a_manner_in_both_languages(manner):
    method = "none" if manner == "unknown" else "text"
    assert told({"text": TEXTS[manner]}, {"text": ENGLISH[manner]})[0] == [(manner, method)] * 2


@pytest.mark.parametrize(("url", "found"), [
    ("https://baike.baidu.com/item/x", ("reference", "address")), ("https://www.news.cn/a.htm", ("reporting", "address")),
    ("https://bbs.example.org/t/1", ("user-generated", "address")), ("https://item.jd.com/1.html", ("promotional", "address")),
    ("https://www.nytimes.com/2024/01/02/opinion/x.html", ("opinion", "text")), ("https://opinion.people.com.cn/n1/x.html", ("opinion", "text")),
    ("https://example.org/x", ("unknown", "none")), ("not an address", ("unknown", "none")), (None, ("unknown", "none")),
])  # fmt: skip
def test_an_address_tells_it_and_opinion_columns_stand_on_news_sites(url, found):
    assert told({"text": TEXTS["unknown"], "url": url})[0] == [found]


def test_what_a_source_declares_goes_first_and_turns_are_none_of_the_five():
    assert told({"text": TEXTS["promotional"]}, registry={"source.content_kind": "law"})[0] == [
        ("reference", "declared")
    ]
    assert told({"text": TEXTS["opinion"]}, registry={"source.content_kind": "news"})[0] == [("opinion", "text")]
    turns = [{"role": "user", "path": "x", "start": 0, "end": 3}]
    assert told({"text": TEXTS["reporting"], "roles": turns})[0] == [("other", "layout")]


def test_one_cue_or_as_many_of_another_manner_tell_nothing():
    assert (
        told({"text": "我认为水往低处流。"}, {"text": TEXTS["opinion"][:9] + "不得不说，厂家直销，包邮。"})[0]
        == [("unknown", "none")] * 2
    )


def test_shares_are_of_drawn_records_and_none_where_none_was_drawn():
    _, report = told({"text": TEXTS["opinion"]}, {"text": TEXTS["unknown"]}, {"text": ""})
    assert (report["drawn_records"], report["opinion_ppm"], report["unknown_ppm"], report["told_by_cues_ppm"]) == (
        3,
        333_333,
        666_666,
        333_333,
    )
    check = Objectivity()
    assert check.report(check.zero())["opinion_ppm"] is None


def test_the_records_are_drawn_as_for_the_other_checks_that_draw():
    batch = texts(*(f"{i} {TEXTS['reporting']}" for i in range(3_000)))
    check = Objectivity(drawn_ppm=20_000)
    rows = [f["row"] for f in check.look(shown(check, batch)).findings.to_pylist()]
    assert rows == drawn(batch.column("text"), 20_000).tolist()
    assert 20 < len(rows) < 120


@pytest.mark.parametrize("number", range(len(CUES.patterns)), ids=[name for name, _ in CUES.patterns])
def test_both_engines_hit_the_same_lines(number):
    hold_to_both(CUES, number, examples=4)


def test_every_cue_counts_once_for_one_manner():
    all_bits = [bits_of(manner, weight) for manner in MANNERS for weight in WEIGHTS]
    assert sum(bits.bit_count() for bits in all_bits) == len(CUES.patterns) == 56
    assert sum(all_bits) == (1 << len(CUES.patterns)) - 1


ROAD = "Along the road stood old walls, and wind went over grass and stones for hours. "


@pytest.mark.parametrize(("text", "manner"), [
    ("I walked. " + ROAD + "I sat down. " + ROAD + "Then my shoes were wet, so I turned.", "user-generated"),
    (ROAD * 3, "unknown"), ("I walked. " + ROAD * 3, "unknown"),
    ("We offer walks. " + ROAD + "Bring your shoes, and you will see our customers happy.", "promotional"),
    ("We walk with you and your dog. We know you and your dog. We like you and your dog. " + ROAD, "unknown"),
    ("The road of the valley, in the north of the county, was built by the people of the town in the middle of the 17th century, "
     "and the bridge in the south of it by the guild of masons. The walls of the mill in the meadow by the river, the oldest of the "
     "buildings of the valley, are kept by the guild, as is the chapel of the saint.", "reference"),
])  # fmt: skip
def test_who_is_addressed_counts_and_promotion_needs_two_wordings(text, manner):
    assert told({"text": text})[0][0][0] == manner


@pytest.mark.parametrize(("text", "found"), [
    (ROAD, ("unknown", "none")), (TEXTS["user-generated"] + "网友回帖：谢谢啊。", ("user-generated", "text")), (TEXTS["reporting"], ("reporting", "text")),
])  # fmt: skip
def test_a_date_in_a_path_and_a_section_of_news_are_hints_alone(text, found):
    urls = ("https://walks.example.org/2024/01/02/road.html", "https://walks.example.org/news/road")
    assert told(*({"text": text, "url": url} for url in urls))[0] == [found] * 2


def test_every_manner_has_its_measure():
    names = {measure.name for measure in Objectivity.measures}
    assert {f"{manner.replace('-', '_')}_ppm" for manner in MANNERS} <= names
