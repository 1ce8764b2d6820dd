"""The pages of docs/ that follow from the code: made here, held equal by tests/test_docs.py.

``python -m pipelines.documents --write`` writes them; without ``--write`` it names those that are stale.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from pipelines.documents import articles, measured, reference

PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "docs/reference.md": reference.page,
    "docs/measures.md": measured.page,
    "docs/article-map.md": articles.page,
}
"""Path in the project -> what makes its text."""


def stale(root: Path) -> list[str]:
    """The pages under *root* that are missing or are not what the code gives."""
    return [name for name, page in PAGES.items() if _read(root / name) != page()]


def write(root: Path) -> list[str]:
    """Write every stale page under *root*; gives their names."""
    names = stale(root)
    for name in names:
        (root / name).write_text(PAGES[name](), encoding="utf-8")
    return names


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None
