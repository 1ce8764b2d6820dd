"""ai.txt (Spawning): the grammar of robots.txt, about use for training instead of fetching; no standard, read as written.

The generator writes suffix patterns by kind of file (``Disallow: *.txt``, ``*.html``). A page's address often has no
suffix, so a rule for ``.html`` or ``.htm`` speaks for an address whose last segment has none.
"""

from dataclasses import replace
from typing import Final

from checks.optouts.robots import Robots, read_robots
from checks.optouts.statements import ALLOW, ANYBODY, DISALLOW, TRAIN, Statement, combined

DETECTOR: Final = "ai-txt"
_PAGE_SUFFIXES: Final = (b".html", b".htm")


def read_ai_txt(body: bytes) -> Robots:
    """The parsed file; any bytes, never an exception."""
    return read_robots(body, DETECTOR)


def training(file: Robots, path: bytes, agent: str = ANYBODY) -> Statement | None:
    """What the file says of training on *path*, for *agent* or everybody: the strictest of its spellings; None: nothing."""
    said = [statement for tried in spellings(path) if (statement := file.crawl(agent, tried)) is not None]
    if not said:
        return None
    answer = combined(statement.answer for statement in said)
    chosen = next(statement for statement in said if statement.answer == answer)
    assert answer in (ALLOW, DISALLOW)
    return replace(chosen, use=TRAIN)


def spellings(path: bytes) -> list[bytes]:
    """The paths under which rules are looked for: *path*, and where it has no suffix, those of a page."""
    before, sign, query = path.partition(b"?")
    segment = before.rpartition(b"/")[2]
    if b"." in segment:
        return [path]
    page = before if segment else before + b"index"
    return [path, *(page + suffix + sign + query for suffix in _PAGE_SUFFIXES)]
