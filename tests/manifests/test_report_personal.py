"""Personal information in the report: each count beside its accuracy in both languages, what was not measured says so."""

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from manifests.article19 import article19
from manifests.disclose import column, report_html, shown, words
from manifests.manifest import decode, encode, verify_conservation
from manifests.query import personal_of
from manifests.report import Facts, Note, Table
from manifests.runs import load_manifest, sealed_run
from schemas.canonical import canonical_json, parse_json
from schemas.manifest import Manifest
from schemas.personal import Accuracy, EntityCount, EntityCounts, Estimated, PersonalCounts, SensitiveCount
from schemas.words import Words
from tests.kit.ledgers import small_ledger

MADE = Accuracy("made", 720, 987_654, 950_000)
BLIND = Accuracy("presidio_research", 2268, None, 0)


def _count(source: str | None, findings: int, share: Estimated | None, read: tuple[int, int]) -> EntityCount:
    return EntityCount(source, findings, findings // 2, findings, *read, share and Estimated(findings, 0, None), share)


PERSONAL = PersonalCounts(
    (
        EntityCounts("CN_MOBILE", MADE, (
            _count(None, 3, Estimated(311_000, 120_500, 523_000), (9, 2)),
            _count("books-en", 1, Estimated(500_000, 0, 1_000_000), (2, 0)),
            _count("news-zh", 2, Estimated(290_000, 100, 700_000), (7, 2)),
        )),
        EntityCounts("SECRET", BLIND, (
            _count(None, 1, Estimated(None, 0, None), (9, 2)), _count("news-zh", 1, Estimated(None, 0, None), (7, 2)),
        )),
        EntityCounts("STAFF_NO", None, (_count(None, 4, None, (9, 2)), _count("news-zh", 4, None, (7, 2)))),
        EntityCounts("HK_ID", MADE, (_count(None, 0, Estimated(0, 0, 2_500), (9, 2)),)),
        EntityCounts("OWN_NONE", None, (_count(None, 0, None, (9, 2)),)),
    ),
    "personal-sensitivity 1",
    (
        SensitiveCount("pipl-28", Words("《个人信息保护法》第二十八条", "PIPL Art. 28"), "T", ("SECRET", "HK_ID"), 1, None),
        SensitiveCount("gdpr-9", Words("《通用数据保护条例》第九条", "GDPR Art. 9"), "M", (), 0, Words("无", "no identifier")),
    ),
    None, None,
)  # fmt: skip

GOLDEN = {
    "zh": [
        ["类别", "检出（处）", "其中已验证", "涉及记录（条）", "估计占比（区间）", "精确率", "召回率", "测定样本", "样本值数"],
        ["中国大陆手机号", "3", "1", "3", "31.10 % (12.05 % – 52.30 %)", "98.7654 %", "95.00 %", "自制样本", "720"],
        ["密钥、令牌与私钥", "1", "0", "1", "无法估计", "未测量", "0.00 %", "presidio-research", "2,268"],
        ["STAFF_NO", "4", "2", "4", "未测量", "未测量", "未测量", "—", "—"],
    ],
    "en": [
        ["kind", "findings", "of them validated", "records with any", "estimated share (interval)", "precision", "recall",
         "measured on", "labelled values"],
        ["Chinese mobile number", "3", "1", "3", "31.10 % (12.05 % – 52.30 %)", "98.7654 %", "95.00 %", "made text", "720"],
        ["keys and tokens", "1", "0", "1", "no estimate", "not measured", "0.00 %", "presidio-research", "2,268"],
        ["STAFF_NO", "4", "2", "4", "not measured", "not measured", "not measured", "—", "—"],
    ],
}  # fmt: skip


@pytest.fixture
def plain(tmp_path: Path) -> Manifest:
    ledger, _ = small_ledger(tmp_path)
    return load_manifest(ledger.store, sealed_run(ledger.store, "run-1"))


@pytest.fixture
def made(plain: Manifest) -> Manifest:
    return _with(plain, PERSONAL)


def _with(m: Manifest, personal: PersonalCounts | None) -> Manifest:
    return replace(m, counts=replace(m.counts, personal=personal))


def _blocks(m: Manifest, number: str = "3.4"):
    sections = article19(m, "a" * 64, signed=True).sections
    return next(item.blocks for section in sections for item in section.items if item.number == number)


def _table(m: Manifest, caption: str) -> Table:
    return next(b for b in _blocks(m) if isinstance(b, Table) and b.caption == caption)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_count_stands_beside_its_accuracy_and_one_without_says_not_measured(made, language):
    found = _table(made, "personal_by_entity")
    told = [[column(key, language) for key in found.columns]]
    told += [[shown(cell, language) for cell in row] for row in found.rows]
    assert told == GOLDEN[language]


def test_an_estimate_and_its_interval_are_printed_on_the_page(made):
    page = report_html(article19(made, "a" * 64, signed=True))
    assert '31.10 %</span> <span class="figure interval">(12.05 % – 52.30 %)</span>' in page
    assert "未测量" in page
    assert "not measured" in page


def test_what_was_looked_for_and_not_found_is_listed_with_how_much_could_be_missed(made):
    rows = [[shown(cell, "en") for cell in row] for row in _table(made, "personal_none_found").rows]
    assert rows == [
        ["Hong Kong id", "0.00 % (0.00 % – 0.25 %)", "95.00 %", "made text", "720"],
        ["OWN_NONE", "not measured", "not measured", "—", "—"],
    ]


def test_sources_come_most_records_first_with_their_coverage_and_entities_in_the_recognizers_order(made):
    rows = [[shown(cell, "en") for cell in row] for row in _table(made, "personal_by_source").rows]
    assert [row[:3] for row in rows] == [
        ["news-zh", "Chinese mobile number", "2"], ["news-zh", "keys and tokens", "1"], ["news-zh", "STAFF_NO", "4"],
        ["books-en", "Chinese mobile number", "1"],
    ]  # fmt: skip
    assert [row[-2:] for row in rows] == [["7", "2"], ["7", "2"], ["7", "2"], ["2", "0"]]


def test_sensitive_findings_stand_under_each_legal_text_with_its_mark(made):
    rows = [[cell.value if cell.kind == "pairs" else shown(cell, "zh") for cell in row]
            for row in _table(made, "sensitive").rows]  # fmt: skip
    assert rows == [
        ["《个人信息保护法》第二十八条 [T]", "1", (("SECRET", "1"),), "无"],
        ["《通用数据保护条例》第九条 [M]", "0", "无", "无"],
    ]


def test_children_are_counted_on_a_date_and_without_one_were_not_looked_for(made):
    def said(m: Manifest) -> dict[str, str]:
        return {key: shown(cell, "en") for b in _blocks(m) if isinstance(b, Facts) for key, cell in b.rows}

    assert said(made)["under_14_records"] == "not looked for: no date given"
    dated = _with(made, replace(PERSONAL, as_of="2026-11-22", under_14_records=0))
    assert said(dated)["under_14_records"] == "0"
    assert said(dated)["under_14_on"] == "2026-11-22"


def test_names_that_were_not_looked_for_are_named_and_no_verdict_is_printed(made):
    assert Note("names_not_looked_for") in _blocks(made)
    person = replace(
        PERSONAL, entities=(*PERSONAL.entities, EntityCounts("PERSON", None, (_count(None, 0, None, (9, 2)),)))
    )
    assert Note("names_not_looked_for") not in _blocks(_with(made, person))
    page = report_html(article19(made, "a" * 64, signed=True))
    assert "合规" not in page
    assert "compliant" not in page.lower()
    assert "anonymi" not in page.lower()


def test_detectors_refer_to_the_accuracy_only_where_there_is_one(made, plain):
    assert Note("see_personal_accuracy") in _blocks(made, "5.3")
    unknown = replace(PERSONAL, entities=tuple(replace(e, accuracy=None) for e in PERSONAL.entities))
    for m in (plain, _with(made, unknown)):
        assert Note("see_personal_accuracy") not in _blocks(m, "5.3")


def test_a_run_that_found_nothing_does_not_say_that_nothing_is_there(made):
    nothing = replace(PERSONAL, entities=PERSONAL.entities[3:], sensitive=())
    assert Note("no_personal_found") in _blocks(_with(made, nothing))


def test_a_manifest_of_an_earlier_version_still_reads_and_prints(plain):
    value = parse_json(encode(plain))
    del value["counts"]["personal"]
    read = decode(canonical_json(value))
    assert read == plain
    assert read.counts.personal is None
    assert personal_of(read) is None
    assert not any(isinstance(b, Table) and b.caption == "personal_by_entity" for b in _blocks(read))


def test_it_comes_back_as_it_went(made):
    assert decode(encode(made)) == made


def test_rows_name_count_and_accuracy_and_nothing_else_stands_for_what_is_unknown(made):
    rows = {r.entity: r for r in personal_of(made) or ()}
    mobile, own = rows["CN_MOBILE"], rows["STAFF_NO"]
    assert (mobile.findings, mobile.precision_ppm, mobile.recall_ppm, mobile.measured_on) == (
        3,
        987_654,
        950_000,
        "made",
    )
    assert (mobile.estimated_ppm, mobile.low_ppm, mobile.high_ppm) == (311_000, 120_500, 523_000)
    assert (own.findings, own.precision_ppm, own.recall_ppm, own.estimated_ppm) == (4, None, None, None)
    assert [r.entity for r in personal_of(made, "books-en") or ()] == ["CN_MOBILE"]


def test_counts_that_do_not_add_up_are_told(made):
    assert verify_conservation(made) == []
    mobile = PERSONAL.entities[0]
    lost = replace(mobile, counts=mobile.counts[:2])
    told = verify_conservation(_with(made, replace(PERSONAL, entities=(lost, *PERSONAL.entities[1:]))))
    assert "the run: findings of CN_MOBILE 3, over its sources 1" in told
    law = replace(PERSONAL.sensitive[0], findings=2)
    told = verify_conservation(_with(made, replace(PERSONAL, sensitive=(law, PERSONAL.sensitive[1]))))
    assert told == ["the run: sensitive findings under pipl-28 2, over its entities 1"]


def test_the_customer_s_own_recognizers_are_named_by_digest_and_not_printed(plain):
    own = '{"recognizers":"ours","entities":[{"expressions":["EMP-[0-9]{6}"]}]}'
    check = replace(plain.checks[0], name="personal", settings={"recognizers": [own], "preview": False})
    cell = _blocks(replace(plain, checks=(check,)), "5.3")[0].rows[0][2]
    assert cell.value == (("preview", "no"), ("recognizers", sha256(own.encode()).hexdigest()[:16]))


def test_the_how_to_names_every_entity():
    from checks.personal.entities import NAMES

    page = (Path(__file__).parents[2] / "docs" / "how-to" / "personal-information.md").read_text()
    assert [name for name in NAMES if f"`{name}`" not in page] == []


def test_every_entity_and_every_labelled_set_has_a_name_in_both_languages():
    from checks.personal.accuracy import measured_counts
    from checks.personal.entities import NAMES

    terms = words("zh")["term"]
    assert {f"entity.{name}" for name in NAMES} <= terms.keys()
    assert {f"set.{name}" for sets in measured_counts().values() for name in sets} <= terms.keys()
