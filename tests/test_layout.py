"""The house keeps its plan: four packages under one root, small rooms, each with its job in its first line."""

import ast
import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("schemas", "checks", "pipelines", "manifests")
LONGEST_LINES = 300
BANNED = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "handlers"}
# Names that a test may use freely: they are never imported by a bare name.
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX)\b|raise NotImplementedError")


def python_files(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in found if "build" not in path.relative_to(ROOT).parts]


PRODUCT = python_files(*PACKAGES)
ALL = python_files(*PACKAGES, "tests")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_four_packages_and_no_other_at_the_root():
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert folders - {"tests"} == set(PACKAGES)
    assert not list(ROOT.glob("*.py")), "no module lies at the root"
    for package in PACKAGES:
        assert (ROOT / package / "py.typed").exists(), f"{package} tells type checkers that it is typed"


def test_the_wheel_holds_the_four_packages():
    targets = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]
    assert sorted(targets["wheel"]["packages"]) == sorted(PACKAGES)


def test_no_module_has_a_name_of_the_standard_library_or_of_a_drawer():
    taken, nothing = [], []
    for path in PRODUCT:
        names = {path.stem} | ({path.parent.name} if path.stem == "__init__" else set())
        # A name below a package shadows nothing, but it misleads whoever reads an import or a traceback.
        taken += [name_of(path)] * bool(names & (sys.stdlib_module_names - {"__init__", "__main__"}))
        nothing += [name_of(path)] * bool({part for name in names for part in name.split("_")} & BANNED)
    assert not taken, f"a stdlib module's name: {taken}"
    assert not nothing, f"says nothing of its job: {nothing}"


def test_every_file_is_small_enough_to_read():
    lines = {name_of(path): len(text_of(path).splitlines()) for path in ALL}
    long = {name: count for name, count in lines.items() if count > LONGEST_LINES}
    assert not long, f"more than {LONGEST_LINES} lines; a room has one job: split it: {long}"


def test_every_module_says_its_job_in_its_first_line():
    docstrings = {name_of(path): ast.get_docstring(ast.parse(text_of(path))) or "" for path in PRODUCT}
    first = {name: text.partition("\n")[0].strip() for name, text in docstrings.items()}
    wrong = {name: line for name, line in first.items() if not 10 <= len(line) <= 160}
    assert not wrong, f"no docstring, or a first line that is too short or too long: {wrong}"


def test_nothing_is_left_unfinished():
    found = [
        f"{name_of(path)}:{text_of(path).count(chr(10), 0, hit.start()) + 1}"
        for path in PRODUCT
        for hit in UNFINISHED.finditer(text_of(path))
    ]
    assert not found, f"unfinished: {found}"


def test_these_laws_have_files_to_hold_for():
    assert {path.relative_to(ROOT).parts[0] for path in PRODUCT} == set(PACKAGES)
    assert len(ALL) > len(PRODUCT) > 100


def test_every_package_with_modules_is_a_package():
    bare = {name_of(path.parent) for path in PRODUCT if not (path.parent / "__init__.py").exists()}
    assert not bare, f"folders without __init__.py: {sorted(bare)}"


def test_tests_mirror_the_packages():
    assert {p.name for p in (ROOT / "tests").iterdir() if p.is_dir()} >= set(PACKAGES) - {"__pycache__"}


def test_legal_staff_s_modules_load_neither_beam_nor_a_model():
    script = (
        "import sys, pkgutil, importlib, manifests, schemas\n"
        "for package in (manifests, schemas):\n"
        "    for module in pkgutil.walk_packages(package.__path__, package.__name__ + '.'):\n"
        "        importlib.import_module(module.name)\n"
        "print(*{'apache_beam', 'presidio_analyzer', 'fasttext', 'spacy', 'hyperscan'} & sys.modules.keys())\n"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert run.stdout.split() == []
