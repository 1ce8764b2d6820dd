"""What of a plan is to be read, and what earlier runs know of the rest."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from checks.base import Check
from checks.duplicates import PARTS, Duplicates
from pipelines.sketched import role_of
from pipelines.unit import Known
from pipelines.works import READING, work_ids


@dataclass(frozen=True)
class Ahead:
    """*read*: units with work to be done; *bytes*: stored bytes of each unit; *records*, *long*: of the units that are
    known already, exactly; *long*: those long enough to be compared; *parts*, *long_parts*: prompts and responses apart.
    """

    units: tuple[Mapping[str, Any], ...]
    read: tuple[Mapping[str, Any], ...]
    records: int
    long: int
    parts: int
    long_parts: int


def ahead_of(
    units: Sequence[Mapping[str, Any]],
    known: Known,
    checks: Sequence[Check],
    registry: Mapping[str, Mapping[str, str]],
) -> Ahead:
    """*units*: plan rows; *known*: work id -> what an earlier run made of it; *registry*: source id -> its values."""
    bands = next((c.bands for c in checks if isinstance(c, Duplicates)), 1)
    read, records = [], 0
    sketched: Counter[str] = Counter()
    for unit in units:
        digests = unit["digests"]
        works = {} if digests is None else work_ids(digests["input"], unit["files"], checks, registry[unit["source"]])
        found = {name: known.get(work) for name, work in works.items()}
        reading = found.get(READING)
        if reading is None or None in found.values():
            read.append(unit)
            continue
        records += sum(rows for rows, _, _ in reading.files)
        if (result := found.get("duplicates")) is not None:
            sketched.update({role: told["rows"] for role, told in result.objects.items()})
    parts = sum(sketched[role_of("folded", part)] for part in PARTS)
    long_parts = sum(sketched[role_of("near", part)] for part in PARTS) // bands
    return Ahead(tuple(units), tuple(read), records, sketched["near"] // bands, parts, long_parts)
