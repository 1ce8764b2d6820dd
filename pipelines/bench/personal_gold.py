"""Labelled text that others wrote, with a published list of what is corrected in it; read in place and never copied."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

import yaml

from pipelines.bench.inputs import CORPORA
from pipelines.bench.personal_labelled import Gold, Labelled

EVAL: Final = CORPORA.parent / "eval/pii"
_TYPES: Final = {
    "phone": "PHONE_NUMBER", "id_number": "CN_RESIDENT_ID", "bank_card": "BANK_CARD", "credit_card": "BANK_CARD", "ssn": "US_SSN",
    "email": "EMAIL_ADDRESS", "license_plate": "CN_VEHICLE_PLATE", "address": "CN_ADDRESS",
}  # fmt: skip
_PRESIDIO: Final = frozenset(
    ("CREDIT_CARD", "PHONE_NUMBER", "EMAIL_ADDRESS", "IBAN_CODE", "US_SSN", "IP_ADDRESS", "PERSON")
)
_LANGUAGES: Final = ("zh", "en")
_MOBILE: Final = re.compile(r"1[3-9]\d{9}\Z")


def argus(corrected: bool = True) -> Iterator[Labelled]:
    """The argus fixtures in Chinese and English. *corrected*: with the list applied; else the labels as published, and
    undecided records hold no value, so that every finding in them counts as a false alarm.
    """
    folder = EVAL / "argus-fixtures"
    for language in _LANGUAGES:
        for record in _json(folder / f"benchmark_{language}.json"):
            gold = [_gold(language, record["input"], e["type"], e["start"], e["end"]) for e in record["entities"]]
            yield _corrected(Labelled(record["id"], language, record["input"], tuple(gold)), corrected)
    for record in _json(folder / "realistic_scenarios.json"):
        main = _language(record["lang"])
        if main:
            gold = list(_values(record["id"], main, record["input"], record["pii_values"], record["pii_types"]))
            yield _corrected(Labelled(record["id"], main, record["input"], tuple(gold)), corrected)
    for record in _json(folder / "adversarial_tests.json"):
        if record["lang"] in _LANGUAGES:
            gold = [Gold(*place) for place in corrections()["spans"].get(record["id"], ())]
            yield _corrected(Labelled(record["id"], record["lang"], record["input"], tuple(gold)), corrected)


def presidio_research() -> Iterator[Labelled]:
    """Synthetic English sentences with spans; labels that no recognizer here claims are left out."""
    for name in ("synth_dataset_v2", "generated_large"):
        for number, record in enumerate(_json(EVAL / f"presidio-research/{name}.json")):
            gold = [Gold(s["entity_type"], s["start_position"], s["end_position"]) for s in record["spans"]]
            kept = tuple(g for g in gold if g.label in _PRESIDIO)
            yield Labelled(f"{name}/{number}", "en", record["full_text"], kept)


def cluener() -> Iterator[Labelled]:
    """Chinese news with names of persons; ends are inclusive there and half open here."""
    with (EVAL / "cluener/train.json").open(encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            record = json.loads(line)
            places = [place for each in record["label"].get("name", {}).values() for place in each]
            gold = tuple(Gold("PERSON", start, end + 1) for start, end in sorted(places))
            yield Labelled(f"cluener/{number}", "zh", record["text"], gold)


@cache
def corrections() -> Mapping[str, Any]:
    """The published list: `spans` by record, and `corrections`, each with kind, record, places or types, and reason."""
    text = resources.files(__package__).joinpath("personal_gold.yaml").read_text(encoding="utf-8")
    found: Mapping[str, Any] = yaml.safe_load(text)
    return found


def _corrected(each: Labelled, wanted: bool) -> Labelled:
    if not wanted:
        return each
    for change in corrections()["corrections"]:
        if change["record"] != each.key or change["kind"] == "types":
            continue
        places = [Gold(*place) for place in change["places"]]
        if change["kind"] == "unscored":
            each = replace(each, unscored=(*each.unscored, *((p.start, p.end) for p in places)))
        elif change["kind"] == "moved":
            each = replace(each, gold=tuple(places))
        elif change["kind"] == "added":
            each = replace(each, gold=tuple(sorted((*each.gold, *places), key=lambda g: g.start)))
        else:
            each = replace(each, gold=tuple(g for g in each.gold if g not in places))
    return each


def _values(key: str, language: str, text: str, values: list[str], types: list[str]) -> Iterator[Gold]:
    """Every place of every value. Shifted lists of types cannot be scored even as published, so theirs are always put right."""
    given = {c["record"]: c["types"] for c in corrections()["corrections"] if c["kind"] == "types"}
    labels = given.get(key, types)
    for value, label in dict(zip(values, labels, strict=True)).items():
        for place in re.finditer(rf"(?<![0-9A-Za-z]){re.escape(value)}(?![0-9A-Za-z])", text):
            yield _gold(language, text, label, place.start(), place.end())


def _gold(language: str, text: str, label: str, start: int, end: int) -> Gold:
    label = _TYPES.get(label, label)
    mobile = language == "zh" and label == "PHONE_NUMBER" and _MOBILE.match(text[start:end])
    return Gold("CN_MOBILE" if mobile or (language == "zh" and label == "PHONE_NUMBER") else label, start, end)


def _language(lang: str | list[str]) -> str | None:
    named = [lang] if isinstance(lang, str) else lang
    return named[0] if set(named) <= set(_LANGUAGES) else None


def _json(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return found
