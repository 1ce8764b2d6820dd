"""`bench licence`: how often the check names a licence rightly, how often too kindly, and what it costs.

Labels: Debian's notices by family (versions' -only and -or-later aside) and exactly, as the check decides a record of a source
that declares nothing. Too kindly: a decision that by schemas/licences.yaml grants more than the label on any axis, over the
same notices and over those of `licence_notices`; unknown counts as more than a denial. Cost: the whole check on ordinary pages,
statutes and passages, half English and half Chinese; the trigger scan alone; each notice beside licenseclassifier, and a sample beside ScanCode, in one run.
"""

import json
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any, Final, TypeVar

import pyarrow as pa

from checks.kernels.loading import absence
from checks.licence import Licence
from checks.licence.texts import matches
from checks.licence.uses import more_permissive, resolve
from checks.triggers import scan
from pipelines.bench.figures import Result, result
from pipelines.bench.licence_notices import WIDTHS, notices
from pipelines.bench.licence_scancode import beside_scancode
from pipelines.bench.licence_truth import DEBIAN, Answer, Labelled, answers, batch, corrections, debian, families, ids
from pipelines.bench.personal_inputs import drawn, size_of, texts
from pipelines.bench.used import python, use_of
from schemas.errors import RunError

MB: Final = 1_000_000
LANGUAGES: Final = ("en", "zh")
STAGE_BYTES: Final = 8 * MB
QUICK_BYTES: Final = MB
_ROWS: Final = 2000
Measured = dict[str, tuple[float, str]]
T = TypeVar("T")


def bench(quick: bool = False) -> Result:
    """Measure; *quick*: little text for the speed, one text of each wording. Without ../shared/data no accuracy: `RunError`."""
    if (why := absence()) is not None:
        raise RunError(f"bench licence: the C kernel is not there: {why}")
    if not DEBIAN.is_file():
        raise RunError(f"bench licence: {DEBIAN} is not here; there is nothing to judge by")
    labelled, made = debian(), notices(1 if quick else 2)
    matches("warm up")
    decided, told = answers([each.text for each in labelled]), answers([each.text for each in made])
    kind_debian = too_kind([(a.row, _all(each.truth)) for a, each in zip(decided, labelled, strict=True)])
    kind_made = [too_kind([(a.row, each.truth)]) for a, each in zip(told, made, strict=True)]
    measured: Measured = accuracy(labelled, decided)
    measured |= {
        "licence_restricted_as_permitted": (kind_debian + sum(kind_made), "texts"),
        "licence_restricted_as_permitted_debian": (kind_debian, "texts"),
        "licence_restricted_as_permitted_made": (sum(kind_made), "texts"),
        "licence_made_texts": (len(made), "texts"),
        "licence_made_named": (_share(bool(a.licence) or a.licence_class != "unknown" for a in told), "share"),
        "licence_truth_corrections": (len(corrections()), "labels"),
    }
    missed = Counter(f"{each.kind} {each.place}" for each, n in zip(made, kind_made, strict=True) if n)
    measured |= {
        f"made_missed_{key.replace(' ', '_').replace('-', '_').lower()}": (n, "texts")
        for key, n in sorted(missed.items())
    }
    published = answers_as_published(decided)
    measured |= published | broken_to_fit()
    measured |= speed(quick) | beside_peer(labelled) | index_cost(labelled)
    theirs, of_what = beside_scancode(labelled, quick, _least)
    return result(
        "licence", measured | theirs,
        f"{len(labelled)} Debian notices, {len(made)} made ones; {of_what}; speed on the texts of `bench personal`, {'1' if quick else '8'} MB of each language",
    )  # fmt: skip


def accuracy(labelled: Sequence[Labelled], decided: Sequence[Answer]) -> Measured:
    """Shares of texts whose decided ids are those of the label: exactly, and by family; and what the text index alone would say."""
    pairs = list(zip([ids(a.licence) for a in decided], [each.truth for each in labelled], strict=True))
    alone = [frozenset().union(*(ids(m.licence) for m in matches(each.text))) for each in labelled]
    return {
        "licence_family_accuracy": (_share(families(a) == families(b) for a, b in pairs), "share"),
        "licence_exact_accuracy": (_share(a == b for a, b in pairs), "share"),
        "licence_index_family_accuracy": (_share(families(a) == families(each.truth) for a, each in zip(alone, labelled, strict=True)), "share"),
        "licence_undecided": (_share(not a for a, _ in pairs), "share"),
    }  # fmt: skip


def answers_as_published(decided: Sequence[Answer]) -> Measured:
    """The two figures that the corrected labels touch, with the labels as they were published."""
    labelled = debian(corrected=False)
    pairs = [(families(ids(a.licence)), families(each.truth)) for a, each in zip(decided, labelled, strict=True)]
    kind = too_kind([(a.row, _all(each.truth)) for a, each in zip(decided, labelled, strict=True)])
    return {
        "licence_family_accuracy_as_published": (_share(a == b for a, b in pairs), "share"),
        "licence_restricted_as_permitted_as_published": (kind, "texts"),
    }


def broken_to_fit() -> Measured:
    """Of the made notices, broken to fit 24, 32 and 40 columns, those that are read too kindly."""
    made = [each for width in WIDTHS for each in notices(1, width=width)]
    told = answers([each.text for each in made])
    missed = too_kind([(a.row, each.truth) for a, each in zip(told, made, strict=True)])
    return {"licence_broken_texts": (len(made), "texts"), "licence_broken_as_permitted": (missed, "texts")}


def too_kind(pairs: Sequence[tuple[str, str]]) -> int:
    """Of (answer, truth), those whose answer grants more on any axis."""
    return sum(bool(more_permissive(resolve(answer), resolve(truth))) for answer, truth in pairs)


def speed(quick: bool) -> Measured:
    """MB a CPU second of the whole check and of its trigger scan alone, over ordinary text, and of each language."""
    check, size = Licence(), QUICK_BYTES if quick else STAGE_BYTES
    measured: Measured = {}
    looked_s = scanned_s = total = 0.0
    for language in LANGUAGES:
        some = drawn(texts(language, size).all, size)
        batches = [batch(some[at : at + _ROWS]) for at in range(0, len(some), _ROWS)]
        looked = _least(lambda batches=batches: [check.look(each) for each in batches])  # type: ignore[misc]
        scanned = _least(lambda batches=batches: [_scanned(check, each["text"]) for each in batches])  # type: ignore[misc]
        mb = sum(map(size_of, some)) / MB
        measured[f"licence_stage_mb_s_{language}"] = mb / looked, "MB/CPU-s"
        looked_s, scanned_s, total = looked_s + looked, scanned_s + scanned, total + mb
    return measured | {
        "licence_stage_mb_s": (total / looked_s, "MB/CPU-s"), "licence_trigger_mb_s": (total / scanned_s, "MB/CPU-s"),
    }  # fmt: skip


def beside_peer(labelled: Sequence[Labelled]) -> Measured:
    """CPU milliseconds a notice, ours in one batch and by the index alone; licenseclassifier's, and its accuracy, where it is installed."""
    every = [each.text for each in labelled]
    measured: Measured = {
        "licence_ms_a_file": (_least(lambda: answers(every)) / len(every) * 1000, "ms"),
        "licence_index_ms_a_file": (_least(lambda: [matches(text) for text in every]) / len(every) * 1000, "ms"),
    }
    if find_spec("licenseclassifier") is None:
        return measured
    from licenseclassifier import identify_license

    identify_license("warm up")
    found: list[frozenset[str]] = []

    def theirs() -> None:
        found[:] = [frozenset(each.id for each in identify_license(text, coverage_threshold=0)) for text in every]

    measured["licenseclassifier_ms_a_file"] = _least(theirs) / len(every) * 1000, "ms"
    right = (families(a) == families(each.truth) for a, each in zip(found, labelled, strict=True))
    measured["licenseclassifier_family_accuracy"] = _share(right), "share"
    return measured


def index_cost(labelled: Sequence[Labelled]) -> Measured:
    """Seconds until a new process has the index, where it lies in the cache already and where it must be made; memory added."""
    with tempfile.TemporaryDirectory(prefix="corpusledger-bench-") as cache:
        first = _in_new_process(cache, labelled[0].text)
        told = [_in_new_process(cache, labelled[0].text) for _ in range(3)]
    return {
        "licence_index_ready_s": (min(each["ready_s"] for each in told), "s"),
        "licence_index_peak_mb": (max(each["added_mb"] for each in told), "MB"),
        "licence_index_made_cpu_s": (first["ready_cpu_s"], "s"),
        "licence_index_made_peak_mb": (first["added_mb"], "MB"),
    }


def _in_new_process(cache: str, text: str) -> dict[str, Any]:
    used = use_of(["env", f"XDG_CACHE_HOME={cache}", *python("pipelines.bench.licence_index", text)])
    told: dict[str, Any] = json.loads(used.output.strip().splitlines()[-1])
    return told


def _scanned(check: Licence, text: pa.Array) -> int:
    return sum(len(scan(text, patterns).row) for patterns in check.triggers)


def _all(truth: frozenset[str]) -> str:
    return " AND ".join(sorted(truth))


def _share(right: Any) -> float:
    listed = list(right)
    return sum(map(bool, listed)) / len(listed)


def _least(work: Callable[[], T]) -> float:
    """The least CPU seconds of three tries: what the work takes when little else disturbs the caches."""
    tries = []
    for _ in range(3):
        began = time.process_time()
        work()
        tries.append(time.process_time() - began)
    return min(tries)
