"""Hints of where records come from: filing numbers that mainland sites must show, and the country of a domain. Never the origin.

Origin is declared and attested in the registry. A filing number can be quoted or copied, a .cn name be held abroad, and a
mainland site stand under .com; the language of a text, another hint, is counted by the check `language`.
"""

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
import pyarrow as pa

from checks.addresses import batch_hosts, is_address
from checks.base import Measure, Measures, PatternCheck, Seen, Tally, records_measure
from checks.origin_hints.filings import KINDS, TRIGGERS, filings_in
from checks.triggers import PatternSet, Spot, findings_of, hit_lines, scan
from schemas.finding import FINDING
from schemas.shares import share_ppm

MAINLAND: Final = ("cn", "xn--fiqs8s", "xn--fiqz9s")  # .cn, .中国, .中國
HK_MO_TW: Final = ("hk", "xn--j6w193g", "mo", "xn--mix891f", "xn--mix082f", "tw", "xn--kprw13d", "xn--kpry57d")
_DOMAINS: Final = {
    "mainland_domain": "under .cn or .中国",
    "hk_mo_tw_domain": "under .hk, .mo, .tw or their Chinese names",
    "other_country_domain": "under another two-letter code, some of which are sold as general ones (.io, .ai)",
    "general_domain": "under a name of no country",
}
_FILINGS: Final = {
    "icp-filing": "an ICP filing number (ICP备…号)", "icp-licence": "an ICP licence number (ICP证…号)",
    "telecom-licence": "a number of a value-added telecoms licence", "police-filing": "a public-security filing number (公网安备…号)",
}  # fmt: skip
_COUNTED: Final = ("records", "filing", "hinted", *KINDS, *_DOMAINS)


@dataclass(frozen=True)
class OriginHints(PatternCheck):
    """Count records with a filing number in their text, by kind, and records by the country of their domain; one finding a
    number, with its province's character and without the number.
    """

    name: ClassVar[str] = "origin_hints"
    version: ClassVar[int] = 1
    tally_bytes: ClassVar[int] = 1024
    measures: ClassVar[tuple[Measure, ...]] = (
        Measure("records", "records", "records looked at for hints of their origin"),
        Measure(
            "mainland_hint_records", "records",
            "records with a filing number or a mainland domain: hints, from which no origin follows",
        ),
        Measure("mainland_hint_records_ppm", "ppm", "mainland_hint_records of records"),
        Measure("filing_records", "records", "records whose text shows a filing number of a mainland site, whosever it is"),
        *(Measure(records_measure(kind), "records", f"records whose text shows {shown}")
          for kind, shown in _FILINGS.items()),
        *(Measure(f"{name}_records", "records", f"records with a URL {shown}") for name, shown in _DOMAINS.items()),
    )  # fmt: skip
    finding_schema: ClassVar[pa.Schema | None] = FINDING
    patterns: ClassVar[PatternSet] = TRIGGERS

    def zero(self) -> Tally:
        """No records."""
        return dict.fromkeys(_COUNTED, 0)

    def look(self, batch: pa.RecordBatch) -> Seen:
        """Lines with a trigger are read, and hosts named, once each."""
        text = batch.column("text")
        lines = list(hit_lines(text, scan(text, TRIGGERS)))
        found = [
            Spot(line.row, line.start_byte + hint.start, line.start_byte + hint.end, hint.kind, hint.province)
            for line in lines
            for hint in filings_in(line.value)
        ]
        total = self.zero()
        total["records"] = batch.num_rows
        shows = np.zeros(batch.num_rows, np.bool_)
        shows[[spot.row for spot in found]] = True
        total["filing"] = int(shows.sum())
        for kind in KINDS:
            total[kind] = len({spot.row for spot in found if spot.kind == kind})
        of_row = _domains(batch)
        for place, name in enumerate(_DOMAINS):
            total[name] = int(np.count_nonzero(of_row == place))
        total["hinted"] = int(np.count_nonzero(shows | (of_row == 0)))
        return Seen(total, findings=findings_of(self.name, batch, found))

    def report(self, total: Tally) -> Measures:
        """Counts; the share is None where there are no records."""
        records = total["records"]
        return {
            "records": records, "mainland_hint_records": total["hinted"],
            "mainland_hint_records_ppm": share_ppm(total["hinted"], records),
            "filing_records": total["filing"], **{records_measure(kind): total[kind] for kind in _FILINGS},
            **{f"{name}_records": total[name] for name in _DOMAINS},
        }  # fmt: skip


def _domains(batch: pa.RecordBatch) -> np.ndarray:
    """int64[n]: place in _DOMAINS of each row's domain; -1: none."""
    if batch.column("url").null_count == batch.num_rows:
        return np.full(batch.num_rows, -1, np.int64)
    host = batch_hosts(batch).dictionary_encode()
    of_host = np.array([*map(_domain, host.dictionary.to_pylist()), -1], np.int64)
    return of_host[np.asarray(host.indices.fill_null(len(of_host) - 1), np.int64)]


def _domain(host: str) -> int:
    name = host.strip().strip(".").lower()
    if not name or is_address(name) or "." not in name:
        return -1
    last = name.rpartition(".")[2]
    if not last.isascii():
        try:
            last = last.encode("idna").decode("ascii")
        except UnicodeError:
            return -1
    if last in MAINLAND or last in HK_MO_TW:
        return 0 if last in MAINLAND else 1
    if not last.replace("-", "").isalnum():
        return -1
    return 2 if len(last) == 2 and last.isalpha() else 3
