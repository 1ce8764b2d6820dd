"""From tallies and file counts to the measures tables that policy bounds and reports print. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from checks.base import Check
from pipelines.assemble import CUT_SHORT, SourceFiles
from pipelines.works import READING
from schemas.manifest import Measured
from schemas.shares import PPM, rounded_ppm
from schemas.tallies import added

Tallies = Mapping[str, Mapping[str, Any]]
"""Work name -> {"tally": …, "unread": n}, of one source or of the run."""


@dataclass(frozen=True)
class Copies:
    """Records that are copies of a record kept: byte for byte, of the same folded terms, near; and how many of a source's
    records, kept ones too, have a copy in another source of the run; how many of the kept ones have the prompt, or the
    response, of another one.
    """

    exact: int = 0
    folded: int = 0
    near: int = 0
    elsewhere: int = 0
    prompts: int = 0
    responses: int = 0

    @property
    def dropped(self) -> int:
        """All that go."""
        return self.exact + self.folded + self.near


@dataclass(frozen=True)
class Repeated:
    """Different lines and paragraphs that many records of the run have, and the UTF-8 bytes of all of them."""

    lines: int = 0
    line_bytes: int = 0
    paragraphs: int = 0
    paragraph_bytes: int = 0


@dataclass(frozen=True)
class Deduplicated:
    """What is told of the run alone; *distinct*: sources; *by_estimate*: removals without an exact Jaccard; *wrong_ppm*: the
    sum over those of the probability, in ppm, that the pair lies below the threshold.
    """

    distinct: int | None = None
    by_estimate: int = 0
    wrong_ppm: int = 0


@dataclass(frozen=True)
class SourceTotals:
    """Everything added up over one source: tallies by work, files, and records that are copies."""

    tallies: Tallies
    files: SourceFiles
    copies: Copies = Copies()
    repeated: Repeated = Repeated()
    erased: int = 0
    listed: int = 0
    unfit: int = 0

    @property
    def dropped(self) -> int:
        """Records that go: copies, those that a list or a quality profile takes out, and those that a person asked to have erased."""
        return self.copies.dropped + self.listed + self.unfit + self.erased

    @property
    def read(self) -> int:
        """Framed records, unread ones too."""
        return int(self.tallies[READING]["tally"]["read"])

    @property
    def looked(self) -> int:
        """Records shown to the checks."""
        return int(self.tallies[READING]["tally"]["looked"])

    @property
    def unread_by(self) -> dict[str, int]:
        """Unread records by reason."""
        return dict(self.tallies[READING]["tally"]["unread"])


NOTHING = SourceTotals({READING: {"tally": {"read": 0, "looked": 0, "unread": {}}, "unread": 0}}, SourceFiles())


def merged_tallies(checks: Sequence[Check], a: Tallies, b: Tallies) -> dict[str, Any]:
    """The tallies of both, work by work; by each check's own `merge`, and by plain addition for reading, which is none."""
    merges: dict[str, Callable[[Any, Any], Any]] = {c.name: c.merge for c in checks}
    merged = dict(a)
    for name, tally in b.items():
        if name not in merged:
            merged[name] = tally
            continue
        held, merge = merged[name], merges.get(name, added)
        merged[name] = {"tally": merge(held["tally"], tally["tally"]), "unread": held["unread"] + tally["unread"]}
    return merged


def together(checks: Sequence[Check], totals: Sequence[SourceTotals]) -> SourceTotals:
    """Several sources as one: the run."""
    whole = NOTHING
    for part in totals:
        tallies = merged_tallies(checks, whole.tallies, part.tallies)
        files = SourceFiles(**added(vars(whole.files), vars(part.files)))
        copies = Copies(**added(vars(whole.copies), vars(part.copies)))
        whole = SourceTotals(
            tallies,
            files,
            copies,
            erased=whole.erased + part.erased,
            listed=whole.listed + part.listed,
            unfit=whole.unfit + part.unfit,
        )
    return whole


def measured(
    source: str | None, totals: SourceTotals, checks: Sequence[Check], run: Deduplicated | None = None
) -> list[Measured]:
    """The rows of one source, or of the run where *source* is None: what the run counts, then every check.

    *run*: what is told of the run alone, None for a source.
    """
    f, read, looked = totals.files, totals.read, totals.looked
    unread = read - looked
    rows = [
        Measured(source, "files", looked, unread, {
            "files_listed": f.listed, "files_read": f.read, "files_not_looked_at": f.not_looked_at,
            "files_unreadable": f.unreadable, "bytes_not_looked_at": f.not_looked_at_bytes,
            "shards_cut_short": totals.unread_by.get(CUT_SHORT, 0),
        }),
        Measured(source, "records", looked, unread, {
            "records_read": read, "records_looked_at": looked, "records_unread": unread, "unread_ppm": rounded_ppm(unread, read),
            "records_erased": totals.erased,
        }),
    ]  # fmt: skip
    for check in checks:
        tally = totals.tallies.get(check.name, {"tally": check.zero(), "unread": 0})
        values: dict[str, int | None] = dict(check.report(tally["tally"]))
        if check.name == "duplicates":
            values |= _copies(totals.copies, looked, run)
        if check.name == "listed":
            values["dropped_records"] = None if values["records"] is None else totals.listed
        if check.name == "selection":
            values["dropped_records"] = None if values["records"] is None else totals.unfit
        if check.name == "repetition":
            values |= _repeated(totals.repeated, values["bytes"] or 0)
        rows.append(Measured(source, check.name, looked - tally["unread"], unread + tally["unread"], values))
    return rows


def _copies(copies: Copies, looked: int, run: Deduplicated | None) -> dict[str, int | None]:
    wrong = None if run is None else -(-run.wrong_ppm // PPM)
    return {
        "exact_duplicate_records": copies.exact, "exact_duplicate_ppm": rounded_ppm(copies.exact, looked),
        "folded_duplicate_records": copies.folded, "near_duplicate_records": copies.near,
        "near_duplicate_ppm": rounded_ppm(copies.folded + copies.near, looked),
        "copied_elsewhere_records": copies.elsewhere, "copied_elsewhere_ppm": rounded_ppm(copies.elsewhere, looked),
        "prompt_copied_records": copies.prompts, "response_copied_records": copies.responses,
        "distinct_sources": None if run is None else run.distinct,
        "removals_by_estimate": None if run is None else run.by_estimate, "wrong_removals_expected": wrong,
    }  # fmt: skip


def _repeated(found: Repeated, text_bytes: int) -> dict[str, int | None]:
    return {
        "repeated_lines": found.lines, "repeated_line_bytes": found.line_bytes,
        "repeated_line_ppm": rounded_ppm(found.line_bytes, text_bytes),
        "repeated_paragraphs": found.paragraphs, "repeated_paragraph_bytes": found.paragraph_bytes,
        "repeated_paragraph_ppm": rounded_ppm(found.paragraph_bytes, text_bytes),
    }  # fmt: skip
