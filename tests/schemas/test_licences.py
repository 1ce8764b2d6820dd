"""The table of permitted uses: what the shipped one says, and what is told of a table that is wrong."""

import re
from importlib.resources import files
from pathlib import Path

import pytest

from schemas.errors import ConfigError
from schemas.licences import TABLE_FILE, contradictions, load, spelt_out
from schemas.rule import MARKS
from schemas.uses import AXES, LIMITS, USES, Answer

HEAD = 'table: ours\nversion: "1"\ncounsel: not reviewed\n'
ENTRY = "licences:\n  - ids: [LicenseRef-house]\n    terms: permissive\n    source: the house\n    mark: H\n"


SHIPPED = load()


def table_of(tmp_path: Path, text: str):
    path = tmp_path / "rows.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def problems_of(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        table_of(tmp_path, text)
    return [p.replace(str(tmp_path / "rows.yaml"), "rows.yaml") for p in raised.value.problems]


def test_every_row_answers_every_axis_has_a_source_and_waits_for_counsel():
    table = SHIPPED
    rows = {row.id: row for row in table.rows.values()}
    assert len(rows) > 550
    for row in rows.values():
        assert tuple(row.answers) == AXES, row.id
        assert row.source, row.id
        assert "{" not in row.source, row.id
        assert row.mark in MARKS
        assert not row.reviewed
        assert row.table == f"corpusledger {table.version}"
        assert contradictions(row.answers) == [], row.id
        assert all(answer.duties or answer.value != "conditional" for answer in row.answers.values()), row.id
    assert not table.reviewed


def test_every_duty_has_words_in_both_languages_and_is_used():
    table = SHIPPED
    used = {duty for row in table.rows.values() for answer in row.answers.values() for duty in answer.duties}
    assert used <= set(table.duties)
    assert set(table.duties) - used == {"contract-scope", "outside-copyright"}  # of what a registry declares
    for words in table.duties.values():
        assert re.search("[\u4e00-\u9fff]", words.zh)
        assert not re.search("[\u4e00-\u9fff]", words.en)


@pytest.mark.parametrize("terms", ["BY", "BY-SA", "BY-ND", "BY-NC", "BY-NC-SA", "BY-NC-ND"])
@pytest.mark.parametrize("version", ["1.0", "2.0", "2.5", "3.0", "4.0"])
def test_every_version_of_creative_commons_says_what_its_terms_say(terms, version):
    row = SHIPPED.row(f"CC-{terms}-{version}")
    said = {axis: row.answers[axis].value for axis in AXES}
    assert said["attribution"] == "conditional"
    assert (said["non_commercial"] == "deny") == ("NC" in terms)
    assert (said["commercial_service"] == "deny") == ("NC" in terms)
    assert (said["derive"] == "deny") == ("ND" in terms)
    assert (said["share_alike"] == "conditional") == ("SA" in terms)
    assert row.source == f"https://creativecommons.org/licenses/{terms.lower()}/{version}/"


def test_a_port_of_creative_commons_names_its_own_page():
    assert SHIPPED.row("CC-BY-NC-SA-2.0-UK").source == "https://creativecommons.org/licenses/by-nc-sa/2.0/uk/"


@pytest.mark.parametrize(
    ("spelt", "row"),
    [
        ("mit", "MIT"), ("LLAMA3.1", "LicenseRef-Llama-3.1"), ("LicenseRef-scancode-llama-2-license-2023", "LicenseRef-Llama-2"),
        ("openrail++", "LicenseRef-OpenRAIL++"), ("no-repost", "LicenseRef-no-repost"), ("unknown", "LicenseRef-unknown"),
    ],
)  # fmt: skip
def test_a_row_is_found_in_any_case_by_its_other_spellings_and_without_the_prefix(spelt, row):
    assert SHIPPED.row(spelt).id == row


def test_braces_stand_for_several_ids():
    assert spelt_out("A-{1.0,2.0}-{x, y}") == ["A-1.0-x", "A-1.0-y", "A-2.0-x", "A-2.0-y"]
    assert spelt_out("A") == ["A"]


def test_rows_of_a_customer_stand_over_the_tables_and_may_use_its_terms(tmp_path):
    text = (
        HEAD.replace("not reviewed", "reviewed") + "reviewed_by: legal/wang\nreviewed_on: 2026-11-01\n"
        "duties:\n  ask-us: {zh: 先问我们, en: ask us first}\n" + ENTRY +
        "  - ids: [CC-BY-4.0]\n    terms: attribution\n    but: {train: conditional(ask-us)}\n    source: letter\n    mark: T\n"
    )  # fmt: skip
    base, table = SHIPPED, table_of(tmp_path, text)
    assert str(table.row("cc-by-4.0").answers["train"]) == "conditional(ask-us)"
    assert table.row("CC-BY-4.0").reviewed
    assert table.row("LicenseRef-house").answers == base.row("MIT").answers
    assert table.row("CC-BY-3.0") == base.row("CC-BY-3.0")
    assert table.duties["ask-us"].en == "ask us first"
    assert table.version == f"{base.version}+ours-1"
    assert table.digest != base.digest
    assert not table.reviewed  # counsel has seen two rows of them all


WRONG = [
    (HEAD + ENTRY.replace("permissive", "permisive"), "rows.yaml:6: no terms 'permisive'; did you mean 'permissive'?"),
    (HEAD + ENTRY + "    but: {train: conditional(crdit)}\n", "rows.yaml:9: but.train has no duty 'crdit'; did you mean 'credit'?"),
    (HEAD + ENTRY + "    but: {trian: allow}\n", "rows.yaml:9: the table.licences[0].but has no key 'trian'; did you mean 'train'?"),
    (HEAD + ENTRY + "    but: {train: yes}\n", "is text, got the yes/no value yes"),
    (HEAD + ENTRY + "    but: {train: allowed}\n", "is allow, deny, unknown, or conditional(duty+duty), got 'allowed'"),
    (HEAD + ENTRY + "    but: {train: conditional()}\n", "is allow, deny, unknown, or conditional(duty+duty), got 'conditional()'"),
    (HEAD + ENTRY + "    but: {non_commercial: deny}\n", "rows.yaml:5: LicenseRef-house: commercial_service is allow though non_commercial is deny; make it deny"),
    (HEAD + ENTRY + "    but: {no_compete: deny}\n", "train and fine_tune are not both deny though no_compete is; make them deny"),
    (HEAD + ENTRY + "    but: {train: unknown, fine_tune: deny}\n", "commercial_service grants more than train and fine_tune"),
    (HEAD + ENTRY + "    but: {share_alike: conditional(share-alike), derive: allow}\n", "derive is allow though share_alike has a duty"),
    (HEAD + ENTRY + "    but: {redistribute: allow}\n", "redistribute is allow though attribution has a duty"),
    (HEAD + ENTRY.replace("[LicenseRef-house]", "[X, x]"), "rows.yaml:5: 'x' stands at line 5 too; keep one of them"),
    (HEAD + ENTRY.replace("[LicenseRef-house]", "[X, Y]") + "    also: [z]\n", "rows.yaml:9: `also` spells one id"),
    (HEAD + "terms:\n  mine: {train: allow}\n" + ENTRY, "rows.yaml:5: terms.mine lacks fine_tune, commercial_service"),
    (HEAD.replace("not reviewed", "reviewed") + ENTRY, "rows.yaml:3: reviewed by whom and when; add reviewed_by and reviewed_on"),
    (HEAD.replace("not reviewed", "done") + ENTRY, "rows.yaml:3: the table.counsel has no value 'done'"),
    (HEAD + ENTRY.replace("mark: H", "mark: X"), "rows.yaml:8: the table.licences[0].mark has no value 'X'"),
    (HEAD + "licences: []\n", "rows.yaml:4: the table.licences is at least 1 entries, got 0"),
    (HEAD, "rows.yaml:1: the table lacks the key 'licences'; add it"),
    ("licences: [", "rows.yaml:2: not YAML"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_a_table_that_is_wrong_is_told_with_its_line(tmp_path, text, said):
    assert any(said in problem for problem in problems_of(tmp_path, text)), problems_of(tmp_path, text)


def test_every_mistake_of_every_file_is_told_at_once(tmp_path):
    one, two = tmp_path / "one.yaml", tmp_path / "two.yaml"
    one.write_text(WRONG[0][0])
    two.write_text(WRONG[1][0])
    with pytest.raises(ConfigError) as raised:
        load(one, two, tmp_path / "gone.yaml")
    assert [str(tmp_path) in p for p in raised.value.problems] == [True] * 3
    assert "gone.yaml: cannot be read (No such file or directory)" in raised.value.problems[2]


def test_the_shipped_file_says_in_plain_words_what_it_is():
    head = (files("schemas") / TABLE_FILE).read_text(encoding="utf-8").partition("\ntable:")[0]
    assert "not legal advice" in head
    assert all(axis in head for axis in (*USES, *LIMITS))
    assert Answer("allow").duty is None
