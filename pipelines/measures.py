"""From tallies and file counts to the measures tables that policy bounds and reports print. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from checks.base import Check, added
from pipelines.assemble import CUT_SHORT, SourceFiles
from pipelines.works import READING
from schemas.manifest import Measured

PPM = 1_000_000
Tallies = Mapping[str, Mapping[str, Any]]
"""Work name -> {"tally": …, "unread": n}, of one source or of the run."""


@dataclass(frozen=True)
class SourceTotals:
    """Everything added up over one source: tallies by work, files, and records dropped as exact copies."""

    tallies: Tallies
    files: SourceFiles
    dropped: int

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


NOTHING = SourceTotals({READING: {"tally": {"read": 0, "looked": 0, "unread": {}}, "unread": 0}}, SourceFiles(), 0)


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
        whole = SourceTotals(tallies, files, whole.dropped + part.dropped)
    return whole


def measured(source: str | None, totals: SourceTotals, checks: Sequence[Check], decided: bool) -> list[Measured]:
    """The rows of one source, or of the run where *source* is None: what the run counts, then every check.

    *decided*: were duplicates looked for? If not their measures are None, which is not zero.
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
            "records_read": read, "records_looked_at": looked, "records_unread": unread, "unread_ppm": ppm(unread, read),
        }),
    ]  # fmt: skip
    for check in checks:
        tally = totals.tallies.get(check.name, {"tally": check.zero(), "unread": 0})
        values: dict[str, int | None] = dict(check.report(tally["tally"]))
        if check.name == "duplicates":
            values["exact_duplicate_records"] = totals.dropped if decided else None
            values["exact_duplicate_ppm"] = ppm(totals.dropped, looked) if decided else None
        rows.append(Measured(source, check.name, looked - tally["unread"], unread + tally["unread"], values))
    return rows


def ppm(part: int, whole: int) -> int | None:
    """Parts per million, rounded half up; None of nothing."""
    return (2 * part * PPM + whole) // (2 * whole) if whole else None
