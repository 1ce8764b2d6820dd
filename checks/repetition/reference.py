"""Lines and paragraphs in plain Python: the definition in code, the kernel's oracle, and its stand-in.

* A line is what lies before a line feed (U+000A) or the end of the text; a carriage return belongs to its line.
* A line is blank where it has nothing but white space (`str.isspace`) and characters that show nothing
  (`checks.terms.fold_rules`, IGNORED). A paragraph is a maximal run of lines that are not blank, line feeds between included.
* A line that is its whole paragraph is told as a paragraph alone.
* The hash of either is the shingle of all its terms (`checks.terms.reference`), whatever their number.
* Only what has enough terms is told; a blank or short line ends or lengthens a paragraph all the same.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from checks.terms.fold import fold
from checks.terms.fold_rules import IGNORED, KIND_SHIFT
from checks.terms.reference import shingles, terms

LINE_FEED: Final = b"\n"


class Piece(NamedTuple):
    """A line or a paragraph: hash of its terms, its bytes from *start* to before *end*, number of its terms."""

    hash: int
    start: int
    end: int
    terms: int


def pieces(content: bytes, shortest: int) -> tuple[list[Piece], list[Piece]]:
    """The lines and the paragraphs of a text's bytes that have at least *shortest* (1 or more) terms, each where it ends.

    Bytes that are no UTF-8 are read as U+FFFD, one for each maximal ill-formed part; a line feed is never part of one.
    """
    lines: list[Piece] = []
    paragraphs: list[Piece] = []
    for paragraph in _paragraphs(content):
        found = [terms(content[start:end].decode("utf-8", "replace")) for start, end in paragraph]
        if len(paragraph) > 1:
            lines += [_piece(line, of_line) for line, of_line in zip(paragraph, found, strict=True)]
        paragraphs.append(_piece((paragraph[0][0], paragraph[-1][1]), [term for of_line in found for term in of_line]))
    return [p for p in lines if p.terms >= shortest], [p for p in paragraphs if p.terms >= shortest]


def _paragraphs(content: bytes) -> Iterator[list[tuple[int, int]]]:
    held: list[tuple[int, int]] = []
    start = 0
    for line in content.split(LINE_FEED):
        end = start + len(line)
        if not _is_blank(line.decode("utf-8", "replace")):
            held.append((start, end))
        elif held:
            yield held
            held = []
        start = end + 1
    if held:
        yield held


def _is_blank(line: str) -> bool:
    table = fold().table
    return all(c.isspace() or table[ord(c)] >> KIND_SHIFT == IGNORED for c in line)


def _piece(span: tuple[int, int], found: list[str]) -> Piece:
    return Piece(shingles(found, len(found))[0] if found else 0, *span, len(found))
