"""What sites said against training: of each record when it was fetched, and now. Any disallow wins, silence is silence.

The files are the customer's crawler's, named in run.yaml; without any nothing is known, which is not zero. A record of a
WARC brings the answer of its own server along, a text record of a WET the name of the one it was made from.
"""

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
import pyarrow as pa

from checks.base import Check, Measure, Measures, Seen, Tally
from checks.loaded import once
from checks.optouts import ai_txt, robots, tags, tdmrep
from checks.optouts.agents import built_in_list, list_digest
from checks.optouts.batches import Rows
from checks.optouts.evidence import AI_TXT, KINDS, ROBOTS, TDMREP
from checks.optouts.held import held_evidence
from checks.optouts.preferences import CONTENT_SIGNAL, CONTENT_USAGE
from checks.optouts.sites import Answer, Half, Sites
from checks.optouts.statements import ALLOW, DISALLOW, NO_STATEMENT, TRAIN, UNKNOWN
from checks.optouts.statements import VERSION as PARSERS
from checks.optouts.verdict import UNREACHABLE, Asked
from schemas.finding import FINDING
from schemas.record import TERMS
from schemas.shares import share_ppm

OPT_OUT: Final = "LicenseRef-site-opt-out"
"""The term that a record is under whose site disallowed training when it was fetched; a row of the table of permitted uses."""
_ANSWERS: Final = (DISALLOW, UNKNOWN, ALLOW, NO_STATEMENT)
_SIGNALS: Final = {
    "robots": (robots.DETECTOR, UNREACHABLE),
    "content_usage": (f"{robots.DETECTOR}-{CONTENT_USAGE}", f"{CONTENT_USAGE}-header"),
    "content_signal": (f"{robots.DETECTOR}-{CONTENT_SIGNAL}", f"{CONTENT_SIGNAL}-header"),
    "tdmrep": (tdmrep.FILE, tdmrep.HEADER, tdmrep.META),
    "noai": (tags.HEADER_DETECTOR, tags.META_DETECTOR),
    "ai_txt": (ai_txt.DETECTOR,),
}  # fmt: skip
_OF_DETECTOR: Final = {detector: name for name, detectors in _SIGNALS.items() for detector in detectors}
_SHOWN: Final = {
    "robots": "a rule of robots.txt, or a robots.txt that could not be had",
    "content_usage": "`Content-Usage` (IETF AIPREF)", "content_signal": "`Content-Signal`", "tdmrep": "TDMRep",
    "noai": "`noai` in X-Robots-Tag or a meta element", "ai_txt": "ai.txt",
}  # fmt: skip
_COUNTED: Final = ("records", "no_url", "seen_then", "seen_now", "contract", "newly", *(f"then_{a}" for a in _ANSWERS),
                   *(f"now_{a}" for a in _ANSWERS), *(f"signal_{s}" for s in _SIGNALS))  # fmt: skip
_PPM: Final = 1_000_000


@dataclass(frozen=True)
class OptOuts(Check):
    """Count records by what their site said of training at fetch and says now; one finding a record and signal.

    A record whose site disallowed training at fetch, and no contract with it is named, is under `OPT_OUT` from here on. What is
    said now, and what is unknown, puts it under nothing.

    *own*: the product token of the customer's crawler; none where another's crawl is used. *watched*: agents whose own groups
    in robots.txt count too; none given: those of the built-in list that train. *needed*, *needed_now*: files without which the
    answer is unknown, of robots, tdmrep, ai-txt, page. *oldest_hours*: how long a file serves (RFC 9309 2.4).

    The rest follows from `optouts` of run.yaml: *captures* and *raw*, sha256 of the two objects; *files_then*, *files_now* in
    them; *files*, side and sha256 of each file as given; *contracts*, ``host: contract``.
    """

    name: ClassVar[str] = "optouts"
    version: ClassVar[int] = 1
    tally_bytes: ClassVar[int] = 2048
    measures: ClassVar[tuple[Measure, ...]] = (
        Measure("records", "records", "records looked at for what their sites say of training"),
        Measure("no_url_records", "records", "records without a URL that names a host; nothing can be said of them"),
        Measure("evidence_records", "records", "records for which at least one supplied file serves, as of their fetch"),
        Measure(
            "disallowed_records", "records",
            "records whose site disallowed training at fetch and no contract is named for; unknown, not zero, where no record "
            "has evidence",
        ),
        Measure("disallowed_records_ppm", "ppm", "disallowed_records of records"),
        Measure(
            "contract_records", "records",
            "records whose site disallowed training at fetch, or of which that is unknown, and run.yaml names a contract",
        ),
        Measure("allowed_records", "records", "records whose site allowed training at fetch, and nothing forbade it"),
        Measure("silent_records", "records", "records whose site was silent: all files that are needed were read"),
        Measure(
            "unknown_records", "records",
            "records of which it is unknown: a needed file was not supplied, is later than the record or cannot be read, and "
            "no contract is named",
        ),
        Measure("unknown_records_ppm", "ppm", "unknown_records of records"),
        *(Measure(f"{name}_records", "records", f"records whose site disallowed training at fetch by {shown}")
          for name, shown in _SHOWN.items()),
        Measure("evidence_now_records", "records", "records for which at least one file of how things stand now serves"),
        Measure("disallowed_now_records", "records",
                "records whose site disallows training now; unknown, not zero, where no record has evidence of now"),
        Measure("disallowed_now_records_ppm", "ppm", "disallowed_now_records of records"),
        Measure("newly_disallowed_records", "records", "disallowed_now_records that were not disallowed at fetch"),
        Measure("unknown_now_records", "records", "records of which it is unknown how things stand now"),
        Measure("files_then", "files", "files supplied of the time of fetching; the same for every source"),
        Measure("files_now", "files", "files supplied of how things stand now; the same for every source"),
    )  # fmt: skip
    finding_schema: ClassVar[pa.Schema | None] = FINDING

    own: str | None = None
    watched: tuple[str, ...] = ()
    needed: tuple[str, ...] = KINDS
    needed_now: tuple[str, ...] = (ROBOTS, TDMREP, AI_TXT)
    oldest_hours: int = 24
    captures: str | None = None
    raw: str | None = None
    files_then: int = 0
    files_now: int = 0
    files: tuple[str, ...] = ()
    contracts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse kinds that there are not, hours below one, and what only `optouts` of run.yaml may set."""
        for name in ("needed", "needed_now"):
            for kind in getattr(self, name):
                if kind not in KINDS:
                    msg = f"{name} has {kind!r}; take of {', '.join(KINDS)}"
                    raise ValueError(msg)
        if self.oldest_hours < 1:
            msg = f"oldest_hours is {self.oldest_hours}; at least 1"
            raise ValueError(msg)
        if (self.captures is None) != (self.raw is None) or (self.captures is None and (self.files or self.contracts)):
            msg = "captures, raw, files and contracts follow from `optouts` of run.yaml; leave them out here"
            raise ValueError(msg)

    @property
    def asked(self) -> Asked:
        """What is asked of the evidence."""
        watched = self.watched or built_in_list().tokens(TRAIN)
        return Asked(self.own, TRAIN, watched, self.needed, self.needed_now, self.oldest_hours)

    @property
    def gives_terms(self) -> bool:
        """Only where there are captures."""
        return self.captures is not None

    def inputs(self) -> dict[str, str]:
        """The evidence, the parsers, and the list of agents where it is the built-in one; nothing without evidence."""
        if self.captures is None or self.raw is None:
            return {}
        found = {"opt-out captures": self.captures, "opt-out bytes": self.raw, "opt-out parsers": str(PARSERS)}
        return found if self.watched else {**found, "AI agents": list_digest()}

    def zero(self) -> Tally:
        """No records."""
        return dict.fromkeys(_COUNTED, 0)

    def look(self, batch: pa.RecordBatch) -> Seen:
        """Hosts are looked up once each; only records of a known host, or that bring a word along, are judged by path."""
        if self.captures is None:
            return Seen(self.zero())
        sites = self._sites(self.captures)
        rows = Rows.of(batch, sites)
        distinct: dict[Answer, int] = {}
        code = np.empty(batch.num_rows, np.int64)
        for chosen, answer in rows.alike(sites):
            code[chosen] = distinct.setdefault(answer, len(distinct))
        for row, answer in rows.judged(sites):
            code[row] = distinct.setdefault(answer, len(distinct))
        total = self.zero()
        times = np.bincount(code, minlength=len(distinct)).tolist()
        for answer, n in zip(distinct, times, strict=True):
            for name in _names(answer):
                total[name] += n
        total["records"], total["no_url"] = batch.num_rows, int(np.count_nonzero(rows.no_host))
        answers = list(distinct)
        return Seen(total, findings=_findings(batch, answers, code), terms=self._terms(batch, answers, code))

    def _terms(self, batch: pa.RecordBatch, answers: list[Answer], code: np.ndarray) -> pa.Table | None:
        """The opt-outs of a batch as terms; None where it has none."""
        out = np.array([a.then.answer == DISALLOW and not a.contract for a in answers], np.bool_)
        rows = np.flatnonzero(out[code]) if len(answers) else code[:0]
        if not len(rows):
            return None
        n, none = len(rows), pa.nulls(len(rows), pa.int64())
        words = [", ".join(sorted({told.detector for told in a.then.told})) for a in answers]
        what = pa.DictionaryArray.from_arrays(pa.array(code[rows], pa.int32()), pa.array(words, pa.string()))
        columns = (
            batch.column("row").take(pa.array(rows)), pa.repeat(OPT_OUT, n), pa.repeat(self.name, n),
            pa.repeat(pa.scalar(self.version, pa.int32()), n), what.cast(pa.string()), none, none, none, none,
            pa.repeat(pa.scalar(_PPM, pa.int32()), n),
        )  # fmt: skip
        return pa.table(columns, schema=TERMS)

    def _sites(self, captures: str) -> Sites:
        def made() -> Sites:
            sides = held_evidence(captures)
            named = dict(one.split(": ", 1) for one in self.contracts)
            return Sites(sides.then, sides.now, self.asked, named)

        key = (self.own, self.watched, self.needed, self.needed_now, self.oldest_hours, self.contracts)
        return once(("opt-out sites", captures, key), made)

    def report(self, total: Tally) -> Measures:
        """Counts and shares; without files everything is None, and where none serves a record, what it would have said."""
        if self.captures is None:
            return dict.fromkeys((m.name for m in self.measures), None)
        records = total["records"]
        disallowed = total[f"then_{DISALLOW}"] if total["seen_then"] else None
        disallowed_now = total[f"now_{DISALLOW}"] if total["seen_now"] else None
        return {
            "records": records, "no_url_records": total["no_url"], "evidence_records": total["seen_then"],
            "disallowed_records": disallowed, "disallowed_records_ppm": _ppm(disallowed, records),
            "contract_records": total["contract"], "allowed_records": total[f"then_{ALLOW}"],
            "silent_records": total[f"then_{NO_STATEMENT}"], "unknown_records": total[f"then_{UNKNOWN}"],
            "unknown_records_ppm": _ppm(total[f"then_{UNKNOWN}"], records),
            **{f"{name}_records": total[f"signal_{name}"] if total["seen_then"] else None for name in _SIGNALS},
            "evidence_now_records": total["seen_now"], "disallowed_now_records": disallowed_now,
            "disallowed_now_records_ppm": _ppm(disallowed_now, records),
            "newly_disallowed_records": total["newly"] if disallowed_now is not None else None,
            "unknown_now_records": total[f"now_{UNKNOWN}"], "files_then": self.files_then, "files_now": self.files_now,
        }  # fmt: skip


def _names(answer: Answer) -> list[str]:
    """The counts that a record with this answer adds to."""
    then, now = answer.then, answer.now
    stands = answer.contract and then.answer in (DISALLOW, UNKNOWN)
    names = ["contract" if stands else f"then_{then.answer}", f"now_{now.answer}"]
    names += ["seen_then"] * then.seen + ["seen_now"] * now.seen
    names += ["newly"] * (now.answer == DISALLOW and then.answer != DISALLOW)
    return names + [f"signal_{name}" for name in sorted({_OF_DETECTOR[told.detector] for told in then.told})]


def _findings(batch: pa.RecordBatch, answers: list[Answer], code: np.ndarray) -> pa.Table:
    told = [(*_rules("", answer.then), *_rules("now.", answer.now)) for answer in answers]
    chosen = np.flatnonzero(np.array([bool(one) for one in told], np.bool_)[code]) if len(answers) else code[:0]
    many = [told[place] for place in code[chosen].tolist()]
    rows = np.repeat(chosen, [len(one) for one in many]) if many else chosen
    pairs = [pair for one in many for pair in one]
    none = pa.nulls(len(pairs), pa.int64())
    return pa.table(
        [
            pa.array([rule for rule, _ in pairs], pa.string()), batch.column("row").take(pa.array(rows)), none, none, none,
            none, pa.nulls(len(pairs), pa.int32()), pa.array([detail for _, detail in pairs], pa.string()),
        ],
        schema=FINDING,
    )  # fmt: skip


def _rules(side: str, half: Half) -> list[tuple[str, str]]:
    return [(f"optouts.{side}{told.detector}", told.detail) for told in half.told]


def _ppm(part: int | None, whole: int) -> int | None:
    return None if part is None else share_ppm(part, whole)
