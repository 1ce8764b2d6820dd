"""Captures of sites as checks hold them: evidence of a few hosts of the kit corpus, and the check that judges by it."""

from collections.abc import Sequence
from dataclasses import replace

from checks.optouts import OptOuts, Supplied, use_evidence
from checks.optouts.evidence import AI_TXT, ROBOTS, TDMREP
from checks.optouts.held import kept
from manifests.parquet import parquet_bytes
from schemas.canonical import sha256_hex

_KIT_THEN = (
    Supplied(ROBOTS, "www.archive.example.co.uk", "2023-08-14T12:00:00Z", 200, b"User-agent: GPTBot\nDisallow: /a\n"),
    Supplied(ROBOTS, "xn--dyv4b.xn--fiqs8s", "20230815", 200, b"User-agent: *\nContent-Signal: ai-train=no\n"),
    Supplied(TDMREP, "xn--dyv4b.xn--fiqs8s", "20230815", 200, b'[{"location": "/", "tdm-reservation": 0}]'),
    Supplied(ROBOTS, "192.0.2.7", "2020-12-31T12:00:00Z", 503),
)
_KIT_NOW = (
    Supplied(AI_TXT, "www.gov.cn", "2026-11-01", 200, b"User-agent: *\nDisallow: *.htm\n"),
    Supplied(ROBOTS, "www.archive.example.co.uk", "2026-11-01", 404),
)


def judging(then: Sequence[Supplied], now: Sequence[Supplied], check: OptOuts | None = None) -> OptOuts:
    """*check* (else one with defaults) that judges by these files; loaded in this process."""
    tables = kept(then, now)
    captures = sha256_hex(parquet_bytes(tables.captures))
    use_evidence(captures, lambda: tables)
    return replace(
        check or OptOuts(), captures=captures, raw=sha256_hex(parquet_bytes(tables.raw)), files_then=len(then),
        files_now=len(now),
    )  # fmt: skip


def kit_judging() -> OptOuts:
    """The check over the kit corpus, some of whose sites said something."""
    return judging(_KIT_THEN, _KIT_NOW)
