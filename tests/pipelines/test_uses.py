"""query uses and the report over a run that was really made: record licences counted, a removal, a customer's rows, the list."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.kit.command import ROOT, here, lines, write_run

PAGE = "山川与河流都在这里。" * 30
SOURCES = {
    "books": "paths: [corpus/books.jsonl]\nlicence: CC-BY-4.0\nname: 书库\nowner: 某出版社\n",
    "pages": "paths: [corpus/pages.jsonl]\nclass: self-collected\n",
    "house": "paths: [corpus/house.jsonl]\nlicence: LicenseRef-house\n",
}
FILES = {
    "books.jsonl": lines({"text": "A book."}, {"text": "Another book."}),
    "pages.jsonl": lines({"text": PAGE + "未经本网书面授权，任何单位不得转载。"}, {"text": PAGE}),
    "house.jsonl": lines({"text": "Made in the house."}),
}
OURS = (
    'table: ours\nversion: "7"\ncounsel: reviewed\nreviewed_by: legal/wang\nreviewed_on: 2026-11-01\nlicences:\n'
    "  - {ids: [LicenseRef-house], terms: public-domain, source: our own work, mark: H}\n"
)


@pytest.fixture(scope="module")
def sealed(tmp_path_factory) -> tuple[str, Path]:
    folder = tmp_path_factory.mktemp("uses")
    done = here("run", write_run(folder, SOURCES, FILES), "--json")
    return done.result["run"], folder / "ledger"


def _asked(sealed: tuple[str, Path], *more: object) -> dict:
    run, ledger = sealed
    done = here("query", "uses", run, "--ledger", ledger, "--json", *more)
    assert done.code == 0, done.err
    return done.result


def test_a_run_is_screened_by_source_and_record_and_the_smallest_removal_is_told(sealed):
    told = _asked(sealed, "--use", "commercial_service")
    assert (told["answer"], told["without"], told["counted"], told["records"]) == ("deny", "allow", True, 5)
    rows = {(row["source"], row["answer"]): row for row in told["rows"]}
    assert rows["pages", "deny"]["licence"] == "LicenseRef-no-repost"
    assert rows["pages", "unknown"]["records"] == 1
    assert (rows["books", "allow"]["records"], rows["books", "allow"]["remove"]) == (2, False)
    size = sum(len(t.encode()) for t in (PAGE + "未经本网书面授权，任何单位不得转载。", PAGE, "Made in the house."))
    assert told["removal"] == {"parts": 3, "sources": ["house", "pages"], "records": 3, "bytes": size, "tokens": None}
    assert told["duties"]["credit"]["zh"].startswith("署名")
    assert "not a legal conclusion" in told["note"]
    assert told["table_reviewed"] is False


def test_in_words_it_says_that_it_is_a_screen_what_to_remove_and_that_tokens_are_not_provided(sealed):
    run, ledger = sealed
    done = here("query", "uses", ledger / "runs" / run, "--use", "train", "--limit", "1")
    assert done.code == 0
    assert "train: deny (a screening result by the table of permitted uses, not a legal conclusion)" in done.out
    assert "smallest removal: 3 records" in done.out
    assert "tokens not provided; whole sources: house, pages; without them: allow" in done.out
    assert "… 3 more; raise --limit" in done.out
    assert "not reviewed by counsel" in done.out
    assert "compliant" not in done.out


def test_rows_of_the_customer_are_given_or_lie_beside_the_ledger(sealed, tmp_path):
    own = tmp_path / "ours.yaml"
    own.write_text(OURS)
    told = _asked(sealed, "--use", "train", "--rows", own)
    assert told["removal"]["sources"] == ["pages"]
    assert told["table"].endswith("+ours-7")
    beside = sealed[1].parent / "licences"
    beside.mkdir()
    (beside / "ours.yaml").write_text(OURS)
    try:
        assert _asked(sealed, "--use", "train")["table_sha256"] == told["table_sha256"]
        (beside / "ours.yaml").write_text(OURS.replace("public-domain", "public"))
        wrong = here("query", "uses", sealed[0], "--ledger", sealed[1], "--use", "train")
        assert wrong.code == 2
        assert f"{beside / 'ours.yaml'}:7: no terms 'public'; did you mean" in wrong.err
    finally:
        (beside / "ours.yaml").unlink()
        beside.rmdir()


def test_the_attribution_list_and_the_report(sealed, tmp_path):
    run, ledger = sealed
    listed = here("query", "uses", run, "--ledger", ledger, "--use", "train", "--attribution").out
    assert listed.startswith("# 署名与许可 Attribution\n")
    assert "- 书库 (books), © 某出版社\n" in listed
    page = tmp_path / "report.html"
    assert here("disclose", run, "--ledger", ledger, "--output", page).code == 0
    text = page.read_text(encoding="utf-8")
    assert "可用于何种用途（初筛）" in text
    assert "LicenseRef-no-repost" in text
    assert "合规" not in text


def test_the_question_loads_neither_beam_nor_a_model(sealed):
    run, ledger = sealed
    script = (
        "import sys\nfrom pipelines.cli import code_of\n"
        f"code = code_of(['query', 'uses', {run!r}, '--ledger', {str(ledger)!r}, '--use', 'train', '--json'])\n"
        "print(code, *{'apache_beam', 'presidio_analyzer', 'fasttext', 'spacy', 'hyperscan'} & sys.modules.keys())\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.splitlines()[-1] == "0"


def test_a_use_that_is_not_known_is_told(sealed):
    done = here("query", "uses", sealed[0], "--ledger", sealed[1], "--use", "sell")
    assert done.code == 2
    assert "'sell' is not one of 'train', 'fine_tune', 'commercial_service'" in done.err


@pytest.mark.parametrize(("name", "form"), [("report.pdf", "html"), ("报告.DOCX", "json"), ("report.json", "html")])
def test_a_report_is_not_written_under_the_name_of_what_it_is_not(sealed, tmp_path, name, form):
    run, ledger = sealed
    done = here("disclose", run, "--ledger", ledger, "--format", form, "--output", tmp_path / name)
    assert done.code == 2
    assert f"{form} is what would stand in it; name it .{form}" in done.err
    assert not list(tmp_path.iterdir())
