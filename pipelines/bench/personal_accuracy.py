"""`bench personal-accuracy`: how much of what is personal is found and how much of what is found is, on labelled text.

The product's check reads each text as a run would, with names looked for in every line (`names: full`) and without a model for
them. Two kinds of text: made ones (`personal_labelled`, written
apart from the recognizers; in the wheel, so they are always there) and sets that others labelled (`../shared/data/eval/pii`,
where present). `zh_ids_*` is the lower of the made texts and the argus fixtures, over structured Chinese identifiers, strict.
A precision of nothing reported is 1, a recall of nothing labelled too: `_values` and `_reported` stand beside them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from checks.personal import Personal
from checks.personal.accuracy import Counts, measured_counts
from checks.personal.names import FULL
from pipelines.bench.figures import Result, result
from pipelines.bench.personal_gold import EVAL, argus, cluener, corrections, presidio_research
from pipelines.bench.personal_labelled import Labelled, generated, values_by_label
from pipelines.bench.personal_scores import Found, Scores, Tally, find, score, total

ZH_IDS: Final = frozenset(
    (
        "CN_RESIDENT_ID",
        "CN_MOBILE",
        "CN_LANDLINE",
        "BANK_CARD",
        "CN_USCC",
        "CN_VEHICLE_PLATE",
        "CN_PASSPORT",
        "CN_HKMO_PERMIT",
        "CN_TAIWAN_PERMIT",
    )
)
QUICK_VALUES: Final = 40
QUICK_RECORDS: Final = 500
Measured = dict[str, tuple[float, str]]


@dataclass
class Judged:
    """What was measured: *scores* by set; *zh_ids* by set, the one of `PUBLISHED` with nothing corrected; *read* in words."""

    scores: dict[str, Scores] = field(default_factory=dict)
    zh_ids: dict[str, Tally] = field(default_factory=dict)
    read: list[str] = field(default_factory=list)


PUBLISHED: Final = "argus_as_published"


def bench(quick: bool = False) -> Result:
    """Measure; *quick*: fewer values and records, for a look and not for a verdict."""
    found = judged(quick)
    measured: Measured = {}
    for name, tally in found.zh_ids.items():
        measured[f"zh_ids_recall_{name}"] = tally.recall, "share"
        measured[f"zh_ids_precision_{name}"] = tally.precision, "share"
        measured[f"zh_ids_values_{name}"] = tally.gold, "values"
    bound = [tally for name, tally in found.zh_ids.items() if name != PUBLISHED]
    measured["zh_ids_recall"] = min(tally.recall for tally in bound), "share"
    measured["zh_ids_precision"] = min(tally.precision for tally in bound), "share"
    if "argus" in found.scores:
        measured["argus_corrections"] = len(corrections()["corrections"]), "records"
    for name, scores in found.scores.items():
        measured |= figures_of(name, scores)
    if not quick:
        measured["differs_from_accuracy_yaml"] = stale(found.scores), "entries"
    return result("personal-accuracy", measured, "; ".join(found.read))


def judged(quick: bool = False) -> Judged:
    """Every set that is here, read and scored."""
    check, told = Personal(names=FULL), Judged()
    made = generated(values_a_type=QUICK_VALUES) if quick else generated()
    values = values_by_label(made)
    told.read.append(
        f"{len(made)} made texts with {sum(values.values())} values, at least {min(values.values())} of each of "
        f"{len(values)} labels, and {sum(each.decoys for each in made)} look-alikes"
    )
    found = find(made, check)
    told.scores["made"], told.zh_ids["made"] = score(made, found, frozenset(values)), zh_ids(made, found)
    if not (EVAL / "argus-fixtures").is_dir():
        told.read.append("../shared/data/eval/pii is not here: made texts alone")
        return told
    fixtures = list(argus())
    found = find(fixtures, check)
    told.scores["argus"] = score(fixtures, found, _labels(fixtures))
    told.zh_ids["argus"] = zh_ids(fixtures, found, "zh")
    told.zh_ids[PUBLISHED] = zh_ids(list(argus(corrected=False)), found, "zh")
    sentences = list(presidio_research())[: QUICK_RECORDS if quick else None]
    told.scores["presidio_research"] = score(sentences, find(sentences, check), _labels(sentences))
    news = list(cluener())[: QUICK_RECORDS if quick else None]
    told.scores["cluener"] = score(news, find(news, check), frozenset(("PERSON",)))
    told.read.append(
        f"{len(fixtures)} argus fixtures, {len(sentences)} sentences of presidio-research, {len(news)} of CLUENER for names"
    )
    return told


def zh_ids(corpus: Sequence[Labelled], found: Sequence[Sequence[Found]], language: str | None = None) -> Tally:
    """Structured Chinese identifiers alone, of texts in *language* or all; a telephone number or card that is none counts too."""
    pairs = [
        (each, hits) for each, hits in zip(corpus, found, strict=True) if language is None or each.language == language
    ]
    labels = ZH_IDS | {"PHONE_NUMBER", "CREDIT_CARD"}
    return total(score([each for each, _ in pairs], [hits for _, hits in pairs], labels))


def figures_of(name: str, scores: Scores) -> Measured:
    """Per label and language: values, findings, and precision, recall and F2, strict and by overlap."""
    measured: Measured = {}
    for (label, language), tally in scores.items():
        stem = f"{name}_{label.lower()}_{language}"
        precision, recall, f2 = tally.by_overlap
        measured |= {
            f"{stem}_values": (tally.gold, "values"), f"{stem}_reported": (tally.reported, "findings"),
            f"{stem}_precision": (tally.precision, "share"), f"{stem}_recall": (tally.recall, "share"), f"{stem}_f2": (tally.f2, "share"),
            f"{stem}_overlap_precision": (precision, "share"), f"{stem}_overlap_recall": (recall, "share"), f"{stem}_overlap_f2": (f2, "share"),
        }  # fmt: skip
    return measured


def as_counts(scores: Scores) -> dict[tuple[str, str], Counts]:
    """(Label, language) -> what accuracy.yaml holds of it."""
    return {
        place: Counts(t.gold, t.found, t.reported, t.right, t.found_by_overlap, t.right_by_overlap)
        for place, t in scores.items()
    }


def stale(scores: dict[str, Scores]) -> int:
    """Entries of the sets read now that accuracy.yaml, which manifests quote, holds otherwise: 0 in a release."""
    quoted = measured_counts()
    return sum(
        quoted.get(label, {}).get(name, {}).get(language) != counts
        for name, each in scores.items()
        for (label, language), counts in as_counts(each).items()
    )


def _labels(corpus: Sequence[Labelled]) -> frozenset[str]:
    return frozenset(g.label for each in corpus for g in each.gold)
