"""Personal information in text and URL: e-mail and IP addresses, cards, telephone numbers, Chinese resident ids."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version as installed
from typing import ClassVar, Final

import numpy as np
import pyarrow as pa

from checks.base import Check, Measure, Measures, Seen, Tally
from checks.personal.addresses import is_numbering, is_private
from checks.personal.entities import IP, NAMES, RESIDENT_ID
from checks.personal.keys import hmac_of
from checks.personal.spot import TRIGGERS, Spotted, spot
from checks.personal.urls import masked, spot_in_urls
from checks.personal.validators import suffix_list_digest
from schemas.finding import PERSONAL_FINDING

_VALIDATED: Final = 1_000_000
_IN_URL: Final = "in-url"

_FINDINGS_OF: Final = {
    "CN_RESIDENT_ID": "Chinese resident id numbers: 18 digits, province, real birth date, check digit mod 11-2",
    "CREDIT_CARD": "card numbers: issuer's digits and length, Luhn",
    "EMAIL_ADDRESS": "e-mail addresses: syntax, public suffix",
    "PHONE_NUMBER": "telephone numbers that the numbering plan of their country has allotted",
    "IP_ADDRESS": "IP addresses in public ranges; private, reserved and version-like ones are not counted here",
}


@dataclass(frozen=True)
class Personal(Check):
    """Find personal values by pattern and validator, without a model; report places and keyed HMACs, never values.

    *key_id*: which loaded key `value_hmac` is made with (`checks.personal.keys`); None: the column is null.
    A finding in `url` has null places and detail ``in-url``.
    """

    name: ClassVar[str] = "personal"
    version: ClassVar[int] = 1
    measures: ClassVar[tuple[Measure, ...]] = (
        Measure(
            "documents_with_personal", "records", "records with at least one finding of any entity, in text or URL"
        ),
        Measure("documents_with_personal_ppm", "ppm", "documents_with_personal by records looked at"),
        Measure(
            "documents_with_validated_id", "records", "records with a resident id number whose check digit is right"
        ),
        *(Measure(f"{name.lower()}_findings", "findings", _FINDINGS_OF[name]) for name in NAMES),
        Measure("validated_findings", "findings", "findings that passed a check digit, a syntax or a numbering plan"),
        Measure("findings_in_urls", "findings", "findings in the record's URL, counted in the entity's findings too"),
        Measure(
            "private_ip_addresses", "findings", "IP addresses in private or reserved ranges: information, no finding"
        ),
        Measure(
            "version_like_addresses",
            "findings",
            "four dotted numbers after a word such as version or section: no finding",
        ),
    )
    tally_bytes: ClassVar[int] = 2048
    finding_schema: ClassVar[pa.Schema | None] = PERSONAL_FINDING
    column_schema: ClassVar[pa.Schema | None] = pa.schema(
        [pa.field("url_masked", pa.string()), pa.field("n_found", pa.uint32(), nullable=False)]
    )

    key_id: str | None = None

    def inputs(self) -> dict[str, str]:
        """Trigger set, and the versions of what recognises and validates."""
        return {
            "triggers": TRIGGERS.digest,
            "presidio-analyzer": installed("presidio-analyzer"),
            "phonenumbers": installed("phonenumbers"),
            "public suffix list": suffix_list_digest(),
            "regex": installed("regex"),
        }

    def zero(self) -> Tally:
        """No records, no findings; every entity is named."""
        none = dict.fromkeys(NAMES, 0)
        return {
            "records": 0, "with_any": 0, "with_validated_id": 0, "in_urls": 0, "private_ips": 0, "version_like": 0,
            "findings": dict(none), "records_with": dict(none), "validated": dict(none),
        }  # fmt: skip

    def look(self, batch: pa.RecordBatch) -> Seen:
        """Findings by row and start (those of the URL last), masked URLs, counts."""
        total = self.zero()
        total["records"] = batch.num_rows
        urls = batch["url"]
        in_text = list(_personal(spot(batch["text"]), total))
        in_url = list(_personal(spot_in_urls(urls), total))
        n_found = np.zeros(batch.num_rows, np.uint32)
        with_entity: set[tuple[int, str]] = set()
        for spotted in (*in_text, *in_url):
            entity = spotted.entity.name
            total["findings"][entity] += 1
            total["validated"][entity] += spotted.score_ppm == _VALIDATED
            with_entity.add((spotted.row, entity))
            n_found[spotted.row] += 1
        for _, entity in with_entity:
            total["records_with"][entity] += 1
        total["with_any"] = int(np.count_nonzero(n_found))
        total["with_validated_id"] = total["records_with"][RESIDENT_ID.name]  # no other id number is found at all
        total["in_urls"] = len(in_url)
        columns = pa.table([masked(urls, in_url), pa.array(n_found, pa.uint32())], schema=self.column_schema)
        return Seen(total, findings=self._findings(batch["row"], in_text, in_url), columns=columns)

    def report(self, total: Tally) -> Measures:
        """Counts as they stand; ppm of no records is None."""
        findings = total["findings"]
        return {
            "documents_with_personal": total["with_any"],
            "documents_with_personal_ppm": total["with_any"] * 1_000_000 // total["records"]
            if total["records"]
            else None,
            "documents_with_validated_id": total["with_validated_id"],
            **{f"{name.lower()}_findings": findings[name] for name in NAMES},
            "validated_findings": sum(total["validated"].values()),
            "findings_in_urls": total["in_urls"],
            "private_ip_addresses": total["private_ips"],
            "version_like_addresses": total["version_like"],
        }

    def _findings(self, rows: pa.Array, in_text: list[Spotted], in_url: list[Spotted]) -> pa.Table:
        found = sorted(
            [(s.row, 0, s) for s in in_text] + [(s.row, 1, s) for s in in_url], key=lambda f: (f[0], f[1], f[2].start)
        )
        numbers = rows.to_numpy(zero_copy_only=False)
        place = {  # null places: the URL is no part of the text
            name: [None if where else getattr(s, name) for _, where, s in found]
            for name in ("start", "end", "start_byte", "end_byte")
        }
        columns = {
            "rule": [f"personal.{s.entity.name}" for *_, s in found],
            "row": [int(numbers[row]) for row, *_ in found],
            **place,
            "score_ppm": [s.score_ppm for *_, s in found],
            "detail": [_IN_URL if where else s.entity.detail for _, where, s in found],
            "entity": [s.entity.name for *_, s in found],
            "value_hmac": [self._hmac(s) for *_, s in found],
            "preview": [None] * len(found),
        }
        return pa.table(columns, schema=PERSONAL_FINDING)

    def _hmac(self, spotted: Spotted) -> bytes | None:
        canonical = spotted.entity.canonical(spotted.value)
        return None if canonical is None else hmac_of(self.key_id, spotted.entity.name, canonical)


def _personal(found: Iterable[Spotted], total: Tally) -> Iterable[Spotted]:
    """*found* without the IP addresses that are nobody's; those are counted in *total*."""
    for spotted in found:
        if spotted.entity is IP:
            if is_numbering(spotted.before):
                total["version_like"] += 1
                continue
            if is_private(IP.canonical(spotted.value) or ""):
                total["private_ips"] += 1
                continue
        yield spotted
