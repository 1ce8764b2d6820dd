"""Real texts whose manner people judged: how they are read, and by a hash of what they are put into two halves.

Nothing of a text is kept: a judged page is a file of ../shared/data, the beginning of its content id and a verdict.
"""

import csv
import json
from collections.abc import Iterator
from hashlib import blake2b, sha256
from pathlib import Path
from typing import Any, Final, NamedTuple

from pipelines.read.base import Framing, Span
from pipelines.read.warc import read_warc
from tests.kit.judged_words import texts_of
from tests.pipelines.read.kit import Held

DATA: Final = Path(__file__).parents[2].parent / "shared" / "data"
KEY: Final = b"objectivity-judged-1"
C4: Final = "corpora/web/c4_demo.jsonl"
WHOLE: Final = ("corpora/web/cc_en_head-0091.jsonl", "corpora/web/cc_en_head-0174.jsonl")
"""Every record of these and of `CAPTURES` is judged; of the others a draw."""
CAPTURES: Final = tuple(f"corpora/web/{name}.warc.gz" for name in ("CC-MAIN-2020-34.sample", "dolma-sample-0", "dolma-sample-1"))  # fmt: skip
DRAWN: Final = {
    C4: 300, "eval/quality/zh_cmrc2018.jsonl": 12, "eval/quality/zh_cold_dev.csv": 12, "corpora/books/prc_laws.jsonl": 8,
    "corpora/books/classics.jsonl": 8, "corpora/instruct/baseline_zh_extra.jsonl": 12,
}  # fmt: skip
CONTENT: Final = 12

LEAST_CODE_POINTS: Final = 20
"""A shorter text is not judged."""
DEVELOPMENT, HELD = HALVES = ("development", "held")


class Page(NamedTuple):
    """*content*: the sha256 of the text."""

    file: str
    content: str
    text: str
    url: str | None

    @property
    def half(self) -> str:
        """Cues were made in view of the development half; the other one was judged after they were."""
        return DEVELOPMENT if int(self.content[:8], 16) % 2 else HELD


def drawn_pages() -> Iterator[Page]:
    """The pages judged: those of `WHOLE` and `CAPTURES`, and of each file of `DRAWN` the first by a keyed hash of the content id."""
    seen: set[str] = set()
    for pages in (*map(_records, WHOLE), *map(_captures, CAPTURES), *map(_drawn, DRAWN)):
        for page in pages:
            if page.content not in seen and len(page.text) >= LEAST_CODE_POINTS:
                seen.add(page.content)
                yield page


def verdicts(path: Path) -> dict[tuple[str, str], str]:
    """(file, the first digits of a content id) -> the manner."""
    with path.open(encoding="utf-8", newline="") as lines:
        return {(file, content): manner for file, content, manner in list(csv.reader(lines))[1:]}


def _drawn(file: str) -> list[Page]:
    pages = [Page(file, content, text, None) for content, text in texts_of(file) if len(text) >= LEAST_CODE_POINTS]
    pages.sort(key=lambda page: blake2b(page.content.encode(), key=KEY, digest_size=8).digest())
    return pages[: DRAWN[file]]


def _records(file: str) -> Iterator[Page]:
    for line in (DATA / file).read_text(encoding="utf-8").splitlines():
        record: Any = json.loads(line)
        yield _page(file, record["text"], record["id"])


def _captures(file: str) -> Iterator[Page]:
    shard = Held((DATA / file).read_bytes())
    for block in read_warc(shard, Span(), Framing("warc", codec="gz")):
        for row in block.batch.select(["text", "url"]).to_pylist():
            yield _page(file, row["text"], row["url"])


def _page(file: str, text: str, url: str | None) -> Page:
    return Page(file, sha256(text.encode("utf-8", "replace")).hexdigest(), text, url)
