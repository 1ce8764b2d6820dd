"""Objectivity: shares of reference, reporting, opinion, promotional and user-generated text, of drawn records. Screening indicators.

What a text is about is not judged, nor whether it is right: the shares show what a corpus leans on, before and after filtering
(`manifests.improvement`). One finding a drawn record says how it was counted, so that people can look.
"""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from checks.addresses import given
from checks.base import Check, Measure, Measures, Seen, Tally
from checks.objectivity.cues import MANNERS, OTHER, UNKNOWN, manners_of
from checks.objectivity.wording import CUES
from checks.scale.cues import PATTERNS
from checks.scale.kinds import KIND_READS, kinds_of
from checks.signs.drawn import PPM, drawn
from schemas.content_kinds import ADDRESS, METHODS, NONE, TEXT
from schemas.finding import FINDING, record_findings
from schemas.shares import share_ppm
from schemas.yaml_shape import Bounds

_SHOWN: Final = {
    "reference": "of reference (encyclopaedias, laws, notices of authorities, academic and teaching texts)",
    "reporting": "of reporting (news)", "opinion": "of opinion (by address or wording)",
    "promotional": "that promote (commerce, or by wording)", "user-generated": "of users' words (forums, social media)",
    OTHER: "of none of the five (books, code, dialogues)", UNKNOWN: "of which nothing tells",
}  # fmt: skip

Codes = npt.NDArray[np.int8]


def measure_of(manner: str) -> str:
    """The measure that holds the share of a manner."""
    return f"{manner.replace('-', '_')}_ppm"


@dataclass(frozen=True)
class Objectivity(Check):
    """Tell the manner of the records that are drawn by their text.

    *drawn_ppm*: the share of the different texts. The kind of content that a source declares goes before what address and
    text tell.
    """

    name: ClassVar[str] = "objectivity"
    version: ClassVar[int] = 2
    tally_bytes: ClassVar[int] = 512
    reads: ClassVar[tuple[str, ...]] = KIND_READS
    measures: ClassVar[tuple[Measure, ...]] = (
        Measure("records", "records", "records looked at"),
        Measure("drawn_records", "records", "records drawn by their text, on which the shares below rest"),
        *(Measure(measure_of(manner), "ppm", f"drawn records {shown}, of all drawn records: a screening indicator") for manner, shown in _SHOWN.items()),
        Measure("told_by_cues_ppm", "ppm", "drawn records whose manner is told by cues in their address or text, of all drawn records"),
    )  # fmt: skip
    finding_schema: ClassVar[pa.Schema | None] = FINDING

    drawn_ppm: Annotated[int, Bounds(1, PPM)] = 5_000

    def inputs(self) -> dict[str, str]:
        """The cues of manners and of kinds of content."""
        return {"cues": CUES.digest, "kinds": PATTERNS.digest}

    def zero(self) -> Tally:
        """No records."""
        return {"records": 0, "drawn": 0, "guessed": 0, "manners": dict.fromkeys(MANNERS, 0)}

    def look(self, batch: pa.RecordBatch) -> Seen:
        """Nothing but the drawn records is read."""
        total = self.zero()
        total["records"] = batch.num_rows
        rows = drawn(batch.column("text"), self.drawn_ppm) if batch.num_rows else np.zeros(0, np.int64)
        if not len(rows):
            return Seen(total)
        at = pa.array(rows, pa.int64())
        text, url = _readable(batch.column("text").take(at)), given(batch.select(["url"]).take(at), "url")
        kinds, methods = kinds_of(batch, at, text)
        manners, by_cues = manners_of(kinds, methods, text, url)
        methods = np.where(by_cues, METHODS.index(TEXT), methods)
        methods = np.where(manners == MANNERS.index(UNKNOWN), METHODS.index(NONE), methods)
        total["drawn"] = len(rows)
        total["guessed"] = int(np.isin(methods, [METHODS.index(method) for method in (ADDRESS, TEXT)]).sum())
        total["manners"] = dict(zip(MANNERS, np.bincount(manners, minlength=len(MANNERS)).tolist(), strict=True))
        return Seen(total, findings=_findings(batch.column("row").take(at), manners, methods))

    def report(self, total: Tally) -> Measures:
        """Shares of drawn records; None where none was drawn."""
        drawn_records = total["drawn"]
        return {
            "records": total["records"], "drawn_records": drawn_records,
            **{measure_of(manner): share_ppm(total["manners"][manner], drawn_records) for manner in _SHOWN},
            "told_by_cues_ppm": share_ppm(total["guessed"], drawn_records),
        }  # fmt: skip


def _readable(text: pa.Array) -> pa.Array:
    """*text*, each ill-formed part of a text that is not valid UTF-8 as U+FFFD."""
    text = pc.fill_null(text.cast(pa.large_string()), "")
    try:
        text.validate(full=True)
    except pa.ArrowInvalid:
        return pa.array(
            [one.as_py().decode("utf-8", "replace") for one in text.cast(pa.large_binary())], pa.large_string()
        )
    return text


def _findings(rows: pa.Array, manners: Codes, methods: Codes) -> pa.Table:
    """One a drawn record: its manner, and as detail how it was told."""
    rules = pa.array([f"objectivity.{manner}" for manner in MANNERS]).take(pa.array(manners))
    told = pa.array(METHODS).take(pa.array(methods.astype(np.int8)))
    return record_findings(rules, rows, told)
