"""The documents are true: every command, check, measure, unread reason and exit code is in them, and every link leads somewhere."""

import re
import tomllib
from pathlib import Path

import click
import pytest

from checks import CHECKS
from pipelines.bench import BENCHES
from pipelines.bench.figures import floors
from pipelines.cli import EXIT_CODES, cli
from pipelines.read.base import REASONS

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
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
    words = ("is comp" + "liant", "合" + "规")  # put together here: this file is searched too
    for folder in ("schemas", "checks", "pipelines", "manifests"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".py", ".toml", ".yaml", ".html", ".j2"):
                found = [word for word in words if word in path.read_text(encoding="utf-8")]
                assert not found, f"{path.relative_to(ROOT)} says {found}"
