"""Markdown of the generated pages: a table, a word in code, the note that a page is generated."""

from collections.abc import Iterable, Sequence
from typing import Final

GENERATED: Final = (
    "<!-- Written by `python -m pipelines.documents --write` from the code; edit the code, not this page. -->"
)


def code(word: object) -> str:
    """*word* in code type; a bar in it does not end a table's cell."""
    return f"`{str(word).replace('|', chr(92) + '|')}`"


def codes(words: Iterable[object]) -> str:
    """Words in code type, parted by commas."""
    return ", ".join(code(word) for word in words)


def cell(text: str) -> str:
    """*text* for a table: on one line, bars escaped outside of code."""
    return "`".join(
        part if inside else part.replace("|", "\\|")
        for inside, part in zip(_turns(), " ".join(text.split()).split("`"), strict=False)
    )


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a table, a blank one behind it."""
    lines = [f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
    return [*lines, *(f"| {' | '.join(cell(value) for value in row)} |" for row in rows), ""]


def page(title: str, lines: Iterable[str]) -> str:
    """A whole page, the generated note on top."""
    return "\n".join([GENERATED, "", f"# {title}", "", *lines]).rstrip("\n") + "\n"


def _turns() -> Iterable[bool]:
    while True:
        yield False
        yield True
