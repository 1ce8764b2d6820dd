"""Personal information in text and URL, Chinese and international: found by pattern and validator, counted, never stored."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final

import numpy as np
import pyarrow as pa

from checks.base import Check, Measure, Measures, Seen, Tally
from checks.loaded import installed
from checks.personal.addresses import is_numbering, is_private
from checks.personal.entities import ENTITIES, IP, NAMES, RESIDENT_ID, Catalogue, catalogue_of, with_cues
from checks.personal.estimate import share_interval_ppm
from checks.personal.keys import hmac_of
from checks.personal.masks import masked_value
from checks.personal.names import CUED, CUES, MODES, OFF, people
from checks.personal.names_words import words_digest
from checks.personal.pack import SURE
from checks.personal.sensitivity import PACK, is_child, profiles_digest, read_profiles, sensitive
from checks.personal.shared import keep_findings
from checks.personal.spot import Spotted, spot
from checks.personal.tables import SCHEMAS, tables_of
from checks.personal.urls import masked, spot_in_urls
from checks.personal.validators import suffix_list_digest
from checks.triggers import Line, PatternSet
from schemas.finding import PERSONAL_FINDING
from schemas.shares import share_ppm
from schemas.yaml_shape import Bounds, Choice, Text

_IN_URL: Final = "in-url"
_FINDINGS_OF: Final = {e.name: e.title.en for e in reversed(ENTITIES) if e.title}
_OF_NAMES: Final = (
    "person_findings", "documents_with_person", "person_lines_read", "person_sampled_records", "person_estimated_ppm",
    "person_estimated_low_ppm", "person_estimated_high_ppm",
)  # fmt: skip
PROFILES: Final = read_profiles(PACK.read_bytes(), str(PACK), NAMES).texts


def _measure_of(profile: str) -> str:
    return f"sensitive_{profile.replace('-', '_')}_findings"


@dataclass(frozen=True)
class Personal(Check):
    """Find personal values by pattern and validator, without a model; report places and keyed HMACs, never values.

    *key_id*: which loaded key `value_hmac` and the table of authors are made with (`checks.personal.keys`); None: the column
    is null, and there is no such table.
    *recognizers*: YAML files that declare entities of the customer's own; a run holds their content, as canonical JSON.
    *preview*: put a masked form, such as 138****5678, beside each finding. *as_of*: the date on which a bearer of a resident
    id is under 14, YYYY-MM-DD; None: ages are not counted. *verify_ppm*: the share of records on which plain Presidio must
    find the same, else the run fails. A finding in `url` has null places and detail ``in-url``.

    *names*: where names of persons are looked for in the text: ``cued``, in lines with another finding or a word that
    announces a name; ``full``, in all; ``off``. *names_sample_ppm*: the share of records of whose first 64 KiB the share with
    a name is estimated. *names_model*: ``rampart``, or a folder with model.onnx, tokenizer.json and labels.json, whose names
    join those of the rules. Names take no part in `verify`, nor in the counts of documents with personal information.
    """

    name: ClassVar[str] = "personal"
    version: ClassVar[int] = 3
    measures: ClassVar[tuple[Measure, ...]] = (
        Measure(
            "documents_with_personal", "records", "records with at least one finding of any entity but names, in text or URL"
        ),
        Measure("documents_with_personal_ppm", "ppm", "documents_with_personal by records looked at"),
        Measure(
            "documents_with_validated_id", "records", "records with a resident id number whose check digit is right"
        ),
        *(Measure(f"{name.lower()}_findings", "findings", _FINDINGS_OF[name]) for name in NAMES),
        Measure("own_findings", "findings", "findings of entities that the customer's own recognizers declare"),
        *(
            Measure(
                _measure_of(p.id), "findings",
                f"findings of entities that {p.title.en} counts as sensitive; how well that text is known: {p.mark}",
            )
            for p in PROFILES
        ),
        Measure(
            "under_14_records", "records",
            "records with the valid resident id number of somebody under 14 on the given date; unknown without one",
        ),
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
        Measure("verified_records", "records", "records on which plain Presidio found the same"),
        Measure(
            "person_findings", "findings", "names of persons in the lines that were read for them, person_lines_read; in no other count"
        ),
        Measure("documents_with_person", "records", "records with a name in the lines that were read for them"),
        Measure(
            "person_lines_read", "lines",
            "lines read for names, or 64 bytes to either side in long ones: those with another finding or a word that announces a name; all with names: full",
        ),
        Measure(
            "person_sampled_records", "records",
            "records drawn by keyed hash of their text, whose first 64 KiB were read for names; all with names: full",
        ),
        Measure("person_estimated_ppm", "ppm", "share of person_sampled_records with a name, as found: not corrected by precision and recall"),
        Measure("person_estimated_low_ppm", "ppm", "lower end of its interval (Wilson, 2.5 standard errors)"),
        Measure("person_estimated_high_ppm", "ppm", "upper end of its interval (Wilson, 2.5 standard errors)"),
    )  # fmt: skip
    tally_bytes: ClassVar[int] = 16_384
    finding_schema: ClassVar[pa.Schema | None] = PERSONAL_FINDING
    column_schema: ClassVar[pa.Schema | None] = pa.schema(
        [pa.field("url_masked", pa.string()), pa.field("n_found", pa.uint32(), nullable=False)]
    )
    table_schemas: ClassVar[Mapping[str, pa.Schema]] = SCHEMAS

    key_id: str | None = None
    recognizers: tuple[str, ...] = ()
    preview: bool = False
    as_of: str | None = None
    verify_ppm: Annotated[int, Bounds(0, 1_000_000)] = 0
    names: Annotated[str, Choice(MODES)] = CUED
    names_sample_ppm: Annotated[int, Bounds(0, 1_000_000)] = 200
    names_model: Text | None = None

    def __post_init__(self) -> None:
        """Refuse a date that is none."""
        if self.as_of is not None:
            try:
                dt.date.fromisoformat(self.as_of)
            except ValueError:
                msg = f"as_of is a date such as 2026-11-22, got {self.as_of!r}"
                raise ValueError(msg) from None

    @property
    def catalogue(self) -> Catalogue:
        """The entities that it looks for. ``ConfigError`` where `recognizers` break a rule."""
        found = catalogue_of(self.recognizers)
        return with_cues(found, CUES) if self.names == CUED else found

    @property
    def triggers(self) -> tuple[PatternSet, ...]:
        """Those of its catalogue."""
        return (self.catalogue.triggers,)

    def inputs(self) -> dict[str, str]:
        """What is sought, and the versions of what recognises and validates."""
        told = {
            "recognizers": self.catalogue.digest,
            "sensitivity profiles": profiles_digest(),
            "presidio-analyzer": installed("presidio-analyzer"),
            "phonenumbers": installed("phonenumbers"),
            "public suffix list": suffix_list_digest(),
            "regex": installed("regex"),
        }
        if self.names != OFF:
            told["names"] = words_digest()
            if self.names_model is not None:
                from checks.personal.names_model import model_digest

                told["names model"] = model_digest(self.names_model)
        return told

    def zero(self) -> Tally:
        """No records, no findings; every entity is named."""
        none = dict.fromkeys(self.catalogue.names, 0)
        return {
            "records": 0, "with_any": 0, "with_validated_id": 0, "in_urls": 0, "private_ips": 0, "version_like": 0,
            "under_14": 0, "verified": 0, "findings": dict(none), "records_with": dict(none), "validated": dict(none),
            "people": dict.fromkeys(("findings", "records_with", "lines", "sampled", "sampled_with"), 0),
        }  # fmt: skip

    def look(self, batch: pa.RecordBatch) -> Seen:
        """Findings by row and start (those of the URL last), masked URLs, counts.

        ``LedgerError`` where plain Presidio finds anything else in a record that `verify_ppm` chose.
        """
        total = self.zero()
        total["records"] = batch.num_rows
        urls = batch["url"]
        if self.verify_ppm:
            from checks.personal.plain import verify

            total["verified"] = verify(batch["text"].to_pylist(), self.verify_ppm, self.key_id, self.catalogue)
        cued: list[Line] = []
        in_text = list(_personal(spot(batch["text"], catalogue=self.catalogue, cued=cued), total))
        in_url = list(_personal(spot_in_urls(urls, self.catalogue), total))
        n_found = np.zeros(batch.num_rows, np.uint32)
        with_entity: set[tuple[int, str]] = set()
        with_id: set[int] = set()
        children: set[int] = set()
        on = None if self.as_of is None else dt.date.fromisoformat(self.as_of)
        for spotted in (*in_text, *in_url):
            entity = spotted.entity.name
            total["findings"][entity] += 1
            total["validated"][entity] += spotted.score_ppm == SURE
            with_entity.add((spotted.row, entity))
            n_found[spotted.row] += 1
            if spotted.entity is RESIDENT_ID:
                with_id.add(spotted.row)
                if on is not None and is_child(spotted.value, on):
                    children.add(spotted.row)
        for _, entity in with_entity:
            total["records_with"][entity] += 1
        total["with_any"] = int(np.count_nonzero(n_found))
        total["with_validated_id"] = len(with_id)
        total["under_14"] = len(children)
        total["in_urls"] = len(in_url)
        named = people(batch["text"], in_text, cued, self.names, self.names_sample_ppm, self.key_id, self.names_model)
        total["people"] = {
            "findings": len(named.found), "records_with": len({s.row for s in named.found}), "lines": named.lines,
            "sampled": named.sampled, "sampled_with": named.sampled_with,
        }  # fmt: skip
        shown = masked(urls, in_url)
        columns = pa.table([shown, pa.array(n_found, pa.uint32())], schema=self.column_schema)
        findings = self._findings(batch["row"], in_text + named.found, in_url)
        keep_findings(self, batch, findings)
        return Seen(total, findings=findings, columns=columns, tables=tables_of(batch, shown, self.key_id))

    def report(self, total: Tally) -> Measures:
        """Counts as they stand; ppm of no records is None, and so are ages without a date."""
        findings, records = total["findings"], total["records"]
        return {
            "documents_with_personal": total["with_any"],
            "documents_with_personal_ppm": share_ppm(total["with_any"], records),
            "documents_with_validated_id": total["with_validated_id"],
            **{f"{name.lower()}_findings": findings[name] for name in NAMES},
            "own_findings": sum(count for name, count in findings.items() if name not in NAMES),
            **{_measure_of(p.id): sensitive(p, findings) for p in PROFILES},
            "under_14_records": None if self.as_of is None else total["under_14"],
            "validated_findings": sum(total["validated"].values()),
            "findings_in_urls": total["in_urls"],
            "private_ip_addresses": total["private_ips"],
            "version_like_addresses": total["version_like"],
            "verified_records": total["verified"],
            **(dict.fromkeys(_OF_NAMES) if self.names == OFF else _measures_of_names(total["people"])),
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
            "preview": [masked_value(s.entity.name, s.value) if self.preview else None for *_, s in found],
        }
        return pa.table(columns, schema=PERSONAL_FINDING)

    def _hmac(self, spotted: Spotted) -> bytes | None:
        canonical = spotted.entity.canonical(spotted.value)
        return None if canonical is None else hmac_of(self.key_id, spotted.entity.name, canonical)


def _measures_of_names(seen: Tally) -> Measures:
    sampled, with_name = seen["sampled"], seen["sampled_with"]
    low, high = share_interval_ppm(with_name, sampled)
    share = share_ppm(with_name, sampled)
    told = (
        seen["findings"],
        seen["records_with"],
        seen["lines"],
        sampled,
        share,
        *((low, high) if sampled else (None, None)),
    )
    return dict(zip(_OF_NAMES, told, strict=True))


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
