"""What the demo's run reads beside the corpus, the same before and after the repair: what sites said, a list, a fingerprint."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pipelines.demo import containers, lessons
from pipelines.demo.corpus import BLOCKED_SITE, OPTED_OUT, pages_en, pages_zh
from schemas.source import Source

LESSONS: Final = f"restricted/{lessons.ID}.jsonl"
FINGERPRINT: Final = f"restricted/{lessons.ID}.fingerprint"
_SILENT: Final = "User-agent: *\nDisallow: /drafts/\n"
_ROBOTS: Mapping[str, str] = {
    OPTED_OUT: "User-agent: *\nContent-Signal: search=yes, ai-train=no\nAllow: /\n",
    "gardens.example.org": "User-agent: *\nContent-Signal: ai-train=yes\nAllow: /\n",
}
"""The robots.txt of each host; those of all others say nothing of training."""


def beside_files() -> dict[str, bytes]:
    """Path below the demo's folder -> bytes."""
    return {
        "captures/web-en.jsonl": containers.jsonl(_captured_en()),
        "captures/web-zh.warc.gz": containers.warc(_captured_zh(), "text/plain"),
        "lists/blocked.txt": f"# as_of: 2026-09-25\n# version: 7\n{BLOCKED_SITE}\n".encode(),
        LESSONS: containers.jsonl(lessons.lessons()),
    }


def fingerprint(folder: Path) -> bytes:
    """The fingerprint of the restricted dataset that lies in *folder*, as `corpusledger source fingerprint` makes it."""
    from pipelines.restricted import made  # reads as a run does: slow to import

    dataset = Source(id=lessons.ID, paths=(LESSONS,), layout="alpaca")
    return made(dataset, folder, lessons.LICENCE, None)[0]


def _captured_en() -> list[dict[str, object]]:
    """The crawler fetched robots.txt on each day on which it fetched pages of the host."""
    asked = sorted({(_host(row["url"]), row["date"]) for part in pages_en(planted=True) for row in part})
    return [
        {"kind": "robots", "host": host, "fetched_at": f"{day}T00:05:00Z", "status": 200, "body": _robots(host)}
        for host, day in asked
    ]


def _captured_zh() -> list[tuple[str, str, bytes, str]]:
    asked = sorted({(_host(url), when[:10]) for url, when, *_ in pages_zh(planted=True)})
    return [(f"https://{host}/robots.txt", f"{day}T07:55:00Z", _robots(host).encode(), "utf-8") for host, day in asked]


def _robots(host: str) -> str:
    return _ROBOTS.get(host, _SILENT)


def _host(url: str) -> str:
    return url.split("/")[2]
