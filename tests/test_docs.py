"""The documents are true: every command, check, measure, unread reason and exit code is in them, and every link leads somewhere."""

import re
import tomllib
from pathlib import Path

import click
import pytest

from checks import BY_NAME, CHECKS
from manifests import article19
from pipelines import documents
from pipelines.bench import BENCHES
from pipelines.bench.figures import floors
from pipelines.built_in import COUNTED
from pipelines.cli import EXIT_CODES, cli
from pipelines.documents.article_words import ARTICLES_ZH, ASKED_ZH, GETS, UNCOVERED
from pipelines.documents.reference import commands as documented_commands
from pipelines.policy import PACKS, built_in_packs, known_measures, load_policy
from pipelines.read.base import REASONS
from schemas.run import RUN_FACTS
from schemas.source import FACTS

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
RULES = [
    (pack, rule) for pack in built_in_packs() for rule in load_policy((pack,), PACKS, known_measures(BY_NAME)).rules
]
MAP = (ROOT / "docs" / "article-map.md").read_text(encoding="utf-8")
TEXT = "\n".join(page.read_text(encoding="utf-8") for page in PAGES if page.exists())
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
IN_CODE = "\n".join(CODE.findall(TEXT))
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)\s]*)?\)")


def commands(group: click.Command = cli, before: str = "corpusledger") -> list[str]:
    """Every command as it is typed, those of groups too; hidden ones are not for people."""
    found = []
    for name, command in sorted(getattr(group, "commands", {}).items()):
        if not command.hidden:
            found += commands(command, f"{before} {name}") or [f"{before} {name}"]
    return found


def stands_as_code(word: str) -> bool:
    return re.search(rf"(?<![\w.-]){re.escape(word)}(?![\w-])", IN_CODE) is not None


@pytest.mark.parametrize("name", documents.PAGES)
def test_a_generated_page_is_what_the_code_gives(name: str):
    found = (ROOT / name).read_text(encoding="utf-8")
    assert found == documents.PAGES[name](), f"{name} is stale: run `python -m pipelines.documents --write`"


def test_stale_pages_are_told_and_written(tmp_path: Path):
    (tmp_path / "docs").mkdir()
    assert documents.stale(tmp_path) == list(documents.PAGES)
    assert documents.write(tmp_path) == list(documents.PAGES)
    assert documents.stale(tmp_path) == []
    (tmp_path / "docs" / "measures.md").write_text("old", encoding="utf-8")
    assert documents.write(tmp_path) == ["docs/measures.md"]


def test_the_reference_leaves_no_command_out():
    assert sorted(words for words, _ in documented_commands()) == commands()


@pytest.mark.parametrize(("pack", "rule"), RULES, ids=lambda part: getattr(part, "id", part))
def test_every_rule_stands_under_its_article_in_both_languages(pack: str, rule):
    heading = f"### {rule.instrument} {rule.article} {ARTICLES_ZH.get((rule.instrument, rule.article), '')}".rstrip()
    section = MAP.split(heading + "\n", 1)[1].split("\n### ", 1)[0]
    for wanted in (f"`{rule.id}`", rule.title.zh, rule.title.en, rule.effect):
        assert wanted in section, f"{pack}: {rule.id}: {wanted} is not under {heading}"


def test_articles_of_laws_are_cited_in_chinese_too_and_only_where_a_rule_cites_them():
    cited = {(rule.instrument, rule.article) for _, rule in RULES}
    assert set(ARTICLES_ZH) == {(i, a) for i, a in cited if i in {"CN-IM", "CN-PIPL"}}
    assert not {article for article, *_ in UNCOVERED} & {article for _, article in cited}


def test_the_map_says_of_every_item_of_article_19_where_it_comes_from():
    assert list(GETS) == [number for numbers in article19.ITEMS.values() for number in numbers]
    by_people = {number for number, source in GETS.items() if "people" in source}
    # What nothing in the manifest fills is filled by people; the signatures of 9 are the manifest's own empty cells.
    assert by_people == {*article19._ALSO_PEOPLE, "9"}
    assert {section for sections in ASKED_ZH.values() for section in sections} <= set(article19.ITEMS)


def test_the_map_names_only_checks_and_facts_that_exist():
    known = {*BY_NAME, *COUNTED, *FACTS, *RUN_FACTS, "provider", "model", "people", "rejected"}
    named = {word for source in GETS.values() for word in re.findall(r"`([^`]+)`", source)}
    assert named <= known, named - known


def test_no_page_cites_a_superseded_text_as_a_rule_s_ground():
    for pack in built_in_packs():
        policy = load_policy((pack,), PACKS, known_measures(BY_NAME))
        drafts = {key for key, item in policy.instruments.items() if not item.citable}
        assert not drafts & {rule.instrument for rule in policy.rules}
        assert not [key for key in drafts if f"### {key} " in MAP]


def test_there_is_a_readme():
    assert (ROOT / "README.md").exists() and (ROOT / "CHANGELOG.md").exists()


@pytest.mark.parametrize("command", commands())
def test_every_command_is_documented_and_says_what_it_does(command: str):
    assert stands_as_code(command), f"`{command}` is in no page"
    found: click.Command = cli
    for word in command.split()[1:]:
        found = found.commands[word]
    assert found.help, f"`{command} --help` says nothing"


@pytest.mark.parametrize("command", commands())
def test_every_option_says_what_it_does(command: str):
    found: click.Command = cli
    for word in command.split()[1:]:
        found = found.commands[word]
    silent = [p.opts[0] for p in found.params if isinstance(p, click.Option) and not p.hidden and not p.help]
    assert not silent, f"{command}: {silent}"


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_every_check_and_measure_is_documented(check):
    absent = [name for name in (check.name, *(m.name for m in check.measures)) if not stands_as_code(name)]
    assert not absent, f"{check.name}: no page names {absent}"


@pytest.mark.parametrize(("name", "measures"), COUNTED.items(), ids=list(COUNTED))
def test_everything_the_run_counts_is_documented(name: str, measures):
    absent = [word for word in (name, *(m.name for m in measures)) if not stands_as_code(word)]
    assert not absent, f"no page names {absent}"


@pytest.mark.parametrize("code", EXIT_CODES)
def test_every_exit_code_is_documented(code: int):
    assert re.search(rf"^\|\s*`?{code}`?\s*\|", TEXT, re.MULTILINE), f"no table has a row for exit code {code}"


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_for_an_unread_record_is_documented(reason: str):
    assert stands_as_code(reason), f"no page names the reason `{reason}`"


def test_every_benchmark_and_bound_figure_is_documented():
    names = [f"bench {name}" for name in BENCHES] + [name for figures in floors().values() for name in figures]
    assert not [name for name in names if name not in TEXT]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_within_the_project_lead_somewhere(page: Path):
    targets = LINK.findall(page.read_text(encoding="utf-8"))
    dead = [t for t in targets if "://" not in t and not t.startswith("mailto:") and not (page.parent / t).exists()]
    assert not dead, f"{page.name}: {dead}"


def test_every_make_target_that_pages_name_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"\bmake ([a-z][a-z-]+)\b", IN_CODE))
    assert named <= targets
    assert {"install", "demo", "test", "lint", "bench-check", "cluster-test"} <= targets


def test_the_changelog_names_the_version():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    log = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## [{version}]" in log or "## [Unreleased]" in log


def test_no_report_or_page_gives_a_verdict_on_the_law():
    words = ("comp" + "liant", "合" + "规")  # put together here: this file is searched too
    paths = [*PAGES, ROOT / "CHANGELOG.md"]
    for folder in ("schemas", "checks", "pipelines", "manifests", "docs"):
        paths += [p for p in (ROOT / folder).rglob("*") if p.suffix in {".py", ".toml", ".yaml", ".html", ".j2"}]
    for path in paths:
        found = [word for word in words if word in path.read_text(encoding="utf-8").lower()]
        assert not found, f"{path.relative_to(ROOT)} says {found}"


def test_make_targets_that_the_readme_must_explain_are_in_it():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert not [
        t for t in ("install", "demo", "test", "lint", "bench-check", "cluster-test") if f"make {t}" not in readme
    ]
