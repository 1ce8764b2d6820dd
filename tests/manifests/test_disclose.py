"""The Article 19 report: order and content of the field list, both editions with the same numbers, nothing secret."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from checks import CHECKS
from manifests import disclose
from manifests.article19 import article19
from manifests.disclose import LANGUAGES, per_cent, report_html, report_json, report_on, words
from manifests.report import KEY_MEASURES, MOST_ROWS, Cell, Missing, Note
from manifests.runs import load_manifest, sealed_run
from pipelines.built_in import COUNTED
from schemas.canonical import parse_json
from schemas.errors import ConfigError
from schemas.manifest import Manifest, MeasureEntry, SourceEntry
from tests.kit.ledgers import small_ledger

ORDER = [
    "0.1", "0.2", "0.3", "0.4", "0.5", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "2.1", "2.2", "2.3", "2.4",
    "3.1", "3.2", "3.3", "3.4", "3.5", "3.6", "4.1", "4.2", "4.3", "4.4", "4.5", "5.1", "5.2", "5.3", "5.4", "5.5",
    "6.1", "6.2", "7", "8", "9",
]  # fmt: skip


@pytest.fixture
def made(tmp_path: Path) -> Manifest:
    ledger, _ = small_ledger(tmp_path)
    return load_manifest(ledger.store, sealed_run(ledger.store, "run-1"))


class Tree(HTMLParser):
    """Fails on a tag that closes another; collects texts by the language they are marked with."""

    VOID = frozenset(("meta", "br"))

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, str]] = []
        self.texts: dict[str, list[str]] = {}
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += attrs
        if tag not in self.VOID:
            language = dict(attrs).get("lang") or (self.open[-1][1] if self.open else "")
            self.open.append((tag, str(language)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1][0] != "style":
            self.texts.setdefault(self.open[-1][1], []).append(data)


def _tree(page: str) -> Tree:
    tree = Tree()
    tree.feed(page)
    assert tree.open == []
    return tree


def test_both_languages_have_the_same_keys():
    zh, en = (words(language) for language in LANGUAGES)
    assert [*zh] == [*en, "measures"]  # the manifest itself says in English how each measure is counted
    for table in en:
        assert [*zh[table]] == [*en[table]], table
        assert all(str(value).strip() for value in (*zh[table].values(), *en[table].values()))


def test_items_stand_in_the_field_lists_order(made):
    report = article19(made, "a" * 64, signed=True)
    assert [item.number for section in report.sections for item in section.items] == ORDER
    page = report_html(report)
    places = [page.index(f'id="i{number.replace(".", "-")}"') for number in ORDER]
    assert places == sorted(places)


def test_every_item_says_something_and_every_empty_one_why(made):
    report = article19(made, "a" * 64, signed=True)
    items = [item for section in report.sections for item in section.items]
    assert all(item.blocks for item in items)
    page = report_html(report)
    empty = sum(isinstance(block, Missing) for item in items for block in item.blocks)
    assert page.count("未提供</b>：") == page.count("not provided</b>: ") >= empty > 10
    assert "未提供</b>：由人员填写，尚未提交陈述。" in page


def test_the_page_is_well_formed_marked_draft_and_whole_in_itself(made):
    page = report_html(article19(made, "a" * 64, signed=True))
    tree = _tree(page)
    assert "草稿" in page
    assert "draft" in page
    assert "生成式人工智能服务管理暂行办法" in "".join(tree.texts["zh-CN"])
    assert not re.search(r'(src|href)="(?!#)', page)
    assert "@import" not in page
    assert "url(" not in page
    assert all(value is None or not name.startswith("on") for name, value in tree.attributes)
    assert not any("\u4e00" <= c <= "\u9fff" for c in "".join(tree.texts["en"]))


def test_no_verdict_is_printed(made):
    page = report_html(article19(made, "a" * 64, signed=False))
    assert "合规" not in page
    assert "compliant" not in page.lower()
    assert "anonymi" not in page.lower()
    assert "未签名" in page


def test_numbers_carry_unit_method_and_coverage(made):
    report = article19(made, "a" * 64, signed=True)
    measured = next(b for s in report.sections for i in s.items if i.number == "3.3" for b in i.blocks)
    assert measured.columns == ("measure", "value", "unit", "looked_at", "unread", "method")
    page = report_html(report)
    for shown in ("14.2857 %", "records with a non-commercial licence mark, of the records looked at", "占比"):
        assert shown in page
    assert "百分比" not in page  # the value ends in a per cent sign already


def _blocks(report, number: str):
    return next(item.blocks for section in report.sections for item in section.items if item.number == number)


def test_measures_stand_in_the_checks_order_and_sources_side_by_side_most_records_first(made):
    check = replace(made.checks[0], measures=tuple(MeasureEntry(n, "records", "m") for n in ("zz", "aa", "nought")))
    values = {
        "books-en": {"aa": 1, "nought": 0, "zz": 0},
        "news-zh": {"aa": 2, "nought": 0, "zz": 5},
        None: {"aa": 3, "nought": 0, "zz": 5},
    }
    measures = tuple(replace(m, values=values[m.source]) for m in made.measures)
    run, across, note = _blocks(
        article19(replace(made, checks=(check,), measures=measures), "a" * 64, signed=True), "3.3"
    )
    assert [row[0].value for row in run.rows] == ["zz", "aa", "nought"]
    assert across.columns == ("source", "licence.zz", "licence.aa", "looked_at", "unread")  # nought is zero everywhere
    assert [[cell.value for cell in row] for row in across.rows] == [["news-zh", 5, 2, 7, 2], ["books-en", 0, 1, 2, 0]]
    assert note == Note("zero_left_out")


def test_open_rules_are_cited_and_told_in_both_languages_and_the_run_is_not_missing(made):
    report = article19(made, "a" * 64, signed=True)
    rows = _blocks(report, "7")[0].rows
    assert [row[4] for row in rows] == [Cell("text", "news-zh"), Cell("term", "scope.run")]
    page = report_html(report)
    for shown in ("《生成式人工智能服务管理暂行办法》第七条第（二）项 [T]", "Interim Measures Art. 7(2) [T]", "没有限制使用的记录：未满足",
                  "no records under restricted terms: not met", "整个运行", "[M] 凭记忆，须律师核对"):  # fmt: skip
        assert shown in page
    assert page.count("[M] 凭记忆") == 1
    many = replace(made.gate.rules[0], sources=tuple(f"s{i:03}" for i in range(125)))
    assert "s019 … (+105)" in report_html(
        article19(replace(made, gate=replace(made.gate, rules=(many,))), "a" * 64, signed=True)
    )


def test_settings_are_a_list_not_json_and_an_unknown_lock_has_no_row(made):
    check = replace(
        made.checks[0], settings={"shortest": 20000, "on": True, "names": ["b", "a"], "inner": {"x": None, "p": "k/x"}}
    )
    report = article19(replace(made, checks=(check,)), "a" * 64, signed=True)
    cell = _blocks(report, "5.3")[0].rows[0][2]
    assert cell.value == (
        ("inner.p", "(withheld)"),
        ("inner.x", "—"),
        ("names", "b, a"),
        ("on", "yes"),
        ("shortest", "20,000"),
    )
    assert "依赖锁定文件" not in report_html(report)
    locked = replace(made, product=replace(made.product, lock_digest="e" * 64))
    assert "e" * 64 in report_html(article19(locked, "a" * 64, signed=True))


def test_code_is_not_set_in_the_chinese_face():
    css = (Path(disclose.__file__).parent / "disclosure" / "page.css").read_text()
    assert ":where(:lang(zh-CN))" in css
    assert not re.search(r"(?m)^:lang\(", css)  # it would outweigh `code`


def test_every_measure_is_told_in_chinese_and_every_column_of_measures_is_one():
    known = {f"{c.name}.{m.name}" for c in CHECKS for m in c.measures}
    known |= {f"{check}.{m.name}" for check, measures in COUNTED.items() for m in measures}
    assert set(words("zh")["measures"]) == known
    assert all(re.search("[\u4e00-\u9fff]", text) for text in words("zh")["measures"].values())
    across = {f"{check}.{name}" for check, names in KEY_MEASURES.items() for name in names}
    assert across <= known
    for language in LANGUAGES:
        assert {key for key in words(language)["column"] if "." in key} == across


def test_one_word_for_one_thing():
    zh, en = ((Path(disclose.__file__).parent / "disclosure" / f"{name}.toml").read_text() for name in LANGUAGES)
    for banned in ("未看", "已看", "无法解码", "策略", "入训。", "违法不良", "数字对不上"):
        assert banned not in zh
    for banned in ("undecodable", "foundation model"):
        assert banned not in en


def test_quality_is_left_out(made):
    quality = replace(made.checks[0], name="quality", measures=(MeasureEntry("quality_secret", "records", "m"),))
    measured = replace(made.measures[0], check="quality", values={"quality_secret": 987654})
    rule = replace(made.gate.rules[0], rule="CN-QLT-010", check="quality")
    more = replace(
        made,
        checks=(*made.checks, quality),
        measures=(*made.measures, measured),
        gate=replace(made.gate, rules=(rule,)),
    )
    page = report_html(article19(more, "a" * 64, signed=True))
    assert "987,654" not in page
    assert "quality_secret" not in page
    assert "CN-QLT-010" not in page


def test_paths_and_reviewers_are_not_printed_and_markup_is_escaped(made):
    declared = {
        **made.registry.sources[0].declared, "name": "<script>alert(1)</script>", "licence_evidence": "/home/x/secret.pdf",
        "contract": "contracts/0042.pdf", "labelling_rules": "https://u:p@example.org/r",
        "review": {"decision": "approved", "by": "reviewer-name", "on": "2026-01-01"},
    }  # fmt: skip
    check = replace(made.checks[0], settings={"key": "keys/hmac.key", "shortest": 20})
    sources = (SourceEntry("books-en", declared, "0" * 64), made.registry.sources[1])
    changed = replace(made, registry=replace(made.registry, sources=sources), checks=(check,))
    report = article19(changed, "a" * 64, signed=True)
    for out in (report_html(report), report_json(report).decode()):
        for secret in ("secret.pdf", "0042", "u:p@", "reviewer-name", "hmac.key", "crawl/", "file:///", "books/"):
            assert secret not in out
    page = report_html(report)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "存档文件" in page


def test_statements_are_printed_in_both_languages(made):
    page = report_html(
        article19(made, "a" * 64, signed=True, statements={"4.5": ("不涉及，因为……", "None, because …")})
    )
    assert "不涉及，因为……" in page
    assert "None, because …" in page


def test_a_long_table_says_what_it_leaves_out(made):
    many = tuple(SourceEntry(f"s{i:04d}", {}, "0" * 64) for i in range(MOST_ROWS + 7))
    page = report_html(article19(replace(made, registry=replace(made.registry, sources=many)), "a" * 64, signed=True))
    assert "另有 9 行未列出" in page
    assert "9 more rows are not shown" in page


def test_html_and_json_hold_the_same_numbers(tmp_path):
    ledger, _ = small_ledger(tmp_path)
    report = report_on(ledger, "run-1", generated="2026-11-21T12:00:00Z")
    assert report_html(report) == report_html(report_on(ledger, "run-1", generated="2026-11-21T12:00:00Z"))
    model = parse_json(report_json(report))
    assert model["draft"] is True
    page = report_html(report)
    cells = [
        c
        for s in model["sections"]
        for i in s["items"]
        for b in i["blocks"]
        if b["kind"] == "table"
        for r in b["rows"]
        for c in r
    ]
    for cell in cells:
        if cell["kind"] == "count":
            assert f'<span class="figure">{cell["value"]:,}</span>' in page


def test_an_unknown_regime_is_told(tmp_path):
    ledger, _ = small_ledger(tmp_path)
    with pytest.raises(ConfigError, match="--regime us-none: not known here; use cn-art19"):
        report_on(ledger, "run-1", "us-none")


@pytest.mark.parametrize(("ppm", "shown"), [
    (0, "0.00 %"), (1, "0.0001 %"), (922, "0.0922 %"), (50_000, "5.00 %"), (142_857, "14.2857 %"), (1_000_000, "100.00 %"),
    (-1, "-0.0001 %"),
])  # fmt: skip
def test_ppm_is_shown_exactly(ppm, shown):
    assert per_cent(ppm) == shown
